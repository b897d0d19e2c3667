"""The steps of a tier in its form: their order, what they do in words, and slips."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from abstracts.admin.steps import in_words
from abstracts.models import EmbargoStep
from abstracts.models.groups import VIEWERS
from tests import factories

from .posting import add_row, edit, fields_of

pytestmark = pytest.mark.django_db

FIXED = {"rule": "fixed", "date": dt.date(2030, 10, 25), "time": dt.time(10)}


@pytest.fixture
def meeting():
    days = {"starts_on": dt.date(2030, 10, 24), "ends_on": dt.date(2030, 10, 29)}
    return factories.MeetingFactory(timezone="America/Chicago", year=2030, **days)


def tier_url(tier) -> str:
    return reverse("admin:abstracts_embargotier_change", args=[tier.pk])


def page_of(client, tier) -> str:
    return client.get(tier_url(tier)).content.decode()


def fields(client, tier) -> dict[str, str]:
    return fields_of(page_of(client, tier), "embargotier_form")


def effects(client, tier) -> list[str]:
    """What the page says that each stored step does."""
    found = re.findall(r'<div class="readonly">(.*?)</div>', page_of(client, tier), re.DOTALL)
    return [text for text in found[2:] if text != "–"]


def shown(client, tier) -> list[str]:
    values = fields(client, tier)
    return [values[f"embargostep-{n}-shows"] for n in range(6)]


def test_rows_come_in_natural_order_the_stored_ones_first(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, steps=[])
    assert shown(boss, tier) == ["number", "title", "listing", "everything", "press", "news"]
    for shows in ("news", "everything", "number"):
        factories.change_step(tier, shows, **FIXED)
    assert shown(boss, tier) == ["number", "everything", "news", "title", "listing", "press"]


def test_steps_are_added_without_a_script(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, steps=[])
    at = {"date": "2030-10-01", "time": "09:00"}
    title = {f"embargostep-1-{name}": value for name, value in ({"rule": "fixed"} | at).items()}
    text = {"embargostep-3-rule": "talk_start", "embargostep-3-minutes": "-30"}
    edit(boss, tier_url(tier), "embargotier_form", **title, **text)
    steps = EmbargoStep.objects.filter(tier=tier).order_by("pk")
    assert [(step.shows, step.rule, step.minutes) for step in steps] == [
        ("title", "fixed", 0),
        ("everything", "talk_start", -30),
    ]


def test_a_new_tier_takes_its_steps_with_it(boss, meeting):
    url = reverse("admin:abstracts_embargotier_add")
    new = {"meeting": str(meeting.pk), "name": "Late", "embargostep-3-rule": "session_start"}
    edit(boss, url, "embargotier_form", **new)
    step = EmbargoStep.objects.get()
    assert (step.tier.name, step.shows, step.rule) == ("Late", "everything", "session_start")


def test_rows_without_a_rule_are_no_steps(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, steps=[])
    edit(boss, tier_url(tier), "embargotier_form", name="Renamed")
    assert not tier.steps.exists()
    response = edit(boss, tier_url(tier), "embargotier_form", **{"embargostep-2-date": "2030-10-01"})
    assert "Choose from when. To remove the step, tick “Delete”." in response.content.decode()
    assert 'value="2030-10-01"' in response.content.decode()


def test_a_slip_is_said_beside_its_field_and_loses_nothing(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, steps=[{"shows": "everything", **FIXED}])
    typed = {"embargostep-0-time": "", "embargostep-0-timezone": "chicago", "embargostep-2-rule": "session_end"}
    page = edit(boss, tier_url(tier), "embargotier_form", **typed, **{"embargostep-2-time": "08:15"}).content.decode()
    errors = dict(re.findall(r'id="id_embargostep-(\d-\w+)_error"><li>(.*?)</li>', page))
    assert errors == {
        "0-time": "Say at what time.",
        "2-time": "The time is not used with this rule: clear it, or choose another rule.",
    }
    sent = fields_of(page, "embargotier_form")
    assert sent["embargostep-2-rule"] == "session_end"
    assert sent["embargostep-2-time"] == "08:15"
    assert sent["embargostep-0-date"] == "2030-10-25"
    assert EmbargoStep.objects.get().time == dt.time(10)


def test_the_zone_of_a_step_is_typed_as_a_city(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, steps=[{"shows": "everything", **FIXED}])
    edit(boss, tier_url(tier), "embargotier_form", **{"embargostep-0-timezone": "berlin"})
    assert EmbargoStep.objects.get().timezone == "Europe/Berlin"
    page = page_of(boss, tier)
    assert '<span class="zone-time">CEST (UTC+02:00), from Oct 27 CET (UTC+01:00)</span>' in page
    assert page.count('<datalist id="time-zones">') == 1


def test_session_types_of_the_meeting_are_offered(boss, meeting):
    tier = factories.TierFactory(meeting=meeting)
    assert 'id="session-types"' not in page_of(boss, tier)
    factories.SessionFactory(meeting=meeting, type="Oral & Poster")
    factories.SessionFactory(meeting=meeting, type="Oral & Poster")
    factories.SessionFactory(type="Elsewhere")
    for url in (tier_url(tier), reverse("admin:abstracts_meeting_change", args=[meeting.pk])):
        page = boss.get(url).content.decode()
        assert '<datalist id="session-types"><option value="Oral &amp; Poster"></option></datalist>' in page
        assert 'list="session-types"' in page


# In words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (FIXED, "Everything: Oct 25, 2030, 10:00 AM"),
        (FIXED | {"time": dt.time(0, 1, 30)}, "Everything: Oct 25, 2030, 12:01:30 AM"),
        (FIXED | {"timezone": "Europe/Berlin"}, "Everything: Oct 25, 2030, 10:00 AM (Europe/Berlin)"),
        ({"rule": "session_start"}, "Everything: when its session starts"),
        ({"rule": "talk_end", "minutes": 1}, "Everything: 1 minute after its own talk ends"),
        ({"rule": "session_end", "minutes": -90}, "Everything: 90 minutes before its session ends"),
        ({"rule": "session_day", "time": dt.time(6, 30)}, "Everything: 6:30 AM on the day of its session"),
        ({"rule": "last_day", "time": dt.time(12)}, "Everything: 12:00 PM on the last day of the meeting"),
        ({"rule": "held"}, "Everything: held until staff choose a rule"),
    ],
)
def test_a_step_in_words(fields, words):
    assert in_words(EmbargoStep(shows="everything", **fields)) == words


def test_every_rule_and_every_step_has_words():
    for rule in EmbargoStep.Rule:
        for shows in EmbargoStep.Shows:
            assert in_words(EmbargoStep(shows=shows, rule=rule, date=dt.date(2030, 1, 1), time=dt.time(1)))


@pytest.mark.parametrize(
    ("step", "effect"),
    [
        (FIXED, "At Oct 25, 2030, 10:00 AM CDT (Oct 25, 2030, 3:00 PM UTC)."),
        (FIXED | {"timezone": "Europe/Berlin"}, "At Oct 25, 2030, 10:00 AM CEST (Oct 25, 2030, 8:00 AM UTC)."),
        ({"rule": "first_day", "time": dt.time(8)}, "At Oct 24, 2030, 8:00 AM CDT (Oct 24, 2030, 1:00 PM UTC)."),
        ({"rule": "held"}, "Never, until another rule is chosen."),
        ({"rule": "session_start"}, "No abstracts yet."),
    ],
)
def test_a_stored_step_says_its_instant(boss, meeting, step, effect):
    tier = factories.TierFactory(meeting=meeting, steps=[{"shows": "everything", **step}])
    assert effects(boss, tier) == [effect]


def test_a_day_that_the_meeting_lacks_is_said(boss):
    meeting = factories.MeetingFactory(starts_on=None, ends_on=None)
    step = {"shows": "everything", "rule": "last_day", "time": dt.time(8)}
    tier = factories.TierFactory(meeting=meeting, steps=[step])
    assert effects(boss, tier) == ["Never, because the meeting has no last day."]


def test_a_step_by_session_says_the_first_and_last_instant_and_what_is_missing(boss, meeting):
    tier = factories.TierFactory(
        meeting=meeting, steps=[{"shows": "everything", "rule": "session_start", "minutes": 30}]
    )
    for day in (24, 24, 26):
        row = factories.AbstractFactory(meeting=meeting, tier=tier)
        session = factories.SessionFactory(meeting=meeting, date=dt.date(2030, 10, day))
        factories.PresentationFactory(abstract=row, session=session)
    said = (
        "3 abstracts: the first at Oct 24, 2030, 11:00 AM CDT (Oct 24, 2030, 4:00 PM UTC), "
        "the last at Oct 26, 2030, 11:00 AM CDT (Oct 26, 2030, 4:00 PM UTC)."
    )
    assert effects(boss, tier) == [said]
    factories.AbstractFactory(meeting=meeting, tier=tier)
    assert effects(boss, tier) == [f"{said} 1 abstract: never, because they have no session with a start."]


def test_a_form_with_errors_says_what_the_stored_steps_do(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, steps=[{"shows": "everything", **FIXED}])
    page = edit(boss, tier_url(tier), "embargotier_form", **{"embargostep-0-date": ""}).content.decode()
    assert "Say on which date." in page
    assert "At Oct 25, 2030, 10:00 AM CDT" in page


def test_queries_of_a_tier_do_not_grow_with_steps_and_abstracts(boss, meeting, django_assert_num_queries):
    rules = iter([("number", {"rule": "session_start"}), ("title", {"rule": "talk_end"}), ("news", FIXED)])
    tier = factories.TierFactory(meeting=meeting, steps=[])
    for count in (1, 2):  # 1, then 3
        for _ in range(count):
            shows, rule = next(rules)
            factories.change_step(tier, shows, **rule)
            factories.PresentationFactory(abstract=factories.AbstractFactory(meeting=meeting, tier=tier))
        boss.get(tier_url(tier))
        with django_assert_num_queries(14):
            assert boss.get(tier_url(tier)).status_code == 200


# On the page of the meeting


def test_the_meetings_page_shows_steps_in_words_and_leads_to_the_tier(boss, meeting):
    steps = [{"shows": "everything", "rule": "session_start"}, {"shows": "number", **FIXED}]
    tier = factories.TierFactory(meeting=meeting, steps=steps)
    page = boss.get(reverse("admin:abstracts_meeting_change", args=[meeting.pk])).content.decode()
    words = "<div>Number and session: Oct 25, 2030, 10:00 AM</div><div>Everything: when its session starts</div>"
    assert words in page
    assert f'href="{tier_url(tier)}"' in page


def test_a_new_tier_without_steps_is_said_with_the_way_to_them(boss, meeting):
    url = reverse("admin:abstracts_meeting_change", args=[meeting.pk])
    row = add_row(boss, url, "meeting_form", "embargotier", name="Late <i>", position="0", decides="last")
    page = edit(boss, url, "meeting_form", **row).content.decode()
    tier = meeting.tiers.get()
    said = f'The tier “Late &lt;i&gt;” has no steps: nothing of its abstracts ever shows. <a href="{tier_url(tier)}">'
    assert said in page
    factories.change_step(tier, **FIXED)
    page = edit(boss, tier_url(tier), "embargotier_form", name="Late").content.decode()
    assert "has no steps" not in page


def test_whoever_may_only_look_sees_what_each_step_does(client, meeting):
    tier = factories.TierFactory(meeting=meeting, steps=[{"shows": "everything", **FIXED}])
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=VIEWERS))
    client.force_login(user)
    page = page_of(client, tier)
    assert "At Oct 25, 2030, 10:00 AM CDT (Oct 25, 2030, 3:00 PM UTC)." in page
    assert "no such step" not in page
