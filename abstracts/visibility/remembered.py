"""Lawful instances by primary key, from SQL that is put together once for each role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from .law import Level, Role, Viewer
from .prepared import SOME_INSTANT, PreparedQuery
from .queries import as_lawful, guarded_beyond, shown_name


class LawfulRows:
    """What `model.objects.visible_to(viewer, at, least).filter(pk__in=keys).select_related(related)` gives.

    `by`: another unique column that the keys are of, which `least` has to cover.

    The manager writes the SQL, so it is the same law; the instant and the keys are what goes into it anew.
    """

    def __init__(self, model: Any, related: str, least: Level, by: str = "pk"):
        self.model, self.related, self.least, self.by = model, related, least, by
        self.other = model._meta.get_field(related).related_model
        self.guarded = list(guarded_beyond(model, least))
        self.own = [f.attname for f in model._meta.concrete_fields if f.name not in self.guarded]
        self.others = [f.attname for f in self.other._meta.concrete_fields]
        self._asked: dict[Role, PreparedQuery] = {}

    def __call__(self, keys: Sequence[Any], viewer: Viewer, at: dt.datetime) -> Iterator[Any]:
        """The instances, in no order."""
        asked = self._asked.get(viewer.role) or self._asked.setdefault(viewer.role, self._prepared(viewer))
        related: dict[Any, Any] = {}
        for row in asked.rows(list(keys), at):
            yield self._instance(row, related)

    def _prepared(self, viewer: Viewer) -> PreparedQuery:
        columns = [*self.own, *(f"{self.related}__{name}" for name in self.others)]
        columns += ["level", "public_level", *map(shown_name, self.guarded)]

        def shape(keys: list[int]) -> Any:
            rows = self.model.objects.visible_to(viewer, SOME_INSTANT, self.least)
            return rows.filter(**{f"{self.by}__in": keys}).order_by().values_list(*columns)

        return PreparedQuery(self.model, shape)

    def _instance(self, row: Sequence[Any], related: dict[Any, Any]) -> Any:
        own, others = len(self.own), len(self.own) + len(self.others)
        instance = self.model.from_db("default", self.own, row[:own])
        key = row[own]
        if key not in related:
            related[key] = self.other.from_db("default", self.others, row[own:others])
        setattr(instance, self.related, related[key])
        level, public_level, *shown = row[others:]
        values = dict(zip(self.guarded, shown, strict=True))
        return as_lawful(instance, level=level, public_level=public_level, **values)
