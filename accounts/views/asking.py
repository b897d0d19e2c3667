"""What the views of favorites share: which list is asked for, and what of it in which order."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.http import Http404
from django.urls import reverse

from abstracts import reading
from abstracts.models import Abstract, Presentation
from abstracts.reading.ordering import MEETINGS_NEWEST_FIRST
from abstracts.views.listing import Group, by_meeting
from abstracts.visibility import ArchiveRequest, LawfulQuerySet, Level

from .. import favorites
from ..favorites.forms import ListingForm
from ..models import FavoritesList

MOST_WORDS = 8


def own_list(request: ArchiveRequest, pk: int | None) -> FavoritesList | None:
    """The named list `pk` of the visitor; None where none is named. Others' lists are not found."""
    if not pk:
        return None
    if own := favorites.list_of(request, pk):
        return own if own.name else None
    raise Http404


def address_of(own: FavoritesList | None) -> str:
    """The address of a list's page."""
    return reverse("favorites") + (f"?list={own.pk}" if own and own.name else "")


def chosen(request: ArchiveRequest, asked: dict[str, Any], own: FavoritesList | None) -> LawfulQuerySet:
    """What a ListingForm asks for of a list, as abstracts: filtered, in order."""
    added = favorites.visible_on(request, own)
    abstracts = in_order(request, added, asked["order"])
    if asked["meeting"]:
        abstracts = abstracts.filter(meeting__slug=asked["meeting"])
    return matching(request, abstracts, added, asked["q"]) if asked["q"] else abstracts


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
    listed = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED)
    listed = listed.filter(pk__in=added.values("abstract"))
    for word in words.split()[:MOST_WORDS]:
        titled = listed.filter(
            Q(title_text__icontains=word)
            | Q(authorline__name__icontains=word)
            | Q(abstractkeyword__label__icontains=word)
        )
        noted = added.filter(note__icontains=word)
        abstracts = abstracts.filter(
            Q(number__icontains=word) | Q(pk__in=titled.values("pk")) | Q(pk__in=noted.values("abstract"))
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
