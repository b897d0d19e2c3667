"""Forms of embargo tiers: the numbers that they take."""

import datetime as dt

import pytest
from django.urls import reverse

from tests import factories

from .posting import add_row, edit

pytestmark = pytest.mark.django_db


def tier_url(tier) -> str:
    return reverse("admin:abstracts_embargotier_change", args=[tier.pk])


def meeting_url(meeting) -> str:
    return reverse("admin:abstracts_meeting_change", args=[meeting.pk])


def prefixes(tier) -> str:
    tier.refresh_from_db()
    return tier.number_prefixes


def test_prefixes_are_stored_in_one_form(boss):
    tier = factories.TierFactory()
    edit(boss, tier_url(tier), "embargotier_form", number_prefixes=" lb;L  0-9")
    assert prefixes(tier) == "LB, L, 0-9"
    response = edit(boss, tier_url(tier), "embargotier_form", number_prefixes="LB24")
    assert "write letters, such as LB" in response.content.decode()
    assert prefixes(tier) == "LB, L, 0-9"


def test_two_tiers_of_a_meeting_do_not_take_the_same_numbers(boss):
    late = factories.TierFactory(name="Late", number_prefixes="L, LB")
    tier = factories.TierFactory(meeting=late.meeting)
    response = edit(boss, tier_url(tier), "embargotier_form", number_prefixes="0-9, lb")
    assert "The tier “Late” takes numbers that start with LB." in response.content.decode()
    assert prefixes(tier) == ""
    elsewhere = factories.TierFactory()
    edit(boss, tier_url(elsewhere), "embargotier_form", number_prefixes="LB")
    assert prefixes(elsewhere) == "LB"


def test_prefixes_move_between_the_tiers_of_a_meetings_form(boss):
    late = factories.TierFactory(name="Late", number_prefixes="L, LB", position=0)
    tier = factories.TierFactory(meeting=late.meeting, position=1)
    url = meeting_url(late.meeting)
    response = edit(boss, url, "meeting_form", **{"embargotier-1-number_prefixes": "LB"})
    assert "The tier “Late” takes numbers that start with LB." in response.content.decode()
    edit(boss, url, "meeting_form", **{"embargotier-0-number_prefixes": "L", "embargotier-1-number_prefixes": "LB"})
    assert (prefixes(late), prefixes(tier)) == ("L", "LB")
    new = {"name": "New", "position": "2", "decides": "last", "number_prefixes": "L"}
    row = add_row(boss, url, "meeting_form", "embargotier", **new)
    response = edit(boss, url, "meeting_form", **row)
    assert "The tier “Late” takes numbers that start with L." in response.content.decode()


def test_the_history_of_a_tier_has_the_changes_of_its_steps(boss):
    tier = factories.TierFactory(steps=[])
    factories.change_step(tier, rule="fixed", date=dt.date(2099, 1, 1), time=dt.time(9))
    edit(boss, tier_url(tier), "embargotier_form", **{"embargostep-0-date": "2101-02-03"})
    page = boss.get(reverse("admin:abstracts_embargotier_history", args=[tier.pk])).content.decode()
    assert "Embargo step" in page or "embargo step" in page
    assert "2099" in page
    assert "2101" in page
