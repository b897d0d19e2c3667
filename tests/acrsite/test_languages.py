"""The address says the language, and nothing else does."""

import pytest
from django.urls import reverse
from django.utils import translation

from abstracts.addresses import in_language, without_language
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
