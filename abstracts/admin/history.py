"""Who changed what and when, on one page: the row's own states, the log, and what belongs to the row."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

MOST = 200


@dataclass
class Change:
    """One former state of a row that belongs to another, and how it differed from the one before."""

    record: Any
    kind: str
    deltas: list[tuple[str, Any, Any]]


def log_of(row) -> list[LogEntry]:
    """The newest log entries about `row`."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
    return list(about.select_related("user").order_by("-pk")[:MOST])


def changes_within(abstract_pk: int, models: list) -> list[Change]:
    """The newest changes of the rows of `models` that belong, or belonged, to the abstract. A query a model."""
    found = [change for model in models for change in _changes(model, abstract_pk)]
    found.sort(key=lambda change: change.record.history_date, reverse=True)
    return found[:MOST]


def _changes(model, abstract_pk: int) -> list[Change]:
    records = model.history.filter(abstract_id=abstract_pk).select_related("history_user").order_by("id", "history_id")
    found, kind = [], model._meta.verbose_name
    for former, record in pairwise([None, *records]):
        same = former is not None and former.id == record.id and record.history_type == "~"
        found.append(Change(record, kind, _deltas(former, record, model) if same else []))
    return [change for change in found if change.deltas or _tells(change.record)]


def _tells(record) -> bool:
    """A change that changed nothing to be seen says nothing, nor does what no user created."""
    return record.history_type == "-" or (record.history_type == "+" and record.history_user is not None)


def _deltas(former, record, model) -> list[tuple[str, Any, Any]]:
    fields = [field for field in model._meta.concrete_fields if field.editable]
    pairs = [(field.verbose_name, getattr(former, field.attname), getattr(record, field.attname)) for field in fields]
    return [(name, old, new) for name, old, new in pairs if old != new]
