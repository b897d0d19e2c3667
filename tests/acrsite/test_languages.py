"""The address says the language, and nothing else does."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from abstracts.words.addresses import in_language, without_language
from tests import factories


@pytest.mark.parametrize(
    ("path", "bare"),
    [
        ("/es/", "/"),
        ("/es/abstract/one/", "/abstract/one/"),
        ("/abstract/es/", "/abstract/es/"),
        ("/essays/", "/essays/"),
        ("/", "/"),
    ],
)
def test_an_address_without_its_language(path, bare):
    assert without_language(path) == bare
    assert without_language(in_language(path, "es")) == bare
    assert in_language(path, "en") == bare


@pytest.mark.django_db
def test_spanish_pages_stand_under_es_and_link_spanish_pages(client):
    factories.MeetingFactory(name="One Meeting", slug="one")
    english, spanish = client.get("/meetings/"), client.get("/es/meetings/")
    assert (english["Content-Language"], spanish["Content-Language"]) == ("en", "es")
    assert 'href="/meetings/one/"' in english.content.decode()
    assert 'href="/es/meetings/one/"' in spanish.content.decode()
    assert '<html lang="es"' in spanish.content.decode()


@pytest.mark.django_db
def test_the_browsers_language_changes_nothing_so_that_proxies_can_keep_pages(client):
    response = client.get("/", headers={"accept-language": "es"})
    assert response["Content-Language"] == "en"
    assert "Accept-Language" not in response["Vary"]
    assert not response.cookies


@pytest.mark.django_db
def test_the_language_ends_with_the_request(client):
    client.get("/es/")
    assert translation.get_language() == "en"
    assert reverse("home") == "/"


@pytest.mark.django_db
def test_what_is_cited_is_the_address_without_language(client):
    abstract = factories.AbstractFactory()
    page = client.get(f"/es/abstract/{abstract.slug}/").content.decode()
    assert f'<link rel="canonical" href="https://abstracts.example.org/abstract/{abstract.slug}/">' in page
    assert f"https://abstracts.example.org/abstract/{abstract.slug}/. Accessed" in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/de/", "/en/", "/es/opensearch.xml", "/es/admin/"])
def test_no_other_language_and_no_second_address_for_machines(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.django_db
def test_each_language_of_a_page_is_stored_separately(client):
    factories.MeetingFactory(name="One Meeting")
    first = [client.get(path).content for path in ("/meetings/", "/es/meetings/")]
    again = [client.get(path) for path in ("/meetings/", "/es/meetings/")]
    assert [response.content for response in again] == first
    assert [response["Content-Language"] for response in again] == ["en", "es"]
    assert again[0]["ETag"] != again[1]["ETag"]


@pytest.mark.django_db
def test_content_is_marked_as_english_on_spanish_pages_only(client):
    section = factories.SectionFactory()
    path = section.abstract.get_absolute_url()
    english, spanish = client.get(path).content.decode(), client.get(f"/es{path}").content.decode()
    assert f'<h1 lang="en">{section.abstract.title}</h1>' in spanish
    assert '<div class="text" lang="en">' in spanish
    assert '<h2 lang="es">Declaración de conflictos de interés</h2>' in spanish
    assert f"<h1>{section.abstract.title}</h1>" in english
    assert '<div class="text">' in english
    assert "<h2>Disclosures</h2>" in english


@pytest.mark.django_db
def test_what_is_cited_is_dated_in_english(client):
    abstract = factories.AbstractFactory()
    page = client.get(f"/es{abstract.get_absolute_url()}").content.decode()
    assert re.search(r"Accessed [A-Z][a-z]+ \d{1,2}, \d{4}\.", page)


@pytest.mark.django_db
def test_messages_and_suggestions_are_in_spanish(client):
    slip = client.get("/es/search/?year_from=x").content.decode()
    assert "Introduzca un número entero." in slip
    assert "No se ha buscado nada" in slip
    assert client.get("/es/search/suggestions/?q=x").json() == {"suggestions": [], "status": ""}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/es/nowhere/", "/es/abstract/nowhere/"])
def test_error_pages_are_in_the_language_of_the_address(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "No hay nada en esta dirección" in response.content.decode()
    assert '<html lang="es">' in response.content.decode()


@pytest.mark.django_db
def test_the_400_page_is_in_the_language_of_the_address(client):
    response = client.get("/es/authors/?author=x+y")
    assert response.status_code == 400
    assert "No se ha podido entender esta solicitud" in response.content.decode()
    assert 'action="/es/search/"' in response.content.decode()
    assert 'href="/es/keywords/"' in response.content.decode()


@pytest.mark.django_db
def test_e_mails_are_in_the_language_of_the_page_that_asked_for_them(client, mailoutbox):
    client.post("/es/accounts/login/code/", {"email": factories.UserFactory().email})
    Client().post("/accounts/login/code/", {"email": factories.UserFactory().email})
    spanish, english = mailoutbox
    assert "código" in spanish.body
    assert "code" in english.body
