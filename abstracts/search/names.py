"""Names of the index entries and meetings whose keys the index gave, which counted only what the viewer may see."""

from collections.abc import Sequence

from django.db.models import Manager

from ..models import Keyword, Meeting, Person
from ..visibility.prepared import PreparedQuery


def _named(rows: Manager) -> PreparedQuery:
    return PreparedQuery(rows.model, lambda keys: rows.filter(pk__in=keys).order_by().values_list("pk", "name", "slug"))


_NAMED = {
    "meeting": _named(Meeting.objects),
    "keyword": _named(Keyword.unfiltered),
    "person": _named(Person.unfiltered),
}


def names_and_slugs(kind: str, pks: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The name and slug of each of `pks` that exists, in one query. `kind`: "meeting", "keyword" or "person"."""
    return {pk: (name, slug) for pk, name, slug in _NAMED[kind].rows(pks)}
