"""Changes that would release abstracts are asked about first; tiers say what they release."""

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from abstracts.admin.embargo import outlook, tally
from abstracts.models import Abstract, Figure
from abstracts.visibility import ANONYMOUS, Status
from tests import factories
from tests.factories import LONG_AGO

from .posting import add_row, answer, asks, edit, png

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


def tier_url(tier) -> str:
    return reverse("admin:abstracts_embargotier_change", args=[tier.pk])


def is_public(abstract) -> bool:
    return Abstract.objects.visible_to(ANONYMOUS, NOW).filter(pk=abstract.pk).exists()


def test_a_tier_that_would_release_asks_first(boss):
    tier = factories.TierFactory(embargoed=True)
    abstracts = factories.AbstractFactory.create_batch(12, meeting=tier.meeting, tier=tier)
    response = edit(boss, tier_url(tier), "embargotier_form", **{"embargostep-0-date": "2020-01-01"})
    page = response.content.decode()
    assert "This changes what the public sees of 12 abstracts." in page
    assert "Public at once: 12 abstracts of" in page
    assert "and 2 more" in page
    assert not is_public(abstracts[0])
    assert not LogEntry.objects.exists()
    assert factories.step_of(tier).date.year == 2099

    response = answer(boss, response)
    assert "was changed successfully" in response.content.decode()
    assert is_public(abstracts[0])
    assert LogEntry.objects.get().get_change_message() == f"Changed Date for embargo step “{factories.step_of(tier)}”."


def test_the_confirmation_page_shows_no_message_of_the_rolled_back_change(boss):
    abstract = factories.AbstractFactory(embargoed=True)
    edit(boss, tier_url(abstract.tier), "embargotier_form", **{"embargostep-0-date": "2020-01-01"})
    assert "successfully" not in boss.get(reverse("admin:index")).content.decode()


def test_changes_that_hide_nothing_and_release_nothing_earlier_are_not_asked_about(boss):
    abstract = factories.AbstractFactory(embargoed=True)
    assert not asks(edit(boss, tier_url(abstract.tier), "embargotier_form", name="Renamed"))
    assert not asks(edit(boss, tier_url(abstract.tier), "embargotier_form", **{"embargostep-0-date": "2101-01-01"}))
    abstract.tier.refresh_from_db()
    assert (abstract.tier.name, factories.step_of(abstract.tier).date.year) == ("Renamed", 2101)


def test_a_change_that_shows_a_listing_asks_for_confirmation(boss):
    abstract = factories.AbstractFactory(embargoed=True)
    number = {"shows": "number", "rule": "fixed", "date": "2020-01-01", "time": "00:00:00", "minutes": "0"}
    row = add_row(boss, tier_url(abstract.tier), "embargotier_form", "embargostep", **number)
    response = edit(boss, tier_url(abstract.tier), "embargotier_form", **row)
    assert "and its number and session only after the change." in response.content.decode()


def test_a_change_that_releases_an_abstract_asks_for_confirmation(boss):
    abstract = factories.AbstractFactory(draft=True, title="Line\nbreak <i>& marks</i> \"'")
    url = reverse("admin:abstracts_abstract_change", args=[abstract.pk])
    response = edit(boss, url, "abstract_form", status=Status.PUBLISHED)
    assert "This changes what the public sees of 1 abstract." in response.content.decode()
    title = Abstract.unfiltered.get().title
    answer(boss, response)
    assert is_public(abstract)
    assert Abstract.unfiltered.get().title == title


def test_a_release_with_an_upload_asks_for_confirmation_and_keeps_the_file(boss):
    abstract = factories.AbstractFactory(draft=True)
    url = reverse("admin:abstracts_abstract_change", args=[abstract.pk])
    row = add_row(boss, url, "abstract_form", "figure", position="0", label="Figure 1")
    files = {"figure-0-upload": SimpleUploadedFile("a.png", png())}
    response = edit(boss, url, "abstract_form", files=files, status=Status.PUBLISHED, **row)
    assert asks(response)
    assert not is_public(abstract)
    assert not Figure.unfiltered.exists()
    assert not [path for path in figure_files() if path.is_file()]
    answer(boss, response)
    assert is_public(abstract)
    assert Figure.unfiltered.get().width == 600


def test_an_upload_that_releases_nothing_is_saved_at_once(boss):
    abstract = factories.AbstractFactory(embargoed=True)
    url = reverse("admin:abstracts_abstract_change", args=[abstract.pk])
    row = add_row(boss, url, "abstract_form", "figure", position="0", label="Figure 1")
    response = edit(boss, url, "abstract_form", files={"figure-0-upload": SimpleUploadedFile("a.png", png())}, **row)
    assert str(response.context["messages"]).count("successfully") <= 1
    assert Figure.unfiltered.get().width == 600
    assert LogEntry.objects.count() == 1


def figure_files() -> list:
    return list(Path(settings.FIGURES_ROOT).rglob("*"))


