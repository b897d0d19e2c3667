"""Addresses that contain words of a title that was never public, and how an abstract gets another one."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet

from ... import clock
from ...models import Abstract, Meeting, SlugRedirect
from ...models.abstract import new_slug, slug_suffix
from ...models.base import writing
from ...models.chunks import in_chunks
from ...models.public_times import public_times_of
from ...visibility import Level, Status
from ...words.counts import counted
from ...words.text import slugify
from ..base import log
from ..outcomes import Row
from .base import MeetingWarning, abstract_links, list_link

ACTION = "renew_addresses"
LONGEST_TITLE = 10_000


class Titled(NamedTuple):
    """The plain title that an abstract had from an instant on."""

    since: dt.datetime
    title: str


def telling_addresses(meeting: Meeting, at: dt.datetime) -> list[MeetingWarning]:
    telling = telling_addresses_of(Abstract.unfiltered.filter(meeting=meeting), at)
    if not telling:
        return []
    rows = [Row(abstract.pk, abstract.number, abstract.title_text, abstract.status) for abstract in telling]
    text = (
        f"Contain words of a title that was never public: the addresses of {counted(len(rows), 'abstract')}. Give each "
        "a new one; its former address will lead nowhere."
    )
    pks = tuple(row.pk for row in rows)
    return [MeetingWarning("addresses", text, list_link(meeting), abstract_links(rows), ACTION, pks)]


def telling_addresses_of(abstracts: QuerySet, at: dt.datetime) -> dict[Abstract, set[str]]:
    """Those of `abstracts` of which an address, present or former, has words of a title that was never public.

    The public may have had the address since, with the present title. A title that is hidden now counts, too.
    """
    hidden = Q(hides_title=True, status=Status.WITHDRAWN)
    had_others = Abstract.history.unfiltered.filter(id=OuterRef("pk")).exclude(title_text=OuterRef("title_text"))
    rows = abstracts.filter(hidden | Exists(had_others)).select_related("meeting").order_by("number_key", "pk")
    candidates = {row.pk: row for row in rows}
    addresses: dict[int, set[str]] = {pk: {row.slug} for pk, row in candidates.items()}
    for chunk in in_chunks(candidates):
        redirects = SlugRedirect.unfiltered.filter(abstract__in=chunk).order_by()
        for pk, slug in redirects.values_list("abstract_id", "slug"):
            addresses[pk].add(slug)
    titles = _titles(candidates)
    public = public_times_of(candidates, at) if candidates else {}
    telling = {}
    for pk, row in candidates.items():
        first = min((period.start for period in public[pk][Level.TITLED] if period.start <= at), default=None)
        some = {slug for slug in addresses[pk] if _tells(slug, row, titles[pk], first)}
        if some:
            telling[row] = some
    return telling


def _titles(pks: Iterable[int]) -> dict[int, list[Titled]]:
    titles = defaultdict(list)
    for chunk in in_chunks(pks):
        states = Abstract.history.unfiltered.filter(id__in=chunk).order_by("history_date", "history_id")
        for pk, *titled in states.values_list("id", "history_date", "title_text"):
            titles[pk].append(Titled(*titled))
    return titles


def _tells(slug: str, row: Abstract, titles: list[Titled], first_public: dt.datetime | None) -> bool:
    """Whether `slug` has words of a title that was replaced, or hidden, before the public first saw any."""
    words = _words(slug) - _words(slug_suffix(row)) - {"abstract"}
    if row.hides_title and row.status == Status.WITHDRAWN and first_public is None:
        return any(words & _words_of_title(title) for title in [row.title_text, *(titled.title for titled in titles)])
    words -= _words_of_title(row.title_text)
    return any(_was_replaced_unseen(word, titles, first_public) for word in words)


def _was_replaced_unseen(word: str, titles: list[Titled], first_public: dt.datetime | None) -> bool:
    """Whether `word` was in some of `titles`, and the last of these was replaced before the public first saw any."""
    having = [place for place, titled in enumerate(titles) if word in _words_of_title(titled.title)]
    if not having or having[-1] + 1 == len(titles):
        return False
    return first_public is None or first_public >= titles[having[-1] + 1].since


def _words_of_title(title: str) -> set[str]:
    return set(slugify(title, LONGEST_TITLE).split("-"))


def _words(slug: str) -> set[str]:
    """Its words, without a last number: it told equal titles apart in older addresses."""
    return set(re.sub(r"-\d+$", "", slug).split("-")) - {""}


def renew_address(abstract: Abstract, telling: set[str]) -> None:
    """Give `abstract` an address from its title, or if that is hidden without it; those of `telling` end."""
    with writing():
        SlugRedirect.unfiltered.filter(abstract=abstract, slug__in=telling).delete()
        if abstract.slug not in telling:
            return
        is_hidden = abstract.hides_title and abstract.status == Status.WITHDRAWN
        untitled = Abstract(pk=abstract.pk, meeting=abstract.meeting, number=abstract.number)
        slug = new_slug(untitled if is_hidden else abstract)
        SlugRedirect.unfiltered.filter(slug=slug).delete()
        # Not `save`, which leaves a redirect from the former address.
        Abstract.unfiltered.filter(pk=abstract.pk).update(slug=slug)


@admin.action(
    description="Give a new address, without a redirect, where one has words of a title that was never public",
    permissions=["change"],
)
def renew_addresses(model_admin, request, queryset):
    """Action of the list of abstracts."""
    telling = telling_addresses_of(Abstract.unfiltered.filter(pk__in=queryset.order_by().values("pk")), clock.now())
    for abstract, slugs in telling.items():
        renew_address(abstract, slugs)
        log(request, abstract, "New address; the former one had words of a title that was never public.")
    if telling:
        model_admin.message_user(request, f"New addresses: {counted(len(telling), 'abstract')}.", messages.SUCCESS)
    else:
        text = (
            "No address of these has words of a title that was never public. Others change in the form of the abstract."
        )
        model_admin.message_user(request, text, messages.WARNING)
