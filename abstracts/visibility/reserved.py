"""Managers of the tables around abstracts, which let nothing through that leads to what the law guards.

- `OpenManager`: rows that are public, or that code selects by their owner (meetings, sessions, lists of favorites). It
  refuses every relation that leads into guarded tables: filters, orders and counts disclose as much as values.
- `EntryManager`: entries of the indexes. They exist for those who may see one of their links to abstracts.

Rows that are never shown, such as imported sources and former states, have a `HiddenManager` (see `queries`).

The loud manager of each is `unfiltered`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.constants import LOOKUP_SEP

from .law import Viewer
from .marks import MarkedQuery
from .queries import LawfulQuerySet, RefusingManager, Unreadable, hops


def is_guarded(model: Any) -> bool:
    """Whether the law guards the rows of `model`."""
    return isinstance(getattr(model, "objects", None), RefusingManager)


class OpenQuery(MarkedQuery):
    """The SQL of a table that is not guarded. It refuses names that lead into guarded tables."""

    def names_to_path(self, names, opts, *args, **kwargs):
        if opts is not None:
            written = self.written_out(names)
            for place, (_, field) in enumerate(hops(opts.model, written), 1):
                if is_guarded(field.related_model) and not _is_own_column(field, written[place:]):
                    raise _refusal(LOOKUP_SEP.join(names))
        return super().names_to_path(names, opts, *args, **kwargs)

    def add_select_related(self, fields):
        for path in fields:
            if any(is_guarded(field.related_model) for _, field in hops(self.model, path.split(LOOKUP_SEP))):
                raise _refusal(path)
        super().add_select_related(fields)

    def add_extra(self, *args, **kwargs):
        raise Unreadable("extra() can name any table: use .unfiltered")


def _is_own_column(field: Any, following: list[str]) -> bool:
    """Whether the names `following` a foreign key say no more than which row it names: its key, or a lookup (`in`)."""
    if not field.concrete or not following or following[0] == "pk":
        return field.concrete
    try:
        return field.related_model._meta.get_field(following[0]).primary_key
    except FieldDoesNotExist:
        return True


def _refusal(path: str) -> Unreadable:
    return Unreadable(f"{path!r} leads to what the law guards: begin there with visible_to(), or use .unfiltered")


class OpenManager(models.Manager):
    """The manager of rows that are not guarded."""

    def get_queryset(self):
        return self._queryset_class(self.model, query=OpenQuery(self.model), using=self._db, hints=self._hints)

    def raw(self, *args, **kwargs):
        raise Unreadable("raw() can name any table: use .unfiltered")


class EntryManager(RefusingManager):
    """The manager of an index's entries, or of their other names: it has `visible_to` and nothing else.

    `links`: the model whose rows connect entries, by its foreign key `entry`, with abstracts. `key`: the column of this
    model that says which entry.
    """

    def __init__(self, links: str, entry: str, key: str = "pk"):
        super().__init__()
        self.links, self.entry, self.key = links, entry, key

    def visible_to(self, viewer: Viewer, at: dt.datetime) -> LawfulQuerySet:
        """The rows that exist for `viewer` at `at`: those of entries with a link that the viewer may see."""
        links = apps.get_model(self.model._meta.app_label, self.links).objects.visible_to(viewer, at)
        rows: LawfulQuerySet = LawfulQuerySet(self.model, query=OpenQuery(self.model), using=self._db)
        rows = rows.filter(Exists(links.filter(**{self.entry: OuterRef(self.key)})))
        rows.query.law_word = viewer.role.value
        return rows
