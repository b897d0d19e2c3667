"""PDF as an export format: its options, its limit, and the menus that offer it."""

import pytest
from django.test import Client
from django.urls import reverse

from abstracts.exporting.pdf import Pdf
from abstracts.models import Section
from abstracts.printing.compiling import Busy, NotTypeset
from tests import factories
from tests.abstracts.printing.pdfs import pages_of, text_of
from tests.accounts.personas import press_reader

pytestmark = pytest.mark.django_db


def address(abstract, **query) -> str:
    return reverse("abstract-export", args=[abstract.slug, "pdf"], query=query)


def test_an_abstract(client):
    abstract = factories.whole_abstract(title="Open to all")
    response = client.get(address(abstract))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{abstract.slug}.pdf"'
    assert "Open to all" in text_of(response.content)
    assert client.get(address(abstract)).content == response.content
    head = client.head(address(abstract))
    assert (head.status_code, head.content) == (200, b"")


def test_layout_and_paper_come_from_the_address(client):
    abstract = factories.whole_abstract()
    compact = client.get(address(abstract, layout="compact", paper="a4")).content
    assert "We counted invented patients." not in text_of(compact)
    assert "We counted invented patients." in text_of(client.get(address(abstract, layout="pages")).content)


@pytest.mark.parametrize("query", [{"layout": "../etc"}, {"paper": "a3"}, {"layout": "PAGES"}])
def test_tampered_options_are_refused(client, query):
    assert client.get(address(factories.whole_abstract(), **query)).status_code == 400


def test_session_is_in_order_of_presentation(client):
    session = factories.SessionFactory()
    for position, title in enumerate(["Spoken first", "Spoken second"]):
        abstract = factories.AbstractFactory(meeting=session.meeting, title=title, number=str(9 - position))
        factories.PresentationFactory(abstract=abstract, session=session, position=position)
    response = client.get(reverse("session-export", args=[session.meeting.slug, session.slug, "pdf"]))
    text = text_of(response.content)
    assert text.index("Spoken first") < text.index("Spoken second")


def test_too_many_abstracts_lead_to_the_book(client, monkeypatch):
    monkeypatch.setattr(Pdf, "max_abstracts", 1)
    meeting = factories.MeetingFactory(name="Invented Convergence")
    hidden = factories.MeetingFactory(name="Secret meeting", is_published=False)
    for title in ("One", "Two"):
        factories.whole_abstract(meeting=meeting, title=title)
    factories.whole_abstract(meeting=hidden)
    response = client.get(reverse("meeting-export", args=[meeting.slug, "pdf"]))
    content = response.content.decode()
    assert response.status_code == 200
    assert "You asked for 2 abstracts; a PDF made while you wait holds 1 at most." in content
    assert reverse("download", args=[meeting.slug]) in content
    assert "Secret meeting" not in content
    assert "Content-Disposition" not in response


def test_hidden_abstracts_are_404_and_left_out_of_lists(client):
    hidden = factories.whole_abstract(embargoed=True, title="zqhiddenqz")
    shown = factories.whole_abstract(meeting=hidden.meeting, title="Shown")
    Section.unfiltered.filter(abstract=hidden).update(html="<p>zqtextqz</p>")
    assert client.get(address(hidden)).status_code == 404
    assert client.get(address(shown)).status_code == 200
    text = text_of(client.get(reverse("meeting-export", args=[hidden.meeting.slug, "pdf"])).content)
    assert "Shown" in text
    assert "zq" not in text


def test_staff_see_the_banner_and_the_file_is_not_cached():
    hidden = factories.whole_abstract(embargoed=True, title="Not yet")
    client = Client()
    client.force_login(factories.StaffFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(address(hidden))
    assert all("EMBARGOED" in page for page in pages_of(response.content))
    assert response["Cache-Control"] == "private, no-store"


def test_press_read_is_recorded():
    from accounts.models import EmbargoedRead

    hidden = factories.whole_abstract(embargoed=True)
    user = press_reader()
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(address(hidden)).status_code == 200
    assert EmbargoedRead.objects.filter(abstract_id=hidden.pk).count() == 1


def test_favorites(client):
    abstract = factories.whole_abstract(title="Saved one")
    client.post(
        reverse("favorite-add"), {"abstract": abstract.key, "next": "/"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    response = client.get(reverse("favorites-export", args=["pdf"], query={"layout": "pages"}))
    assert "Saved one" in text_of(response.content)
    assert "public" not in response["Cache-Control"]


@pytest.mark.parametrize("error", [NotTypeset("no"), Busy("later")])
def test_failed_print_is_503_with_a_page(client, monkeypatch, error):
    def pdf_of(documents, printout):
        raise error

    monkeypatch.setattr("abstracts.exporting.pdf.pdf_of", pdf_of)
    response = client.get(address(factories.whole_abstract()))
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "Content-Disposition" not in response
    assert "public" not in response["Cache-Control"]
    assert b"could not be made just now" in response.content
