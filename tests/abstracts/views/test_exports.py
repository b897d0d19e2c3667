"""Files leave by the law: who asks, what is shown of which abstract, and who keeps it."""

import csv
import io
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from abstracts.exporting import FORMATS, streaming
from abstracts.models import SlugRedirect
from abstracts.reading.signals import embargoed_read
from abstracts.visibility import Status
from tests.accounts.personas import press_reader
from tests.canary.walking import readable
from tests.factories import (
    AbstractFactory,
    MeetingFactory,
    PresentationFactory,
    SectionFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db
TITLE = "Invented title of it"
BODY = "invented body words"
OF_DATA = [name for name in FORMATS if name != "pdf"]


def with_text(**kwargs):
    abstract = AbstractFactory(**{"title": TITLE, "slug": "it", **kwargs})
    PresentationFactory(abstract=abstract, session=SessionFactory(meeting=abstract.meeting, slug="posters"))
    SectionFactory(abstract=abstract, html=f"<p>{BODY}</p>")
    return abstract


def press() -> Client:
    return signed_in(press_reader())


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return readable(content, response.get("Content-Type", ""))


def addresses_of(abstract, name="jsonl") -> dict[str, str]:
    meeting = abstract.meeting.slug
    return {
        "abstract": reverse("abstract-export", args=[abstract.slug, name]),
        "session": reverse("session-export", args=[meeting, "posters", name]),
        "meeting": reverse("meeting-export", args=[meeting, name]),
        "search": reverse("search-export", args=[name]) + f"?meeting={meeting}",
    }


@pytest.mark.parametrize("name", OF_DATA)
@pytest.mark.parametrize("what", ["abstract", "session", "meeting", "search"])
def test_it_works(client, what, name):
    response = client.get(addresses_of(with_text(), name)[what])
    assert response.status_code == 200
    assert response["Content-Type"] == FORMATS[name].content_type
    assert re.fullmatch(
        rf'attachment; filename="[a-z0-9-]+\.{FORMATS[name].extension}"', response["Content-Disposition"]
    )
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"].startswith("public, max-age=")
    text = text_of(response)
    assert TITLE in text
    assert BODY in text


@pytest.mark.parametrize("what", ["abstract", "session", "meeting", "search"])
def test_an_unknown_format_is_404(client, what):
    assert client.get(addresses_of(with_text(), "docx")[what]).status_code == 404


@pytest.mark.parametrize("name", OF_DATA)
def test_the_export_of_a_listing_has_no_text(client, name):
    abstract = with_text(listing=True, doi="10.1002/hidden")
    for address in addresses_of(abstract, name).values():
        text = text_of(client.get(address))
        assert TITLE in text, address
        assert BODY not in text
        assert "10.1002/hidden" not in text
        assert "A. Example" not in text
        assert "EMBARGOED" not in text


@pytest.mark.parametrize("kind", ["shell", "embargoed", "draft"])
@pytest.mark.parametrize("name", OF_DATA)
def test_abstracts_without_a_public_title_are_in_no_file(client, kind, name):
    abstract = with_text(**{kind: True}, number="HID1")
    addresses = addresses_of(abstract, name)
    assert client.get(addresses.pop("abstract")).status_code == 404
    for address in addresses.values():
        response = client.get(address)
        assert response.status_code == 200
        text = text_of(response)
        assert TITLE not in text
        assert "HID1" not in text


def test_sessions_and_abstracts_of_an_unpublished_meeting_are_404(client):
    abstract = with_text(meeting=MeetingFactory(is_published=False))
    addresses = addresses_of(abstract)
    assert [client.get(addresses[what]).status_code for what in ("session", "meeting")] == [404, 404]


@pytest.mark.parametrize("name", OF_DATA)
def test_press_exports_are_marked_private_and_logged(name):
    abstract, told = with_text(embargoed=True), []

    def hear(**kwargs):
        told.append((kwargs["abstracts"], kwargs["path"], kwargs["kind"]))

    embargoed_read.connect(hear)
    client = press()
    for address in addresses_of(abstract, name).values():
        response = client.get(address)
        text = text_of(response)
        assert BODY in text
        assert "EMBARGOED UNTIL January 1, 2099" in text
        assert response["Cache-Control"] == "private, no-store"
        assert told.pop() == ([abstract], address.partition("?")[0], f"export {name}")
    assert not told


def test_only_staff_see_the_tier_in_an_export(client):
    abstract = with_text()
    address = addresses_of(abstract)["abstract"]
    tier = abstract.tier.name
    assert tier not in text_of(client.get(address))
    assert tier not in text_of(press().get(address))
    assert json.loads(text_of(signed_in(StaffFactory()).get(address)))["tier"] == tier


def test_a_former_address_redirects_to_the_present_one(client):
    abstract = with_text()
    SlugRedirect.unfiltered.create(abstract=abstract, slug="formerly")
    response = client.get(reverse("abstract-export", args=["formerly", "ris"]))
    assert (response.status_code, response["Location"]) == (301, addresses_of(abstract, "ris")["abstract"])


def test_head_of_an_export_reads_no_abstracts(client, django_assert_max_num_queries):
    address = addresses_of(with_text(), "csv")["meeting"]
    with django_assert_max_num_queries(3):
        response = client.head(address)
    assert (response.status_code, response.content) == (200, b"")


def numbers(text: str) -> list[str]:
    return [row["Abstract Number"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]


def test_more_than_one_batch_keeps_its_order(client, monkeypatch):
    monkeypatch.setattr(streaming, "BATCH", 2)
    meeting = MeetingFactory()
    session = SessionFactory(meeting=meeting, slug="posters")
    for position in range(5):
        abstract = AbstractFactory(meeting=meeting, number=f"{10 - position}", title=f"Sort {position}")
        PresentationFactory(abstract=abstract, session=session, position=position)
    addresses = addresses_of(abstract, "csv")
    assert numbers(text_of(client.get(addresses["meeting"]))) == ["6", "7", "8", "9", "10"]
    assert numbers(text_of(client.get(addresses["session"]))) == ["10", "9", "8", "7", "6"]
    by_number = addresses["search"] + "&order=number"
    assert numbers(text_of(client.get(by_number))) == ["6", "7", "8", "9", "10"]
    assert len(numbers(text_of(client.get(by_number + "&per_page=50&page=2")))) == 5


def test_a_file_costs_the_same_queries_for_one_and_three(client, django_assert_num_queries):
    meeting = whole_abstract().meeting
    address = reverse("meeting-export", args=[meeting.slug, "jsonl"])
    text_of(client.get(address))
    for more in (0, 2):
        for _ in range(more):
            whole_abstract(meeting=meeting)
        with django_assert_num_queries(QUERIES):
            text_of(client.get(address))


# Public state, meeting, keys; abstracts, authors, slots, keywords, figures, affiliations, sections.
QUERIES = 10


@pytest.mark.parametrize("query", ["", "?q=", "?year_from=abc"])
def test_the_export_of_an_empty_search_redirects_to_the_form(client, query):
    response = client.get(reverse("search-export", args=["csv"]) + query)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("search"))


def test_a_tampered_search_is_refused(client):
    assert client.get(reverse("search-export", args=["csv"]) + "?order=sideways").status_code == 400


def test_favorites_are_exported_to_their_owner_only(client):
    abstract, other = with_text(), AbstractFactory(title="Nobody's")
    hidden = AbstractFactory(title="Hidden one", embargoed=True)
    address = reverse("favorites-export", args=["jsonl"])
    assert text_of(client.get(address)) == ""
    user = UserFactory()
    from tests.factories import FavoriteFactory, FavoritesListFactory

    own = FavoritesListFactory(user=user)
    for saved in (abstract, hidden):
        FavoriteFactory(list=own, abstract=saved)
    response = signed_in(user).get(address)
    text = text_of(response)
    assert TITLE in text
    assert other.title not in text
    assert hidden.title not in text
    assert response["Cache-Control"] == "private, no-cache"
    assert client.get(reverse("favorites-export", args=["docx"])).status_code == 404


# Accept


TYPES = {
    "application/x-research-info-systems": "ris",
    "application/x-bibtex": "bibtex",
    "application/vnd.citationstyles.csl+json": "csl-json",
}


@pytest.mark.parametrize("media_type", TYPES)
def test_an_accept_header_redirects_a_program_to_its_format(client, media_type):
    address = with_text().get_absolute_url()
    # Also where the page was kept, and the page where the way to the file was asked for before.
    for _ in range(2):
        response = client.get(address, headers={"accept": media_type})
        assert (response.status_code, response["Location"]) == (
            303,
            reverse("abstract-export", args=["it", TYPES[media_type]]),
        )
        assert "Accept" in response["Vary"]
        page = client.get(address, headers={"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"})
        assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "Accept" in page["Vary"]
    assert client.get(response["Location"])["Content-Type"].startswith(media_type)


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html, application/x-bibtex;q=0.5", "nonsense"])
def test_browsers_get_the_page_whatever_they_accept(client, accept):
    assert client.get(with_text().get_absolute_url(), headers={"accept": accept}).status_code == 200


def test_a_hidden_abstract_is_404_whatever_the_accept_header(client):
    address = with_text(embargoed=True).get_absolute_url()
    assert client.get(address, headers={"accept": "application/x-bibtex"}).status_code == 404


def test_the_page_names_its_files_in_its_head_and_in_a_menu(client):
    page = client.get(with_text().get_absolute_url()).content.decode()
    for media_type, name in TYPES.items():
        assert f'<link rel="alternate" type="{media_type}" href="/abstract/it/export/{name}/"' in page
    for name in FORMATS:
        assert f'<a href="/abstract/it/export/{name}/" rel="nofollow"' in page


# Citations


def test_the_citations_page(client):
    with_text()
    page = client.get("/abstract/it/citations/").content.decode()
    assert page.count('<p class="citation"') == 6
    assert page.index("AMA") < page.index("Vancouver") < page.index("APA")
    assert "EMBARGOED" not in page


def test_the_page_of_the_abstract_leaves_out_what_it_shows_already(client):
    with_text()
    part = client.get("/abstract/it/citations/", headers={"HX-Request": "true"}).content.decode()
    assert "citation-ama" not in part
    assert "citation-apa" in part


@pytest.mark.parametrize("kind", ["shell", "embargoed", "draft"])
def test_citations_of_an_abstract_without_a_public_title_are_404(client, kind):
    with_text(**{kind: True})
    assert client.get("/abstract/it/citations/").status_code == 404


def test_citations_are_stored_until_something_changes(client, monkeypatch):
    import abstracts.citing

    abstract, made = with_text(), []
    really = abstracts.citing.cite

    def counted(*args):
        made.append(args)
        return really(*args)

    monkeypatch.setattr(abstracts.citing, "cite", counted)
    signed = signed_in(UserFactory())
    signed.get("/abstract/it/citations/")
    signed.get("/abstract/it/citations/")
    assert len(made) == 6
    abstract.title = "Another title"
    abstract.save()
    assert "Another title" in signed.get("/abstract/it/citations/").content.decode()


@pytest.mark.parametrize("name", ["jsonl", "csv", "ris", "text"])
def test_a_note_that_stands_before_the_withdrawal_is_for_staff(client, name):
    """Staff write the note first, and set the state then."""
    abstract = whole_abstract(status_note="Withdrawn at the request of the sponsor")
    address = reverse("abstract-export", args=[abstract.slug, name])
    assert "sponsor" not in b"".join(client.get(address).streaming_content).decode()
    abstract.status = Status.RETRACTED
    abstract.save()
    assert "sponsor" in b"".join(client.get(address).streaming_content).decode()
