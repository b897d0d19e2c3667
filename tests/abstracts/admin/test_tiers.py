"""Forms of embargo tiers: the numbers that they take."""

import datetime as dt

import pytest
from django.urls import reverse

from abstracts.models import EmbargoStep, EmbargoTier
from abstracts.visibility import Level
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


def test_steps_that_take_each_others_place_are_refused(boss):
    """Rows are saved one after the other, and no two steps of a tier may show the same even for a moment."""
    tier = factories.TierFactory(listing_level=Level.TITLED, release_date=dt.date(2099, 1, 1))
    everything, title = (step.pk for step in EmbargoStep.objects.filter(tier=tier).order_by("pk"))
    exchanged = {"embargostep-0-shows": "everything", "embargostep-1-shows": "title"}
    response = edit(boss, tier_url(tier), "embargotier_form", **exchanged)
    assert "A row below has this until it is saved" in response.content.decode()
    taken = {"embargostep-0-shows": "everything", "embargostep-1-DELETE": "on"}
    response = edit(boss, tier_url(tier), "embargotier_form", **taken)
    assert "A row below has this until it is saved" in response.content.decode()
    moved = {"embargostep-0-shows": "number", "embargostep-1-shows": "title"}
    edit(boss, tier_url(tier), "embargotier_form", **moved)
    shown = EmbargoStep.objects.filter(tier=tier).values_list("pk", "shows")
    assert dict(shown) == {title: "number", everything: "title"}


def test_tiers_that_take_each_others_name_are_refused(boss):
    late = factories.TierFactory(name="Late", position=0)
    factories.TierFactory(meeting=late.meeting, name="Regular", position=1)
    exchanged = {"embargotier-0-name": "Regular", "embargotier-1-name": "Late"}
    response = edit(boss, meeting_url(late.meeting), "meeting_form", **exchanged)
    assert "A row below has this until it is saved" in response.content.decode()
    assert EmbargoTier.objects.get(pk=late.pk).name == "Late"
