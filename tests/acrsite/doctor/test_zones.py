import pytest
from django.conf import settings

from abstracts.models import ArchiveState
from acrsite.doctor import zones
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


def test_an_archive_that_was_resolved_with_this_data_is_well(findings):
    assert findings(zones.check) == []
    MeetingFactory()
    assert ArchiveState.objects.get().zone_data == settings.ZONE_DATA.version
    assert findings(zones.check) == []


@pytest.mark.parametrize(
    ("stored", "message"),
    [("2025b", "with zone data 2025b;"), ("", "of an unknown release;"), ("2999a", "with zone data 2999a;")],
)
def test_another_release_is_wrong(findings, stored, message):
    MeetingFactory()
    ArchiveState.objects.update(zone_data=stored)
    ((level, text),) = findings(zones.check)
    assert (level, message in text) == ("Error", True)
