"""Addresses of abstracts that were withdrawn with their title."""

import datetime as dt

from ..models import Abstract, SlugRedirect
from ..models.public_times import public_times
from ..visibility import Level, Viewer


def withdrawn_with_title(slug: str, viewer: Viewer, at: dt.datetime) -> Abstract | None:
    """The abstract whose title, now hidden, gave or gives the address `slug`, if the public could ever see that title.

    An address contains words of the title: of a title that was never public nobody learns by it that there is such an
    abstract.
    """
    former = SlugRedirect.unfiltered.filter(slug=slug).values("abstract")
    hidden = Abstract.unfiltered.filter(hides_title=True)
    pk = (hidden.filter(slug=slug) | hidden.filter(pk__in=former)).values_list("pk", flat=True).first()
    if pk is None or not any(period.start <= at for period in public_times(pk, at)[Level.TITLED]):
        return None
    rows = Abstract.objects.visible_to(viewer, at).select_related("meeting")
    return rows.filter(pk=pk, number__isnull=False).first()
