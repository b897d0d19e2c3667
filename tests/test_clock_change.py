"""A local time of a night in which clocks change is the same instant wherever it is read."""

import datetime as dt
import html
import json
import re

import icalendar
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from abstracts import reading
from abstracts.models import Abstract
from abstracts.visibility import ANONYMOUS
from accounts.favorites.calendars import calendar_of
from tests import factories
from tests.abstracts.printing.pdfs import text_of

pytestmark = pytest.mark.django_db

# In Chicago: the day, typed start and end, what pages and PDF say, start and end as instants.
NIGHTS = {
    # 1:30 AM comes twice; the later one counts, as in the embargo.
    "clocks go back": (
        "2026-11-01", "01:30", "01:50", "1:30 AM–1:50 AM CST", "2026-11-01T07:30+00:00", "2026-11-01T07:50+00:00",
    ),
    "until clocks have gone back": (
        "2026-11-01", "00:30", "01:30", "12:30 AM CDT–1:30 AM CST", "2026-11-01T05:30+00:00", "2026-11-01T07:30+00:00",
    ),
    # 2:30 AM is left out; an hour that was left out is at 3:30.
    "clocks go forward": (
        "2026-03-08", "02:30", "03:45", "3:30 AM–3:45 AM CDT", "2026-03-08T08:30+00:00", "2026-03-08T08:45+00:00",
    ),
    "no change": (
        "2026-10-31", "10:30", "11:00", "10:30 AM–11:00 AM CDT", "2026-10-31T15:30+00:00", "2026-10-31T16:00+00:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("own", [False, True], ids=["time of the session", "time of the talk"])
@pytest.mark.parametrize("night", NIGHTS)
def test_page_pdf_calendar_and_structured_data_agree(client, night, own):
    date, start, end, words, starts_at, ends_at = NIGHTS[night]
    times = {"start_time": dt.time.fromisoformat(start), "end_time": dt.time.fromisoformat(end)}
    around = {"start_time": dt.time(0, 10), "end_time": dt.time(23, 50)}
    meeting = factories.MeetingFactory(year=2026, timezone="America/Chicago")
    session = factories.SessionFactory(
        meeting=meeting, date=dt.date.fromisoformat(date), **(around if own else times)
    )  # fmt: skip
    abstract = factories.AbstractFactory(meeting=meeting)
    factories.PresentationFactory(abstract=abstract, session=session, **(times if own else {}))

    assert words in text_at(client, abstract.get_absolute_url())
    export = client.get(reverse("abstract-export", args=[abstract.slug, "pdf"]))
    assert words in text_of(export.content)
    assert calendar_times() == (starts_at, ends_at)
    if own:
        return
    page = client.get(session.get_absolute_url()).content.decode()
    assert words in text_of_html(page)
    event = next(thing for thing in linked_data(page) if thing.get("superEvent"))
    assert [as_utc(event[name]) for name in ("startDate", "endDate")] == [starts_at, ends_at]
    session.refresh_from_db()
    assert [as_utc(str(instant)) for instant in (session.starts_at, session.ends_at)] == [starts_at, ends_at]


def text_at(client: Client, path: str) -> str:
    return text_of_html(client.get(path).content.decode())


def text_of_html(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def linked_data(page: str) -> list[dict]:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])["@graph"]


def calendar_times() -> tuple[str, str]:
    rows = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).select_related("meeting")
    added = dict.fromkeys(rows.values_list("pk", flat=True), timezone.now())
    file = calendar_of(reading.rows(rows), added, "My program", "Archive", "https://abstracts.example.org")
    (event,) = icalendar.Calendar.from_ical(file).walk("VEVENT")
    return as_utc(str(event["dtstart"].dt)), as_utc(str(event["dtend"].dt))


def as_utc(text: str) -> str:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC).isoformat(timespec="minutes")
