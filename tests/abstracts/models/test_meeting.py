import datetime as dt
import zoneinfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given

from abstracts.models import Abstract, Meeting, Session
from abstracts.models.meeting import to_instant, validate_timezone
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests.abstracts import oracle
from tests.abstracts.worlds import bounded, clock_times, days, zones
from tests.factories import AbstractFactory, MeetingFactory, SessionFactory, TierFactory


@given(date=days, time=clock_times, zone=zones)
@bounded
def test_to_instant_agrees_with_the_oracle(date, time, zone):
    instant = to_instant(date, time, zoneinfo.ZoneInfo(zone))
    assert instant == oracle.instant(date, time, zone)
    assert instant.tzinfo is dt.UTC


def refused(write) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_unknown_time_zone_is_refused():
    validate_timezone("America/Chicago")
    with pytest.raises(ValidationError, match="not a time zone"):
        validate_timezone("Central Time")


@pytest.mark.django_db
def test_database_refuses():
    meeting = MeetingFactory(slug="once")
    tier = TierFactory(meeting=meeting, name="Regular")
    session = SessionFactory(meeting=meeting, slug="one", code="101")
    refused(lambda: MeetingFactory(slug="once"))
    refused(lambda: MeetingFactory(starts_on=dt.date(2025, 1, 2), ends_on=dt.date(2025, 1, 1)))
    refused(lambda: TierFactory(meeting=meeting, name="Regular"))
    refused(lambda: SessionFactory(meeting=meeting, slug="one"))
    refused(lambda: SessionFactory(meeting=meeting, code="101"))
    for fields in ({"date": None}, {"rule": "first_day", "time": None}):
        refused(lambda fields=fields: tier.steps.update(**fields))
    refused(lambda: tier.steps.create(shows="everything", rule="held"))
    refused(lambda: Session.objects.filter(pk=session.pk).update(date=None))
    refused(lambda: Session.objects.filter(pk=session.pk).update(start_time=None))


@pytest.mark.django_db
def test_used_tier_and_meeting_with_abstracts_cannot_be_deleted():
    abstract = AbstractFactory()
    for row in (abstract.tier, abstract.meeting):
        with pytest.raises(Exception, match="protected"):
            row.delete()
    assert Abstract.unfiltered.exists()


@pytest.mark.django_db
def test_only_staff_see_unpublished_meetings_and_sessions():
    session = SessionFactory(meeting__is_published=False)
    SessionFactory()
    for viewer, count in ((ANONYMOUS, 1), (Viewer(Role.READER), 1), (Viewer(Role.PRESS), 1), (Viewer(Role.STAFF), 2)):
        assert Meeting.objects.visible_to(viewer).count() == count
        assert Session.objects.visible_to(viewer).count() == count
    assert session.meeting not in Meeting.objects.visible_to(ANONYMOUS)


@pytest.mark.django_db
def test_meetings_are_sorted_by_menu_order_then_newest_first():
    for year, order in ((2023, 0), (2025, 0), (2024, 0), (2009, -1)):
        MeetingFactory(year=year, menu_order=order, name=str(year))
    assert [m.year for m in Meeting.objects.newest_first()] == [2009, 2025, 2024, 2023]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "end", "instants"),
    [
        (None, None, (None, None)),
        (dt.time(10), None, ("2025-10-24T15:00", None)),
        (dt.time(10), dt.time(10), ("2025-10-24T15:00", "2025-10-24T15:00")),
        (dt.time(22), dt.time(1), ("2025-10-25T03:00", "2025-10-25T06:00")),
    ],
)
def test_session_times_become_instants_even_past_midnight(start, end, instants):
    session = SessionFactory(meeting__year=2025, start_time=start, end_time=end)
    assert tuple(i and i.strftime("%Y-%m-%dT%H:%M") for i in (session.starts_at, session.ends_at)) == instants


@pytest.mark.django_db
def test_session_slugs_are_unique_in_their_meeting():
    meeting = MeetingFactory()
    slugs = [SessionFactory(meeting=meeting, title="Lupus: Posters I").slug for _ in range(3)]
    assert slugs == ["lupus-posters-i", "lupus-posters-i-2", "lupus-posters-i-3"]
    assert SessionFactory(title="Lupus: Posters I").slug == "lupus-posters-i"


@pytest.mark.django_db
def test_sessions_are_in_program_order_undated_last():
    meeting = MeetingFactory(year=2025)
    late = SessionFactory(meeting=meeting, start_time=dt.time(15), end_time=None)
    undated = SessionFactory(meeting=meeting, date=None, start_time=None, end_time=None)
    early = SessionFactory(meeting=meeting, start_time=dt.time(8))
    day_before = SessionFactory(meeting=meeting, date=dt.date(2025, 10, 23))
    assert list(Session.objects.in_program_order()) == [day_before, early, late, undated]


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"starts_on": dt.date(2031, 5, 1), "ends_on": dt.date(2031, 5, 4)}, dt.date(2031, 5, 4)),
        ({"starts_on": dt.date(2031, 5, 1)}, dt.date(2031, 5, 1)),
        ({}, dt.date(2031, 12, 31)),
    ],
)
def test_a_meeting_is_over_when_its_last_day_is_in_every_zone(fields, last):
    meeting = Meeting(year=2031, **fields)
    # The last zone is twelve hours behind UTC.
    still = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(12), dt.UTC)
    assert not meeting.is_over(still)
    assert meeting.is_over(still + dt.timedelta(hours=12))


def test_page_texts_are_in_the_language_asked_for_or_else_in_english():
    meeting = Meeting(embargo_policy="English", embargo_policy_es="Español", press_terms="English")
    assert meeting.text_in("embargo_policy", "en") == ("English", "en")
    assert meeting.text_in("embargo_policy", "es") == ("Español", "es")
    assert meeting.text_in("press_terms", "es") == ("English", "en")


def test_terms_have_another_version_whenever_they_are_others():
    texts = [("", ""), ("a", ""), ("", "a"), ("a", "a"), ("a", "b")]
    versions = {Meeting(press_terms=one, press_terms_es=other).terms_version for one, other in texts}
    assert len(versions) == len(texts)
    assert Meeting(name="x").terms_version == Meeting(name="y").terms_version


@pytest.mark.django_db
@pytest.mark.parametrize("name", Meeting.PAGE_TEXTS)
def test_page_texts_are_sanitized(name):
    meeting = MeetingFactory(**{name: "<p onclick='x'>Keep <script>x</script>it.</p>"})
    assert getattr(meeting, name) == "<p>Keep it.</p>"
