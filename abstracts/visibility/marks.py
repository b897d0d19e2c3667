"""The law's mark: a comment in every SELECT that passed the law, so that its SQL can be told from all other.

The tests look for it in every statement of a page (`tests/marks.py`). Databases ignore it.
"""

import functools
from typing import Any

from django.db.models.constants import LOOKUP_SEP
from django.db.models.sql import Query

from .law import Level

# Rows that belong to abstracts whose level SQL computed before (`LawfulManager.of`).
BELONGING = "belonging"


def mark_of(word: str) -> str:
    """The mark of a SELECT: `word` is the viewer's role, or BELONGING."""
    return f"/* law: {word} */"


class MarkedQuery(Query):
    """A query that compiles with the law's mark in it, once it has passed the law."""

    # The role of the viewer, or BELONGING; "" while the law's own conditions are being added.
    law_word = ""
    # The lowest level of any row; None if rows have no level.
    law_least: Level | None = None
    _filtered_relations: dict[str, Any]

    def written_out(self, names: list[str]) -> list[str]:
        """`names` with the path of a FilteredRelation in place of its name."""
        relation = self._filtered_relations.get(names[0])
        return [*relation.relation_name.split(LOOKUP_SEP), *names[1:]] if relation else list(names)

    def get_compiler(self, using=None, connection=None, elide_empty=True):
        compiler = super().get_compiler(using, connection, elide_empty)
        if self.law_word:
            compiler.__class__ = _marking(type(compiler))
        return compiler


@functools.cache
def _marking(compiler_class: Any) -> Any:
    class MarkingCompiler(compiler_class):
        def as_sql(self, *args, **kwargs):
            sql, params = super().as_sql(*args, **kwargs)
            select, rest = sql.split(" ", 1)
            return f"{select} {mark_of(self.query.law_word)} {rest}", params

    return MarkingCompiler
