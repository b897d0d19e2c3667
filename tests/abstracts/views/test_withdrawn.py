"""An abstract that was withdrawn with its title: number and note remain, and its addresses lead there."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from abstracts.exporting import FORMATS
from abstracts.models import Abstract, EmbargoRecord, Presentation, gate, groups
from abstracts.models.public_times import public_times
from abstracts.models.record import broken_links
from abstracts.visibility import Level
from tests import factories
from tests.abstracts.admin.posting import answer, edit
from tests.canary.walking import ask

pytestmark = pytest.mark.django_db
TITLE, FORMER_TITLE, NOTE, NUMBER = "Quillfever in cohorts", "Ouphe in cohorts", "Taken back by its authors.", "LB12"
SECRET = "list-of-withdrawn"


@pytest.fixture(autouse=True)
def _connection_stays(monkeypatch):
    """`ask` closes each answer, and PostgreSQL's connection with it."""
    monkeypatch.setattr(connection, "close", lambda: None)


@pytest.fixture
def officer() -> Client:
    user = factories.UserFactory(is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[groups.CURATORS, groups.OFFICERS]))
    client = Client()
    client.force_login(user)
    return client


def whole(**fields) -> Abstract:
    """With everything, an address of before, and on a list that is shared by its address."""
    abstract = factories.whole_abstract(number=NUMBER, title=FORMER_TITLE, **fields)
    abstract.title, abstract.slug = TITLE, SLUGS[0]
    abstract.save()
    shared = factories.FavoritesListFactory(user=factories.UserFactory(), share_token=SECRET)
    factories.FavoriteFactory(list=shared, abstract=abstract)
    return abstract


def withdraw(officer: Client, abstract: Abstract) -> None:
    url = reverse("admin:abstracts_abstract_change", args=[abstract.pk])
    fields = {"status": "withdrawn", "status_note": NOTE, "hides_title": "on"}
    response = edit(officer, url, "abstract_form", **fields)
    if "decide" in response.request["PATH_INFO"]:
        answer(officer, response)
    abstract.refresh_from_db()
    assert abstract.hides_title


def by_number(abstract: Abstract) -> str:
    return f"{abstract.meeting.get_absolute_url()}{NUMBER}/"


SLUGS = ("quillfever-in-cohorts", "ouphe-in-cohorts")


@pytest.mark.parametrize("slug", SLUGS)
def test_its_addresses_lead_to_its_number_if_the_title_was_public(officer, slug):
    abstract = whole()
    assert ask(Client(), f"/abstract/{SLUGS[0]}/").status == 200
    withdraw(officer, abstract)
    for prefix in ("", "/es"):
        response = Client().get(f"{prefix}/abstract/{slug}/")
        assert (response.status_code, response["Location"]) == (302, prefix + by_number(abstract))
    for part in ("citations/", "card.png", *(f"export/{name}/" for name in FORMATS)):
        assert ask(Client(), f"/abstract/{slug}/{part}").status == 404


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("before", [{"shell": True}, {"embargoed": True}, {"meeting__is_published": False}])
def test_its_addresses_are_those_of_nothing_if_the_title_never_was(officer, slug, before):
    abstract = whole(**before)
    withdraw(officer, abstract)
    nothing = "/abstract/" + "x" * len(slug) + "/"
    answers = [ask(Client(), path) for path in (f"/abstract/{slug}/", nothing)]
    assert answers[0].status == 404
    assert answers[0].body.replace(slug, "") == answers[1].body.replace("x" * len(slug), "")
    assert ask(Client(), by_number(abstract)).status == (200 if "shell" in before else 404)


def test_addresses_that_it_did_not_have_while_its_title_was_public_are_those_of_nothing(officer):
    abstract = factories.AbstractFactory(number=NUMBER, title="Zorblatt doubles survival", embargoed=True)
    with gate.bypassing("a test"):
        abstract.title, abstract.slug = TITLE, SLUGS[0]
        abstract.save()
        abstract.tier = factories.TierFactory(meeting=abstract.meeting)
        abstract.save()
    assert ask(Client(), f"/abstract/{SLUGS[0]}/").status == 200
    withdraw(officer, abstract)
    with gate.bypassing("a test"):
        abstract.title, abstract.slug = "Snarfolimumab cures", "snarfolimumab-cures"
        abstract.save()
    assert ask(Client(), f"/abstract/{SLUGS[0]}/").status == 302
    assert ask(Client(), "/abstract/zorblatt-doubles-survival/").status == 404
    assert ask(Client(), "/abstract/snarfolimumab-cures/").status == 404


def test_an_abstract_that_hides_nothing_any_more_has_its_address_again(officer):
    abstract = whole()
    withdraw(officer, abstract)
    url = reverse("admin:abstracts_abstract_change", args=[abstract.pk])
    response = edit(officer, url, "abstract_form", hides_title="")
    answer(officer, response)
    assert ask(Client(), f"/abstract/{SLUGS[0]}/").status == 200
    assert Client().get(f"/abstract/{SLUGS[1]}/")["Location"] == f"/abstract/{SLUGS[0]}/"


def test_number_and_note_are_all_that_stands_anywhere(officer):
    abstract = whole()
    slot = Presentation.unfiltered.select_related("session__meeting").get(abstract=abstract.pk)
    session, meeting = slot.session.get_absolute_url(), abstract.meeting.get_absolute_url()
    lists = [session, f"{meeting}?view=abstracts", f"/search/?number={NUMBER}", f"/lists/{SECRET}/"]
    others = [
        meeting, "/", "/search/?q=quillfever", "/feeds/newest/", "/sitemaps/abstracts/1.xml", "/keywords/", "/authors/",
        "/search/suggestions/?q=quill", f"/lists/{SECRET}/export/jsonl/", f"/lists/{SECRET}/export/pdf/",
        *(f"{place}export/{name}/" for place in (meeting, session) for name in FORMATS),
    ]  # fmt: skip
    paths = [by_number(abstract), *lists, *others]
    hidden = ("in cohorts", "in-cohorts", "rüdiger", "invented patients", "invented university")
    shown = [ask(Client(), path).text for path in paths]
    assert all(any(word in text for text in shown) for word in hidden)
    withdraw(officer, abstract)
    for path in paths:
        found = ask(Client(), path)
        assert not [word for word in hidden if word in found.text], path
    page = ask(Client(), by_number(abstract))
    assert "This abstract has been withdrawn." in page.body
    assert NOTE in page.body
    assert "noindex" in page.body
    assert all(NUMBER in ask(Client(), path).body for path in lists)


def test_the_record_says_until_when_the_title_was_public(officer):
    abstract = whole()
    withdraw(officer, abstract)
    entry = EmbargoRecord.objects.latest("number")
    seen = public_times(abstract.pk, timezone.now())
    assert {level: [period.until for period in periods] for level, periods in seen.items()} == {
        Level.SHELL: [None],
        Level.TITLED: [entry.at],
        Level.LISTED: [entry.at],
        Level.FULL: [entry.at],
    }
    assert list(broken_links()) == []
