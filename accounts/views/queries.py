"""What the views of favorites share: the list that a request names, and the abstracts on it, filtered and in order."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.http import Http404
from django.urls import reverse

from abstracts import reading
from abstracts.models import Abstract, AbstractKeyword, AuthorLine, Presentation
from abstracts.reading.ordering import MEETINGS_NEWEST_FIRST
from abstracts.views.listing import Group, by_meeting
from abstracts.visibility import ArchiveRequest, LawfulQuerySet, Level

from .. import favorites
from ..favorites import owner_of
from ..favorites.forms import ListingForm
from ..models import FavoritesList

MOST_WORDS = 8


def named_list(request: ArchiveRequest, pk: int | None) -> FavoritesList | None:
    """The named list `pk` of the visitor; None for the home list and without `pk`. Others' lists raise Http404."""
    if not pk:
        return None
    if favorites_list := favorites.list_of(owner_of(request), pk):
        return favorites_list if favorites_list.name else None
    raise Http404


def address_of(favorites_list: FavoritesList | None) -> str:
    """The address of a list's page."""
    return reverse("favorites") + (f"?list={favorites_list.pk}" if favorites_list and favorites_list.name else "")


def selected(request: ArchiveRequest, cleaned: dict[str, Any], favorites_list: FavoritesList | None) -> LawfulQuerySet:
    """The abstracts on a list (None: the home list), filtered and ordered by the cleaned data of a ListingForm."""
    added = favorites.visible_on(owner_of(request), favorites_list)
    abstracts = in_order(request, added, cleaned["order"])
    if cleaned["meeting"]:
        abstracts = abstracts.filter(meeting__slug=cleaned["meeting"])
    return matching(request, abstracts, added, cleaned["q"]) if cleaned["q"] else abstracts


def in_order(request: ArchiveRequest, added: LawfulQuerySet, order: str) -> LawfulQuerySet:
    """The abstracts of the favorites `added`: by meeting, session time and number, newest added first, or as placed."""
    abstracts = Abstract.objects.visible_to(request.viewer, request.at).select_related("meeting")
    abstracts = abstracts.filter(pk__in=added.values("abstract"))
    mine = added.filter(abstract=OuterRef("pk")).order_by("pk")
    abstracts = abstracts.annotate(added_at=Subquery(mine.values("added_at")[:1]))
    if order == ListingForm.BY_DATE_ADDED:
        return abstracts.order_by("-added_at", "-pk")
    if order == ListingForm.OWN:
        place = Subquery(mine.values("position")[:1])
        return abstracts.annotate(place=place).order_by(F("place").asc(nulls_last=True), "added_at", "pk")
    return abstracts.annotate(
        first_day=_first_session(request, "session__date"), first_start=_first_session(request, "session__starts_at")
    ).order_by(
        *MEETINGS_NEWEST_FIRST,
        F("first_day").asc(nulls_last=True),
        F("first_start").asc(nulls_last=True),
        "number_key",
        "pk",
    )


def matching(request: ArchiveRequest, abstracts: LawfulQuerySet, added: LawfulQuerySet, words: str) -> LawfulQuerySet:
    """Those of `abstracts`, the favorites `added`, of which number, title, author, keyword or note hold each word."""
    titles = Abstract.objects.visible_to(request.viewer, request.at, least=Level.TITLED)
    titles = titles.filter(pk__in=added.values("abstract"))
    authors = AuthorLine.objects.visible_to(request.viewer, request.at)
    keywords = AbstractKeyword.objects.visible_to(request.viewer, request.at)
    for word in words.split()[:MOST_WORDS]:
        abstracts = abstracts.filter(
            Q(number__icontains=word)
            | Q(pk__in=titles.filter(title_text__icontains=word).values("pk"))
            | Q(pk__in=authors.filter(name__icontains=word).order_by().values("abstract"))
            | Q(pk__in=keywords.filter(label__icontains=word).order_by().values("abstract"))
            | Q(pk__in=added.filter(note__icontains=word).values("abstract"))
        )
    return abstracts


def grouped(rows: Sequence[reading.Row], order: str) -> list[Group]:
    """`rows` under their meetings; in one group where they are not ordered by meeting."""
    if order != ListingForm.BY_MEETING:
        return [Group(None, rows)] if rows else []
    return by_meeting(rows)


def _first_session(request: ArchiveRequest, column: str) -> Subquery:
    slots = Presentation.objects.visible_to(request.viewer, request.at).filter(abstract=OuterRef("pk"))
    first = slots.order_by(F("session__date").asc(nulls_last=True), F("session__starts_at").asc(nulls_last=True), "pk")
    return Subquery(first.values(column)[:1])
