import datetime as dt

import pytest
from django.db.models.functions import ExtractHour, TruncDay

from abstracts.models import EmbargoRecord, HeldChange
from tests.zones_in_sql import ConvertsZones

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "rows",
    [
        lambda: HeldChange.unfiltered.filter(created_at__date=dt.date(2026, 11, 1)),
        lambda: HeldChange.unfiltered.annotate(day=TruncDay("created_at")),
        lambda: HeldChange.unfiltered.annotate(hour=ExtractHour("created_at")),
        lambda: EmbargoRecord.objects.datetimes("at", "day"),
    ],
)
def test_statements_that_convert_time_zones_are_refused(rows):
    with pytest.raises(ConvertsZones):
        list(rows())


def test_comparing_instants_is_not_converting():
    assert list(HeldChange.unfiltered.filter(created_at__lt=dt.datetime.now(dt.UTC), created_at__year=2026)) == []