def test_a_change_of_a_meeting_or_session_that_releases_asks_for_confirmation(boss):
    meeting = factories.MeetingFactory(is_published=False)
    factories.AbstractFactory(meeting=meeting)
    url = reverse("admin:abstracts_meeting_change", args=[meeting.pk])
    assert asks(edit(boss, url, "meeting_form", is_published="on"))

    tier = factories.TierFactory(release_rule="session_start", release_date=None, release_time=None)
    session = factories.SessionFactory(meeting=tier.meeting, date=dt.date(2099, 1, 1))
    factories.PresentationFactory(session=session, abstract=factories.AbstractFactory(meeting=tier.meeting, tier=tier))
    url = reverse("admin:abstracts_session_change", args=[session.pk])
    assert asks(edit(boss, url, "session_form", date="2020-01-01"))


def test_a_change_without_permission_is_403(curator, client):
    abstract = factories.AbstractFactory(embargoed=True)
    client.force_login(factories.UserFactory(is_staff=True))
    assert client.post(tier_url(abstract.tier), {"embargostep-0-date": "2020-01-01"}).status_code == 403


@pytest.mark.parametrize(
    ("trait", "sentence"),
    [
        ({}, "The public now sees everything."),
        ({"draft": True}, "The public now sees nothing. A draft stays hidden whatever the embargo says."),
        ({"tier": None}, "The public now sees nothing. It is held: no release is known"),
        (
            {"withdrawn": True},
            "The public now sees its title, authors, keywords and session, not its text. The text of a withdrawn",
        ),
        (
            {"shell": True},
            "The public now sees its number and session only. "
            "From Jan 1, 2099, 9:00 AM CST (Jan 1, 2099, 3:00 PM UTC) it sees everything.",
        ),
        ({"meeting__is_published": False}, "The public now sees nothing. Its meeting is not published."),
    ],
)
def test_outlooks(trait, sentence):
    assert outlook(factories.AbstractFactory(**trait), NOW).startswith(sentence)


def test_outlook_before_listing_and_release():
    abstract = factories.AbstractFactory(listing=True)
    before = dt.datetime(2019, 1, 1, tzinfo=dt.UTC)
    assert outlook(abstract, before) == (
        "The public now sees nothing. From Jan 1, 2020, 12:00 AM CST (Jan 1, 2020, 6:00 AM UTC) it sees its title, "
        "authors, keywords and session, not its text. From Jan 1, 2099, 9:00 AM CST (Jan 1, 2099, 3:00 PM UTC) it "
        "sees everything."
    )


def test_a_tier_says_what_it_releases(boss, django_assert_num_queries):
    from django.db.models import Q

    tier = factories.TierFactory(embargoed=True)
    factories.AbstractFactory.create_batch(2, meeting=tier.meeting, tier=tier)
    factories.AbstractFactory(meeting=tier.meeting, tier=tier, override_released_from=LONG_AGO)
    factories.AbstractFactory(meeting=tier.meeting, tier=tier, draft=True)
    said = (
        "4 abstracts: 3 hidden, 1 released. "
        "Releases 2 abstracts at Jan 1, 2099, 9:00 AM CST (Jan 1, 2099, 3:00 PM UTC)."
    )
    with django_assert_num_queries(2):
        assert tally(Q(tier=tier), tier.meeting.zone, NOW) == said
    assert said in boss.get(tier_url(tier)).content.decode()
    assert tally(Q(pk=0), tier.meeting.zone, NOW) == "No abstracts yet."


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"embargostep-0-date": ""}, "Say on which date."),
        ({"embargostep-0-time": ""}, "Say at what time."),
        ({"embargostep-0-timezone": "Mars/Olympus"}, "is not a time zone"),
        ({"embargostep-0-rule": "session_start"}, "The date is not used with this rule"),
        ({"embargostep-0-minutes": "5"}, "Minutes count from the start or end of a session or talk only"),
        ({"embargostep-0-date": "31.02.2025"}, "Enter a valid date."),
        ({"name": "Other"}, "already exists"),
        ({"decides": "first_of_type"}, "Say which type of session decides."),
        ({"embargostep-0-date": "9999-12-31", "embargostep-0-time": "23:59:59"}, "out of range"),
    ],
)
def test_bad_tiers_are_messages(boss, fields, message):
    tier = factories.TierFactory()
    factories.TierFactory(meeting=tier.meeting, name="Other")
    factories.AbstractFactory(meeting=tier.meeting, tier=tier)
    response = edit(boss, tier_url(tier), "embargotier_form", **fields)
    assert response.status_code == 200
    assert message in response.content.decode()


def test_a_meeting_is_edited_with_its_tiers_and_its_own_zone(boss):
    tier = factories.TierFactory(meeting__timezone="Europe/Berlin")
    url = reverse("admin:abstracts_meeting_change", args=[tier.meeting_id])
    response = edit(
        boss, url, "meeting_form",
        news_embargo_at_0="2025-07-01", news_embargo_at_1="10:00:00", **{"embargotier-0-name": "Renamed"},
    )  # fmt: skip
    assert response.redirect_chain, response.context["errors"]
    tier.refresh_from_db()
    tier.meeting.refresh_from_db()
    assert tier.name == "Renamed"
    assert tier.meeting.news_embargo_at == dt.datetime(2025, 7, 1, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc", "\x00"])
def test_unknown_time_zones_of_a_meeting_are_messages(boss, zone):
    meeting = factories.MeetingFactory()
    url = reverse("admin:abstracts_meeting_change", args=[meeting.pk])
    response = edit(boss, url, "meeting_form", timezone=zone)
    assert response.status_code == 200
    assert not response.redirect_chain
