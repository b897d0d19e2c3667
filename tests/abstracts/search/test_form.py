import datetime as dt

import pytest
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils import timezone

from abstracts.search.form import SearchFilters
from abstracts.search.query import Order, SearchQuery
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests.factories import MeetingFactory, SessionFactory

pytestmark = pytest.mark.django_db


def filters(query, viewer=ANONYMOUS):
    return SearchFilters(QueryDict(query), viewer, timezone.now())


def test_all_parameters_become_one_query():
    session = SessionFactory(meeting__slug="forum-2025", type="Plenary")
    MeetingFactory(slug="forum-2024")
    address = (
        "q=words+here&title=t&author=a&affiliation=f&keyword=k&meeting=forum-2025&meeting=forum-2024&type=Plenary"
        "&day=2025-10-26&number=LB12&trial=NCT01234567&order=title&per_page=100"
    )
    form = filters(address)
    assert form.query() == SearchQuery(
        text="words here",
        title="t",
        author="a",
        affiliation="f",
        keyword="k",
        meetings=("forum-2025", "forum-2024"),
        session_type=session.type,
        day=dt.date(2025, 10, 26),
        number="LB12",
        trial_id="NCT01234567",
        order=Order.TITLE,
    )
    assert form.results_per_page == 100


def test_no_parameters():
    form = filters("")
    assert form.query() == SearchQuery()
    assert form.results_per_page == 20


def test_control_characters_and_space_are_dropped():
    assert filters("q=%00a%1B++%0A+b%00").query() == SearchQuery(text="a b")


@pytest.mark.parametrize(
    "query",
    ["meeting=none", "type=none", "order=-pk", "per_page=21", "meeting=%00x", "&".join(f"kw={n}" for n in range(11))],
)
def test_tampering_is_refused(query):
    with pytest.raises(BadRequest):
        filters(query).query()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("day=2025-02-29", "day"),
        ("day=yesterday", "day"),
        ("q=" + "x" * 10_000, "q"),
        ("year_from=19", "year_from"),
        ("title=" + "a" * 401, "title"),
        ("number=" + "1" * 41, "number"),
    ],
)
def test_slips_come_back_with_a_message(query, field):
    form = filters(query)
    assert form.query() is None
    assert list(form.errors) == [field]


def test_unpublished_meetings_are_no_choices():
    SessionFactory(meeting__slug="secret", meeting__is_published=False, type="Secret Session")
    for query in ("meeting=secret", "type=Secret+Session"):
        with pytest.raises(BadRequest):
            filters(query).query()
    assert filters("meeting=secret", Viewer(Role.STAFF, 1)).query().meetings == ("secret",)
