"""My program: days, times and clashes of favorites."""

import datetime as dt

import pytest

from abstracts import reading
from abstracts.models import Abstract
from abstracts.visibility import ANONYMOUS
from accounts.favorites.program import program_of
from tests.factories import AbstractFactory, MeetingFactory, PresentationFactory, SessionFactory, TierFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 31)


@pytest.fixture
def meeting():
    return october_meeting()


def october_meeting():
    """Over the night in which clocks in its zone go back."""
    return MeetingFactory(year=2026, starts_on=DAY, ends_on=DAY + dt.timedelta(2), timezone="America/Chicago")


def at(clock):
    return dt.time.fromisoformat(clock) if clock else None


def session(meeting, start="09:00", end="10:00", date=DAY, **fields):
    return SessionFactory(meeting=meeting, date=date, start_time=at(start), end_time=at(end), **fields)


def saved(where, start="", end="", **fields):
    tier = TierFactory(meeting=where.meeting)
    abstract = AbstractFactory(meeting=where.meeting, tier=tier, **fields)
    PresentationFactory(abstract=abstract, session=where, start_time=at(start), end_time=at(end))
    return abstract


def program():
    rows = Abstract.objects.visible_to(ANONYMOUS, dt.datetime.now(dt.UTC)).select_related("meeting")
    return program_of(reading.rows(rows.order_by("meeting", "number_key")))


def clashes():
    """For each session, the titles of those at the same time, of it as a whole and of single abstracts in it."""
    blocks = [block for each in program() for day in each.days for block in day.blocks]
    return {
        block.session.title: [s.title for s in block.clashes]
        + [s.title for talk in block.talks if talk.has_own_time for s in talk.clashes]
        for block in blocks
    }


def test_program_is_by_day_and_time_with_undated_items_last(meeting):
    next_day = DAY + dt.timedelta(1)
    for title, fields in {
        "late": {"start": "14:00", "end": "15:00"},
        "early": {"start": "08:00", "end": "09:00"},
        "no time": {"start": "", "end": ""},
        "tomorrow": {"date": next_day},
        "no day": {"date": None, "start": "", "end": ""},
    }.items():
        saved(session(meeting, title=title, **fields))
    AbstractFactory(meeting=meeting, tier=TierFactory(meeting=meeting))
    (each,) = program()
    assert [(day.date, [block.session.title for block in day.blocks]) for day in each.days] == [
        (DAY, ["early", "late", "no time"]),
        (next_day, ["tomorrow"]),
    ]
    assert len(each.undated) == 2


def test_meetings_are_apart(meeting):
    saved(session(meeting))
    saved(session(MeetingFactory(year=2026)))
    assert len(program()) == 2


def test_items_of_a_session_are_by_own_time_then_position(meeting):
    where = session(meeting)
    second = saved(where, "09:15", "09:30", number="1")
    first = saved(where, "09:00", "09:15", number="2")
    (block,) = program()[0].days[0].blocks
    assert [talk.row.abstract.pk for talk in block.talks] == [first.pk, second.pk]


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        (("09:00", "10:00"), ("09:30", "10:30"), True),
        (("09:00", "10:00"), ("09:10", "09:20"), True),
        (("09:00", "10:00"), ("09:00", "10:00"), True),
        (("09:00", "10:00"), ("10:00", "11:00"), False),
        (("09:00", "10:00"), ("08:00", "09:00"), False),
        (("09:00", ""), ("08:00", "10:00"), True),
        (("09:00", ""), ("09:00", ""), True),
        (("09:00", ""), ("09:01", ""), False),
        (("09:00", "10:00"), ("", ""), False),
    ],
)
def test_times_that_overlap_clash(meeting, first, second, clash):
    saved(session(meeting, *first, title="A"))
    saved(session(meeting, *second, title="B"))
    assert clashes() == ({"A": ["B"], "B": ["A"]} if clash else {"A": [], "B": []})


def test_posters_of_one_session_do_not_clash(meeting):
    where = session(meeting, title="Posters")
    saved(where)
    saved(where)
    assert clashes() == {"Posters": []}


def test_one_abstract_in_two_sessions_does_not_clash_with_itself(meeting):
    abstract = saved(session(meeting, title="Oral"))
    PresentationFactory(abstract=abstract, session=session(meeting, title="Posters"))
    assert clashes() == {"Oral": [], "Posters": []}


def test_own_times_decide_not_those_of_the_session(meeting):
    saved(session(meeting, "09:00", "10:30", title="Oral"), "10:00", "10:15")
    saved(session(meeting, "09:00", "10:00", title="Posters"))
    assert clashes() == {"Oral": [], "Posters": []}
    saved(session(meeting, "10:10", "11:00", title="Plenary"))
    assert clashes() == {"Oral": ["Plenary"], "Posters": [], "Plenary": ["Oral"]}


def test_clashes_are_found_across_meetings_by_the_instant(meeting):
    saved(session(meeting, "09:00", "10:00", title="Chicago"))
    other = MeetingFactory(year=2026, timezone="Europe/Berlin")
    saved(session(other, "15:30", "16:00", title="Berlin"))
    saved(session(other, "09:30", "10:00", title="Berlin, earlier"))
    assert clashes() == {"Chicago": ["Berlin"], "Berlin": ["Chicago"], "Berlin, earlier": []}


def test_a_session_past_midnight(meeting):
    saved(session(meeting, "22:00", "01:00", title="Night"), "00:30", "00:45")
    (talk,) = program()[0].days[0].blocks[0].talks
    # 0:30 on November 1 in Chicago, still on summer time.
    assert talk.starts_at == dt.datetime(2026, 11, 1, 5, 30, tzinfo=dt.UTC)
