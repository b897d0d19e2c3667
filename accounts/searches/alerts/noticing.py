"""Notices what became visible to the public: because its time came, or because staff changed something."""

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import Min

from abstracts.models import Abstract
from abstracts.visibility import ANONYMOUS, Level

from ...models import PublicSince

BATCH = 2000

logger = structlog.get_logger(__name__)


@transaction.atomic
def notice(at: dt.datetime) -> None:
    """Bring `PublicSince` to what the public sees at `at`, and log what changed since it was last called.

    What was noticed keeps its instant, whoever notices it at the same time.
    """
    listed = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.LISTED).order_by()
    full = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.FULL).order_by()
    hidden = PublicSince.objects.exclude(abstract__in=listed.values("pk")).delete()[0]
    shortened = PublicSince.objects.exclude(released_at=None).exclude(abstract__in=full.values("pk"))
    hidden += shortened.update(released_at=None)
    new = listed.exclude(pk__in=PublicSince.objects.values("abstract"))
    rows = [PublicSince(abstract_id=pk, listed_at=at) for pk in new.values_list("pk", flat=True)]
    PublicSince.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    releases = PublicSince.objects.filter(released_at=None, abstract__in=full.values("pk"))
    # The earliest instant at which one of them was to be released: how late this is, if no staff had a hand in it.
    since = full.filter(pk__in=releases.values("abstract")).aggregate(since=Min("released_from"))["since"]
    released = releases.update(released_at=at)
    if rows or released or hidden:
        logger.info("releases noticed", listed=len(rows), released=released, hidden=hidden, since=since)
