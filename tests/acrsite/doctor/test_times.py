import datetime as dt
import zoneinfo

import pytest
import tzdata
from django.utils import timezone

from acrsite.doctor import times
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("state", "count"), [(0, 0), (times.UNSYNCHRONIZED, 1)])
def test_a_clock_that_nothing_keeps_right_is_found(findings, monkeypatch, state, count):
    monkeypatch.setattr(times, "_kernel_clock_state", lambda: state)
    assert len(findings(times.check_clock)) == count


def test_the_kernel_is_asked_and_changes_nothing():
    before = timezone.now()
    assert times._kernel_clock_state() in range(6)
    assert timezone.now() - before < dt.timedelta(minutes=1)


@pytest.mark.several_connections
@pytest.mark.parametrize(("seconds", "count"), [(1, 0), (3600, 1), (-3600, 1)])
def test_a_database_with_another_time_is_found(findings, monkeypatch, seconds, count):
    monkeypatch.setattr(times, "_kernel_clock_state", lambda: 0)
    now = timezone.now
    monkeypatch.setattr(times.timezone, "now", lambda: now() + dt.timedelta(seconds=seconds))
    assert [level for level, _ in findings(times.check_clock)] == ["Error"] * count


class TestZones:
    @pytest.fixture
    def system(self, monkeypatch, tmp_path):
        """The system's zone data: of a release, with Chicago's zone at the hour of another zone."""

        def install(release: str, chicago: str = "America/Chicago"):
            (tmp_path / "tzdata.zi").write_text(f"# version {release}\nR d 1916\n")
            monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
            zone = zoneinfo.ZoneInfo
            packaged = zone.from_file

            class Zones:
                from_file = staticmethod(packaged)

                def __new__(cls, name):
                    return zone(chicago if name == "America/Chicago" else name)

            monkeypatch.setattr(times.zoneinfo, "ZoneInfo", Zones)

        MeetingFactory(timezone="America/Chicago", starts_on=dt.date(2024, 11, 14), ends_on=dt.date(2024, 11, 19))
        return install

    def test_the_same_release_is_well(self, findings, system):
        system(tzdata.IANA_VERSION)
        assert findings(times.check_zones) == []

    def test_an_older_one_that_no_meeting_notices_is_a_note(self, findings, system):
        system("2020a")
        assert [level for level, _ in findings(times.check_zones)] == ["Warning"]

    def test_a_newer_one_that_no_meeting_notices_is_well(self, findings, system):
        system("2999a")
        assert findings(times.check_zones) == []

    @pytest.mark.parametrize("release", ["2020a", "2999a"])
    def test_one_that_puts_a_meeting_at_another_time_is_wrong(self, findings, system, release):
        system(release, chicago="America/New_York")
        ((level, message),) = findings(times.check_zones)
        assert (level, "America/Chicago" in message) == ("Error", True)

    def test_without_zones_of_the_system_the_packages_are_used(self, findings, monkeypatch, tmp_path):
        monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
        assert findings(times.check_zones) == []
