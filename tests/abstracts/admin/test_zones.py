"""Time zones in forms of the admin."""

import datetime as dt
import re

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from abstracts.admin.zones import Days, ZoneField, choices, cities, time_on, zones_named
from tests import factories

from .posting import edit, fields_of

NOVEMBER = Days(dt.date(2026, 11, 15), dt.date(2026, 11, 17))
JULY = Days(dt.date(2031, 7, 10), dt.date(2031, 7, 10))
OVER_THE_CHANGE = Days(dt.date(2026, 10, 30), dt.date(2026, 11, 3))


@pytest.mark.parametrize(
    ("zone", "days", "text"),
    [
        ("America/Vancouver", NOVEMBER, "MST (UTC−07:00), all year from 2026"),
        ("America/Edmonton", NOVEMBER, "CST (UTC−06:00), all year from 2026"),
        ("America/Winnipeg", NOVEMBER, "EST (UTC−05:00), all year from 2026"),
        ("Africa/Casablanca", JULY, "UTC+00:00, all year from 2026"),
        ("America/Vancouver", Days(dt.date(2026, 10, 1), dt.date(2026, 10, 2)), "PDT (UTC−07:00)"),
        ("America/Chicago", NOVEMBER, "CST (UTC−06:00)"),
        ("America/Chicago", OVER_THE_CHANGE, "CDT (UTC−05:00), from Nov 1 CST (UTC−06:00)"),
        ("America/Vancouver", OVER_THE_CHANGE, "PDT (UTC−07:00), from Nov 1 MST (UTC−07:00), all year from 2026"),
        ("Asia/Kolkata", JULY, "IST (UTC+05:30)"),
        ("America/Sao_Paulo", JULY, "UTC−03:00"),
        ("UTC", JULY, "UTC+00:00"),
    ],
)
def test_time_of_a_zone_on_the_days_of_a_meeting(zone, days, text):
    assert time_on(zone, days) == text


def test_zones_are_offered_by_city():
    labels = dict(choices(NOVEMBER))
    assert labels["America/Vancouver"] == "Vancouver, Canada, BC (most areas): MST (UTC−07:00), all year from 2026"
    assert labels["Europe/Berlin"].startswith("Berlin, Germany, most of Germany: CET (UTC+01:00)")
    assert "UTC" in labels
    assert "US/Central" not in labels
    assert [city.place for city in cities()[:-1]] == sorted(city.place for city in cities()[:-1])


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("America/Chicago", "America/Chicago"),
        (" america/chicago ", "America/Chicago"),
        ("Vancouver", "America/Vancouver"),
        ("new york", "America/New_York"),
        ("Vancouver, Canada, BC (most areas)", "America/Vancouver"),
        ("US/Central", "US/Central"),
    ],
)
def test_a_city_or_a_name_is_taken(typed, zone):
    assert ZoneField().clean(typed) == zone


@pytest.mark.parametrize("typed", ["Mars/Olympus", "../etc/passwd", "/etc", "\x00", "America/", "CDT", "x" * 5000])
def test_anything_else_is_a_message(typed):
    with pytest.raises(ValidationError, match=r"is not a time zone|Null characters|required"):
        ZoneField().clean(typed)


def test_a_city_that_several_zones_have_is_a_message(monkeypatch):
    monkeypatch.setattr("abstracts.admin.zones.zones_named", lambda typed: ["America/Boise", "Europe/Boise"])
    with pytest.raises(ValidationError, match="“Boise” may be America/Boise or Europe/Boise"):
        ZoneField().clean("Boise")


def test_a_zone_that_may_be_blank():
    assert ZoneField(required=False).clean("  ") == ""
    assert zones_named("") == []


class ZoneForm(forms.Form):
    zone = ZoneField()


def test_the_field_is_a_plain_input_with_the_pages_list():
    assert 'list="time-zones"' in str(ZoneForm()["zone"])
    form = ZoneForm(initial={"zone": "America/Vancouver"})
    form.fields["zone"].widget.days = NOVEMBER
    assert "MST (UTC−07:00), all year from 2026" in str(form["zone"])
    bad = ZoneForm({"zone": "<b>Mars"})
    bad.fields["zone"].widget.days = NOVEMBER
    assert not bad.is_valid()
    assert "<b>" not in str(bad)


def meeting_page(meeting) -> str:
    return reverse("admin:abstracts_meeting_change", args=[meeting.pk])


@pytest.mark.django_db
def test_the_form_of_a_meeting_offers_and_explains_zones(boss):
    meeting = factories.MeetingFactory(
        timezone="America/Vancouver", year=2026, starts_on=NOVEMBER.first, ends_on=NOVEMBER.last
    )
    page = boss.get(meeting_page(meeting)).content.decode()
    assert page.count('<datalist id="time-zones">') == 1
    assert re.search(r'<option value="America/Winnipeg">Winnipeg, Canada, [^<]*: EST \(UTC−05:00\)', page)
    assert '<span class="zone-time">MST (UTC−07:00), all year from 2026</span>' in page
    assert re.search(r'<input type="text" name="timezone"[^>]* list="time-zones"', page)
    assert '<datalist id="time-zones">' in boss.get(reverse("admin:abstracts_meeting_add")).content.decode()


@pytest.mark.django_db
def test_instants_of_the_form_are_in_the_zone_of_the_typed_city(boss):
    meeting = factories.MeetingFactory(timezone="America/Chicago")
    edit(
        boss, meeting_page(meeting), "meeting_form", timezone="berlin",
        news_embargo_at_0="2025-07-01", news_embargo_at_1="10:00:00",
    )  # fmt: skip
    meeting.refresh_from_db()
    assert (meeting.timezone, meeting.news_embargo_at) == ("Europe/Berlin", dt.datetime(2025, 7, 1, 8, tzinfo=dt.UTC))


@pytest.mark.django_db
def test_a_wrong_zone_gives_the_form_again_as_it_was_typed(boss):
    meeting = factories.MeetingFactory()
    response = edit(boss, meeting_page(meeting), "meeting_form", timezone="Mars")
    page = response.content.decode()
    assert (response.status_code, "“Mars” is not a time zone" in page) == (200, True)
    assert fields_of(page, "meeting_form")["timezone"] == "Mars"
    meeting.refresh_from_db()
    assert meeting.timezone == "America/Chicago"


@pytest.mark.django_db
def test_steps_take_a_city_and_explain_their_zone(boss):
    tier = factories.TierFactory(meeting__year=2026, meeting__starts_on=NOVEMBER.first, meeting__ends_on=NOVEMBER.last)
    url = reverse("admin:abstracts_embargotier_change", args=[tier.pk])
    response = edit(boss, url, "embargotier_form", **{"embargostep-0-timezone": "winnipeg"})
    assert factories.step_of(tier).timezone == "America/Winnipeg", response.context["errors"]
    page = boss.get(url).content.decode()
    assert '<span class="zone-time">EST (UTC−05:00), all year from 2026</span>' in page
    assert page.count('<datalist id="time-zones">') == 1
    response = edit(boss, url, "embargotier_form", **{"embargostep-0-timezone": "Mars"})
    assert "“Mars” is not a time zone" in response.content.decode()
