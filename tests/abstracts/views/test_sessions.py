import datetime as dt

import pytest

from tests.factories import (
    AbstractFactory,
    AuthorLineFactory,
    MeetingFactory,
    PresentationFactory,
    SessionFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db


def get(client, session, query="", status=200):
    response = client.get(session.get_absolute_url() + query)
    assert response.status_code == status
    return response.content.decode()


def test_it_works(client):
    session = SessionFactory(title="Gout Posters", place="Hall 4", type="Poster Session", date=dt.date(2025, 10, 26))
    for position, title in ((2, "Second"), (1, "First")):
        abstract = AbstractFactory(meeting=session.meeting, title=title, number=f"00{position}")
        PresentationFactory(abstract=abstract, session=session, position=position)
    page = get(client, session)
    assert 'Gout Posters <span class="range">(001–002)</span>' in page
    assert page.index(">First<") < page.index(">Second<")
    for words in ("Hall 4", "Poster Session", "Sunday, October 26, 2025", "10:30 AM–12:30 PM CDT"):
        assert words in page


def test_own_times_of_the_session_are_shown(client):
    session = SessionFactory()
    other = SessionFactory(meeting=session.meeting)
    abstract = AbstractFactory(meeting=session.meeting)
    PresentationFactory(abstract=abstract, session=session, start_time=dt.time(11, 45), end_time=dt.time(12))
    PresentationFactory(abstract=abstract, session=other, start_time=dt.time(8, 15))
    page = get(client, session)
    assert "11:45 AM–12:00 PM CDT" in page
    assert "8:15 AM" not in page


def test_order_without_positions_is_by_number(client):
    session = SessionFactory()
    for number in ("10", "9", "L1"):
        abstract = AbstractFactory(meeting=session.meeting, number=number, title=f"Study {number}")
        PresentationFactory(abstract=abstract, session=session, position=0)
    page = get(client, session)
    assert page.index("Study 9<") < page.index("Study 10<") < page.index("Study L1<")


def test_each_abstract_is_shown_up_to_its_level(client):
    session = SessionFactory()
    for number, state in [("0001", {"embargoed": True}), ("0002", {"shell": True}), ("0003", {"listing": True})]:
        abstract = AbstractFactory(meeting=session.meeting, number=number, title=f"Title {number}", **state)
        AuthorLineFactory(abstract=abstract, person__given="Ada", person__family=f"Example{number}")
        PresentationFactory(abstract=abstract, session=session)
    page = get(client, session)
    assert "0001" not in page
    assert "Abstract 0002" in page
    assert "Title 0002" not in page
    assert "Example0002" not in page
    assert "Title 0003" in page
    assert "Example0003" in page
    assert "(0002–0003)" in page


def test_before_and_after_in_the_program(client):
    meeting = MeetingFactory()

    def date(day):
        return dt.date(2025, 10, day)

    titles = ["Early", "Middle", "Late", "Undated"]
    times = [(25, 9), (25, 11), (26, 8)]
    sessions = [
        SessionFactory(meeting=meeting, title=title, date=date(day), start_time=dt.time(hour), end_time=None)
        for title, (day, hour) in zip(titles, times, strict=False)
    ]
    sessions.append(SessionFactory(meeting=meeting, title="Undated", date=None, start_time=None, end_time=None))
    SessionFactory(title="Elsewhere")
    pages = [get(client, session).partition("Sessions before and after")[2] for session in sessions]
    assert 'rel="prev"' not in pages[0]
    assert 'rel="next"' not in pages[3]
    for here in range(3):
        assert sessions[here + 1].get_absolute_url() in pages[here]
        assert sessions[here].get_absolute_url() in pages[here + 1]
        assert "Elsewhere" not in pages[here]


def test_sessions_of_hidden_meetings_are_404(client):
    get(client, SessionFactory(meeting__is_published=False), status=404)


def test_a_session_of_another_meeting_is_404(client):
    session, other = SessionFactory(), MeetingFactory()
    assert client.get(f"/meetings/{other.slug}/sessions/{session.slug}/").status_code == 404


def test_an_empty_session_has_a_message(client):
    assert "No abstracts of this session are public yet" in get(client, SessionFactory())


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(client, django_assert_num_queries, rows):
    session = SessionFactory()
    SessionFactory.create_batch(rows, meeting=session.meeting)
    for _ in range(rows):
        abstract = whole_abstract(meeting=session.meeting, authors=rows)
        PresentationFactory(abstract=abstract, session=session)
    with django_assert_num_queries(10):
        get(client, session)


@pytest.mark.parametrize(("page", "status"), [("abc", 400), ("%00", 400), ("2", 404)])
def test_bad_pages(client, page, status):
    get(client, SessionFactory(), f"?page={page}", status)
