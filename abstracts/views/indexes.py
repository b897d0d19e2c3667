"""What the keyword index and the author index have in common."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from .. import reading
from ..models import Abstract, AbstractKeyword, AuthorLine, Keyword, KeywordSynonym, Person, PersonName
from ..reading.ordering import NEWEST_FIRST
from ..visibility import ArchiveRequest, LawfulQuerySet, Level, Viewer
from .listing import by_meeting
from .paging import paginate


@dataclass(frozen=True)
class IndexLine:
    """A line of an index. `count` is the number of abstracts that the viewer may see."""

    name: str
    slug: str
    count: int


@dataclass(frozen=True)
class Index:
    """An index of keywords or persons, its entries.

    Rows of `links` connect an entry, by the foreign key `field`, with abstracts. An entry exists for a viewer where
    the viewer may see one of its links. Rows of `former` have addresses that lead to an entry.
    """

    entries: Any
    links: Any
    former: Any
    field: str
    label: str
    count: Count

    def visible(self, viewer: Viewer, at: dt.datetime) -> QuerySet:
        """The entries that exist for `viewer`."""
        return self.entries.objects.visible_to(viewer, at)

    def links_of(self, entry: Any, request: ArchiveRequest) -> LawfulQuerySet:
        """The links of `entry` that the viewer of `request` may see."""
        return self.links.objects.visible_to(request.viewer, request.at).filter(**{self.field: entry})

    def lines(self, entries: Iterable[Any], request: ArchiveRequest) -> list[IndexLine]:
        """A line for each of `entries`, with its count, in one query."""
        entries = list(entries)
        links = self.links.objects.visible_to(request.viewer, request.at)
        links = links.filter(**{f"{self.field}__in": [entry.pk for entry in entries]}).order_by()
        counts = dict(links.values_list(self.field).annotate(n=self.count))
        return [IndexLine(getattr(entry, self.label), entry.slug, counts.get(entry.pk, 0)) for entry in entries]

    def entry(self, request: ArchiveRequest, slug: str) -> Any | None:
        """The entry whose address is `slug` now; None where there is none for this viewer."""
        return self.visible(request.viewer, request.at).filter(slug=slug).first()

    def entry_of_former_slug(self, request: ArchiveRequest, slug: str) -> Any:
        """The entry that `slug` leads to. Raises Http404 where there is none for this viewer."""
        former = get_object_or_404(self.former.objects.visible_to(request.viewer, request.at), slug=slug)
        entry = self.visible(request.viewer, request.at).filter(pk=getattr(former, f"{self.field}_id")).first()
        if not entry:
            raise Http404
        return entry

    def abstracts_context(self, request: ArchiveRequest, links: LawfulQuerySet) -> dict[str, Any]:
        """Template context: one page of the abstracts of `links`, newest meeting first, under their meetings."""
        abstracts = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED)
        abstracts = abstracts.filter(pk__in=links.values("abstract")).select_related("meeting").order_by(*NEWEST_FIRST)
        page = paginate(request, abstracts)
        return {"page": page, "groups": by_meeting(reading.rows(page.object_list))}


KEYWORDS = Index(Keyword, AbstractKeyword, KeywordSynonym, "keyword", "name", Count("pk"))
AUTHORS = Index(Person, AuthorLine, PersonName, "person", "index_name", Count("abstract", distinct=True))
