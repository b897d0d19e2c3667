"""Addresses of abstracts that were withdrawn with their title."""

import datetime as dt

from ..models import Abstract, SlugRedirect
from ..models.public_times import BEGINNING, public_times
from ..visibility import Level, Viewer


def withdrawn_with_title(slug: str, viewer: Viewer, at: dt.datetime) -> Abstract | None:
    """The abstract whose title, now hidden, gave or gives the address `slug`, if the public could ever see that title.

    An address contains words of the title: of a title that was never public nobody learns by it that there is such an
    abstract.
    """
    former = SlugRedirect.unfiltered.filter(slug=slug).values("abstract")
    hidden = Abstract.unfiltered.filter(hides_title=True)
    pk = (hidden.filter(slug=slug) | hidden.filter(pk__in=former)).values_list("pk", flat=True).first()
    if pk is None or not _was_public(pk, slug, at):
        return None
    rows = Abstract.objects.visible_to(viewer, at).select_related("meeting")
    return rows.filter(pk=pk, number__isnull=False).first()


def _was_public(pk: int, slug: str, at: dt.datetime) -> bool:
    """Whether the public could see the title of the abstract `pk`, until `at`, while `slug` was its address.

    One that it had before or got after that has words of another title.
    """
    states = Abstract.history.unfiltered.filter(id=pk).order_by("history_date", "history_id")
    slugs = list(states.values_list("history_date", "slug"))
    starts = [BEGINNING, *(since for since, _ in slugs[1:])]
    ends = [*starts[1:], at]
    had = [(start, end) for start, end, (_, had) in zip(starts, ends, slugs, strict=False) if had == slug]
    shown = [(period.start, period.until or at) for period in public_times(pk, at)[Level.TITLED] if period.start <= at]
    return any(max(start, opens) < min(end, until) for start, end in had for opens, until in shown)
