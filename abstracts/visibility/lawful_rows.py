"""Instances by primary key through the law, from SQL that is compiled once for viewers who see the same."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from typing import Any

from .law import Level, Viewer
from .prepared import SCOPES, SOME_INSTANT, PreparedQuery
from .queries import guarded_beyond, mark_lawful, shown_name


class LawfulRows:
    """The rows of `model.objects.visible_to(viewer, at, least).filter(pk__in=keys).select_related(related)`.

    `by`: another unique column to take keys of; `least` has to cover it. The manager writes the SQL, so it is the same
    law; only the instant and the keys change from run to run.
    """

    def __init__(self, model: Any, related: str, least: Level, by: str = "pk"):
        self.model, self.related, self.least, self.by = model, related, least, by
        self.related_model = model._meta.get_field(related).related_model
        self.guarded = list(guarded_beyond(model, least))
        self.columns = [f.attname for f in model._meta.concrete_fields if f.name not in self.guarded]
        self.related_columns = [f.attname for f in self.related_model._meta.concrete_fields]
        self._query_of = functools.lru_cache(maxsize=SCOPES)(self._prepare)

    def __call__(self, keys: Sequence[Any], viewer: Viewer, at: dt.datetime) -> Iterator[Any]:
        """The instances, in no order."""
        related: dict[Any, Any] = {}
        for row in self._query_of(viewer.scope).rows(list(keys), at):
            yield self._instance(row, related)

    def _prepare(self, scope: Viewer) -> PreparedQuery:
        columns = [*self.columns, *(f"{self.related}__{name}" for name in self.related_columns)]
        columns += ["level", "public_level", *map(shown_name, self.guarded)]

        def build(keys: list[int]) -> Any:
            rows = self.model.objects.visible_to(scope, SOME_INSTANT, self.least)
            return rows.filter(**{f"{self.by}__in": keys}).order_by().values_list(*columns)

        return PreparedQuery(self.model, build)

    def _instance(self, row: Sequence[Any], related: dict[Any, Any]) -> Any:
        middle, end = len(self.columns), len(self.columns) + len(self.related_columns)
        instance = self.model.from_db("default", self.columns, row[:middle])
        key = row[middle]
        if key not in related:
            related[key] = self.related_model.from_db("default", self.related_columns, row[middle:end])
        setattr(instance, self.related, related[key])
        level, public_level, *shown = row[end:]
        values = dict(zip(self.guarded, shown, strict=True))
        return mark_lawful(instance, level=level, public_level=public_level, **values)
