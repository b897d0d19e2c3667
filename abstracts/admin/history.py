"""The history page: former states of a row, the log, and the changes of rows that belong to it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist

MOST = 200


@dataclass
class Change:
    """A change of a row that belongs to another, with (field, old value, new value) of each field that changed."""

    record: Any
    kind: str
    deltas: list[tuple[str, Any, Any]]

    @property
    def name(self) -> str:
        """The row's; its key if the name comes from a row that is gone, as a presentation's from its session."""
        try:
            return str(self.record.history_object)
        except ObjectDoesNotExist:
            return f"id {self.record.id}"


def log_of(row) -> list[LogEntry]:
    """The newest log entries about `row`."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
    return list(entries.select_related("user").order_by("-pk")[:MOST])


def changes_within(pk: int, models: list, owner: str = "abstract_id") -> list[Change]:
    """The newest changes of rows of `models` that belong, or belonged, to the row `pk`. One query for each model.

    `owner`: the column of `models` that says to which.
    """
    changes = [change for model in models for change in _changes(model, {owner: pk})]
    changes.sort(key=lambda change: change.record.history_date, reverse=True)
    return changes[:MOST]


def _changes(model, of_owner: dict[str, int]) -> list[Change]:
    records = model.history.unfiltered.filter(**of_owner).select_related("history_user").order_by("id", "history_id")
    changes, kind = [], model._meta.verbose_name
    for former, record in pairwise([None, *records]):
        is_same_row = former is not None and former.id == record.id and record.history_type == "~"
        changes.append(Change(record, kind, _deltas(former, record, model) if is_same_row else []))
    return [change for change in changes if change.deltas or _is_by_user(change.record)]


def _is_by_user(record) -> bool:
    """Whether the record is a deletion, or a user created the row (imports create rows without one)."""
    return record.history_type == "-" or (record.history_type == "+" and record.history_user is not None)


def _deltas(former, record, model) -> list[tuple[str, Any, Any]]:
    fields = [field for field in model._meta.concrete_fields if field.editable]
    pairs = [(field.verbose_name, getattr(former, field.attname), getattr(record, field.attname)) for field in fields]
    return [(name, old, new) for name, old, new in pairs if old != new]
