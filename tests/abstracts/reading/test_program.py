import pytest
from django.utils import timezone

from abstracts.reading.program import in_session_order, number_ranges, outline, session_neighbors
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests.factories import AbstractFactory, MeetingFactory, PresentationFactory, SessionFactory

pytestmark = pytest.mark.django_db
STAFF = Viewer(Role.STAFF)


@pytest.fixture
def session():
    return SessionFactory()


def present(session, *numbers, **state):
    for number in numbers:
        abstract = AbstractFactory(meeting=session.meeting, number=number, title=f"Study {number}", **state)
        PresentationFactory(abstract=abstract, session=session, position=0)


def ranges(*sessions, viewer=ANONYMOUS):
    return number_ranges([session.pk for session in sessions], viewer, timezone.now())


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (["2674", "2669", "2670"], "2669–2674"),
        (["10", "9"], "9–10"),
        (["L17", "L9"], "L9–L17"),
        (["LB1", "0900"], "0900–LB1"),
        (["12a", "12"], "12–12a"),
        (["0489"], "0489"),
        ([None, "7"], "7"),
        ([None], ""),
    ],
)
def test_ranges_are_in_natural_order(session, numbers, text):
    present(session, *numbers)
    number_range = ranges(session)[session.pk]
    assert str(number_range) == text
    assert number_range.count == len(numbers)


def test_ranges_cover_what_the_viewer_may_see(session):
    present(session, "3", "4")
    present(session, "1", embargoed=True)
    present(session, "2", shell=True)
    assert str(ranges(session)[session.pk]) == "2–4"
    assert str(ranges(session, viewer=STAFF)[session.pk]) == "1–4"


def test_sessions_without_visible_abstracts_have_no_range(session):
    present(session, "1", embargoed=True)
    assert ranges(session) == {}
    assert number_ranges([], ANONYMOUS, timezone.now()) == {}


@pytest.mark.parametrize("rows", [1, 3])
def test_ranges_take_one_query(django_assert_num_queries, rows):
    sessions = SessionFactory.create_batch(rows)
    for session in sessions:
        present(session, *map(str, range(rows)))
    with django_assert_num_queries(1):
        assert len(ranges(*sessions)) == rows


def test_abstract_of_two_sessions_has_a_position_in_each(session):
    other = SessionFactory(meeting=session.meeting)
    present(session, "1", "2")
    abstract = AbstractFactory(meeting=session.meeting, number="3")
    PresentationFactory(abstract=abstract, session=other, position=9)
    PresentationFactory(abstract=abstract, session=session, position=0)
    assert [a.number for a in in_session_order(session, ANONYMOUS, timezone.now())] == ["1", "2", "3"]
    assert [a.number for a in in_session_order(other, ANONYMOUS, timezone.now())] == ["3"]


def test_neighbors_of_the_only_session(session):
    assert session_neighbors(session, ANONYMOUS) == (None, None)


def test_outline(session):
    SessionFactory(meeting=session.meeting, date=None, start_time=None, end_time=None, type="")
    SessionFactory()
    shape = outline(session.meeting, ANONYMOUS)
    assert shape.days == [session.date, None]
    assert shape.types == ["Poster Session"]
    assert shape.sessions == 2
    assert outline(MeetingFactory(), ANONYMOUS) == ([], [], 0)
