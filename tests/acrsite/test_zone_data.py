import datetime as dt
import os
import subprocess
import sys
import zoneinfo
from pathlib import Path

import pytest
import tzdata
from django.conf import settings

from abstracts.models.meeting import to_instant
from acrsite.zone_data import ZoneData, system_data, use_newest
from tests.zone_folders import RULES_2025B, write_zones, zones_from

ROOT = Path(__file__).resolve().parents[2]
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
PACKAGE = ZoneData(tzdata.IANA_VERSION, "the package tzdata")
# Local times that release 2026f moves: the instants by 2025b, and by 2026f.
MOVED = [
    ("Africa/Casablanca", "2031-07-10T10:00", "2031-07-10T09:00", "2031-07-10T10:00"),
    ("America/Vancouver", "2026-11-15T10:00", "2026-11-15T18:00", "2026-11-15T17:00"),
    ("America/Edmonton", "2026-11-15T10:00", "2026-11-15T17:00", "2026-11-15T16:00"),
    ("America/Winnipeg", "2026-11-15T10:00", "2026-11-15T16:00", "2026-11-15T15:00"),
]


def name_in(zone: zoneinfo.ZoneInfo) -> str | None:
    return NOON.astimezone(zone).tzname()


@pytest.mark.parametrize("release", ["2025b", "2020a", tzdata.IANA_VERSION])
def test_the_package_wins_over_an_older_or_equal_system(tmp_path, release):
    with zones_from(write_zones(tmp_path, release, RULES_2025B)):
        assert use_newest() == PACKAGE
        assert zoneinfo.TZPATH == ()
        assert to_instant(dt.date(2031, 7, 10), dt.time(10), zoneinfo.ZoneInfo("Africa/Casablanca")).hour == 10


def test_a_newer_system_wins_and_its_other_folders_are_left(tmp_path):
    old = write_zones(tmp_path / "old", "2025b", {"Europe/Berlin": "OLD0"})
    new = write_zones(tmp_path / "new", "2999a", {"Europe/Berlin": "NEW-5"})
    with zones_from(old, new):
        before = zoneinfo.ZoneInfo("Europe/Berlin")  # a library made it
        assert name_in(before) == "OLD"
        assert use_newest() == ZoneData("2999a", str(new))
        assert list(zoneinfo.TZPATH) == [str(new)]
        assert name_in(zoneinfo.ZoneInfo("Europe/Berlin")) == "NEW"
        assert use_newest() == ZoneData("2999a", str(new))


@pytest.mark.parametrize("text", [None, "", "R d 1916\n", "# version unknown\n"])
def test_data_that_does_not_say_its_release_is_not_used(tmp_path, text):
    write_zones(tmp_path, "2999a", {"Europe/Berlin": "NEW-5"})
    (tmp_path / "tzdata.zi").unlink()
    if text is not None:
        (tmp_path / "tzdata.zi").write_text(text)
    with zones_from(tmp_path):
        assert list(system_data()) == []
        assert use_newest() == PACKAGE


def test_the_release_as_macos_and_the_bsds_write_it(tmp_path):
    (tmp_path / "+VERSION").write_text("2999b\n")
    with zones_from(tmp_path):
        assert list(system_data()) == [ZoneData("2999b", str(tmp_path))]


@pytest.mark.parametrize(("zone", "local", "old", "new"), MOVED)
def test_four_cities_by_both_releases(tmp_path, zone, local, old, new):
    time = dt.datetime.fromisoformat(local)

    def instant() -> str:
        return to_instant(time.date(), time.time(), zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")

    with zones_from(write_zones(tmp_path, "2025b", RULES_2025B)):
        assert instant() == old
        use_newest()
        assert instant() == new


@pytest.mark.parametrize(
    "start",
    [
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; django.setup()",
        "import runpy; from acrsite import settings; runpy.run_path('gunicorn.conf.py')",
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; import acrsite.wsgi",
    ],
)
def test_every_process_uses_it_whatever_the_system_has(tmp_path, start):
    """Also where a library has made a zone before."""
    folder = write_zones(tmp_path, "2025b", RULES_2025B)
    code = (
        "import datetime as dt, zoneinfo; zoneinfo.ZoneInfo('Africa/Casablanca')\n"
        f"{start}\n"
        "print(dt.datetime(2031, 7, 10, 10, tzinfo=zoneinfo.ZoneInfo('Africa/Casablanca')).utcoffset())"
    )
    environment = {**os.environ, "PYTHONTZPATH": str(folder), "DEBUG": "true"}
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (process.stdout, process.returncode) == ("0:00:00\n", 0), process.stderr


def test_the_tests_use_it():
    assert settings.ZONE_DATA.version >= "2026f"
    assert list(zoneinfo.TZPATH) == ([] if settings.ZONE_DATA == PACKAGE else [settings.ZONE_DATA.source])


def test_a_process_logs_which_one_it_uses():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "acrsite.settings", "DEBUG": "true", "LOG_LEVEL": "INFO"}
    process = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "time zone data chosen" in process.stderr
    assert settings.ZONE_DATA.version in process.stderr
