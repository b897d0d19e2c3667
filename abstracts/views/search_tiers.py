"""What a page of results says of them: first come those with all words, then all but one, or the closest of the others.

What the page counts, its facets and its files are those of the first of these tiers that is not empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..reading.wording import number
from ..search import Results


@dataclass(frozen=True)
class Tier:
    """Those of the rows of a page that have as many of the words. `is_continued`: the page before has some, too."""

    heading: str
    rows: Sequence[Any]
    has_all: bool
    is_continued: bool


def tiers_of(results: Results, rows: Sequence[Any], start: int) -> list[Tier]:
    """The tiers of a page whose first row is result number `start`, counted from 0."""
    sizes = _sizes(results)
    ends = list(accumulate(sizes))
    return [
        Tier(heading, shown, end == results.with_all, end - size < start)
        for heading, size, end in zip(_headings(results), sizes, ends, strict=True)
        if (shown := rows[max(end - size - start, 0) : max(end - start, 0)])
    ]


def _sizes(results: Results) -> tuple[int, int, int]:
    return results.with_all, results.with_most, results.with_fewer


def _words(results: Results) -> int:
    return results.matches.words if results.matches else 0


def _headings(results: Results) -> tuple[str, str, str]:
    words = _words(results)
    return (
        _("Abstracts with all words") if words > 1 else _("Abstracts"),
        _("Abstracts with one of the words") if words == 2 else _("Abstracts with all but one of the words"),
        _("The closest of the others") if results.with_all else _("The closest abstracts"),
    )


def counts_of(results: Results) -> str:
    """“50 abstracts with all words, 310 more with all but one of them”, or “…, and the 50 closest of the others”."""
    with_all, with_most, with_fewer = _sizes(results)
    words = _words(results)
    counts = [_with_all(with_all, words > 1 and bool(with_most or with_fewer))]
    if with_most:
        counts.append(_with_most(with_most, words == 2, bool(with_all)))
    if with_fewer:
        counts.append(_with_fewer(with_fewer, bool(with_all)))
    return ", ".join(counts)


def _with_all(count: int, others_have_fewer: bool) -> str:
    if not count:
        return _("No abstract with all words") if others_have_fewer else _("No abstract found")
    if others_have_fewer:
        text = ngettext("%(n)s abstract with all words", "%(n)s abstracts with all words", count)
    else:
        text = ngettext("%(n)s abstract found", "%(n)s abstracts found", count)
    return text % {"n": number(count)}


def _with_most(count: int, of_two: bool, are_more: bool) -> str:
    if are_more:
        text = _("%(n)s more with one of them") if of_two else _("%(n)s more with all but one of them")
    else:
        text = _("%(n)s with one of them") if of_two else _("%(n)s with all but one of them")
    return text % {"n": number(count)}


def _with_fewer(count: int, are_more: bool) -> str:
    if are_more:
        text = ngettext("and the closest of the others", "and the %(n)s closest of the others", count)
    else:
        text = ngettext("only the closest one", "only the %(n)s closest ones", count)
    return text % {"n": number(count)}


def counted_of(results: Results) -> str:
    """What the facets and files are of; "" if that is all that the page lists."""
    if results.total == len(results):
        return ""
    return _("Only those with all words") if _words(results) > 1 else _("Only those found")
