"""Notices what became visible to the public: when time came, or because staff changed something."""

import datetime as dt

from django.db import transaction

from abstracts.models import Abstract
from abstracts.visibility import ANONYMOUS, Level

from ...models import PublicSince

BATCH = 2000


@transaction.atomic
def notice(at: dt.datetime) -> None:
    """Bring `PublicSince` to what the public sees at `at`: what is new since then, and what is hidden again.

    What was noticed keeps its instant, whoever notices it at the same time.
    """
    listed = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.LISTED).order_by()
    full = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.FULL).order_by()
    PublicSince.objects.exclude(abstract__in=listed.values("pk")).delete()
    taken_back = PublicSince.objects.exclude(released_at=None).exclude(abstract__in=full.values("pk"))
    taken_back.update(released_at=None)
    new = listed.exclude(pk__in=PublicSince.objects.values("abstract"))
    rows = [PublicSince(abstract_id=pk, listed_at=at) for pk in new.values_list("pk", flat=True)]
    PublicSince.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    PublicSince.objects.filter(released_at=None, abstract__in=full.values("pk")).update(released_at=at)
