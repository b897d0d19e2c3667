from urllib.parse import parse_qsl

import pytest
from django.core.cache import caches
from django.urls import reverse

from abstracts.models import PersonName
from abstracts.views import authors
from tests.factories import (
    AbstractFactory,
    AffiliationFactory,
    AuthorAffiliationFactory,
    AuthorLineFactory,
    MeetingFactory,
    PersonFactory,
    StaffFactory,
)

pytestmark = pytest.mark.django_db

HIDDEN_STATES = [{"embargoed": True}, {"shell": True}, {"draft": True}]


def wrote(family, given="Ada", count=1, **state):
    person = PersonFactory(family=family, given=given)
    for _ in range(count):
        AuthorLineFactory(person=person, abstract=AbstractFactory(**state))
    return person


def page(client, **query):
    caches["pages"].clear()  # a stored page has no context
    response = client.get(reverse("author-list"), query)
    assert response.status_code == 200
    return response


def names(response):
    return [entry.name for entry in response.context["lines"]]


def test_index_is_in_accent_blind_order_of_family_names(client):
    for family in ("Zeta", "Österreich", "Odin", "Ábel", "O'Brien"):
        wrote(family)
    assert names(page(client)) == ["Ábel, Ada", "O'Brien, Ada", "Odin, Ada", "Österreich, Ada", "Zeta, Ada"]


def test_letters_and_pairs_of_letters_are_links_into_the_list(client):
    for family in ("Abel", "Meyer", "Müller", "Ziel"):
        wrote(family)
    response = page(client, start="m")
    assert names(response) == ["Meyer, Ada", "Müller, Ada", "Ziel, Ada"]
    assert [label for label, query, _ in response.context["letters"] if query] == ["A", "M", "Z"]
    assert [(query, current) for _, query, current in response.context["pairs"]] == [
        ("start=me", True),
        ("start=mu", False),
    ]
    assert names(page(client, start="mu")) == ["Müller, Ada", "Ziel, Ada"]


def test_the_index_starts_at_a_name_as_typed(client):
    wrote("Meyer")
    wrote("Müller", "Jörg")
    assert names(page(client, start="MÜLLER, J")) == ["Müller, Jörg"]


def test_other_scripts_and_digits_have_their_places(client):
    wrote("Ziel")
    wrote("王", "伟")
    AuthorLineFactory(person=PersonFactory(family="", given="", name="3TR Consortium"))
    response = page(client)
    queries = {label: query for label, query, _ in response.context["letters"] if query}
    assert queries == {"0–9": "start=0", "Z": "start=z", "#": "start=%E7%8E%8B"}
    assert names(page(client, start="王")) == ["王, 伟"]
    assert names(page(client, start="0"))[0] == "3TR Consortium"


def test_the_next_page_starts_at_a_name(client, monkeypatch):
    monkeypatch.setattr(authors, "PER_PAGE", 2)
    for n in range(5):
        wrote(f"Meyer{n}")
    url, seen = reverse("author-list"), []
    while url:
        response = client.get(url)
        seen += names(response)
        after = response.context["stretch"].after
        url = after and f"{reverse('author-list')}?{after}"
    assert seen == [f"Meyer{n}, Ada" for n in range(5)]
    before = response.context["stretch"].before
    assert names(page(client, **dict(parse_qsl(before)))) == ["Meyer2, Ada", "Meyer3, Ada"]


def test_namesakes_are_neither_lost_nor_repeated(client, monkeypatch):
    monkeypatch.setattr(authors, "PER_PAGE", 2)
    made = [wrote("Wang", "Wei") for _ in range(5)]
    url, seen = reverse("author-list"), []
    while url:
        response = client.get(url)
        seen += [entry.slug for entry in response.context["lines"]]
        after = response.context["stretch"].after
        url = after and f"{reverse('author-list')}?{after}"
    assert seen == sorted(person.slug for person in made)


@pytest.mark.parametrize("state", HIDDEN_STATES)
def test_author_of_hidden_abstracts_does_not_exist(client, state):
    hidden = wrote("Xenakis", **state)
    PersonName.unfiltered.create(person=hidden, name="Xena", slug="xena")
    wrote("Abel")
    for query in ({}, {"start": "x"}):
        assert b"Xenakis" not in page(client, **query).content
    assert [label for label, query, _ in page(client).context["letters"] if query] == ["A"]
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert client.get(reverse("author", args=["xena"])).status_code == 404


@pytest.mark.parametrize("state", HIDDEN_STATES)
def test_nothing_of_hidden_abstracts_is_on_the_page_of_an_author(client, state):
    person = wrote("Abel")
    line = AuthorLineFactory(person=person, name="A. Secretname", abstract=AbstractFactory(title="Secret", **state))
    affiliation = AffiliationFactory(abstract=line.abstract, text="Secret Institute")
    AuthorAffiliationFactory(author=line, affiliation=affiliation)
    assert [e.count for e in page(client).context["lines"]] == [1]
    response = client.get(person.get_absolute_url())
    assert response.context["page"].paginator.count == 1
    assert b"Secret" not in response.content


def test_staff_see_authors_of_drafts(client):
    person = wrote("Abel", draft=True)
    client.force_login(StaffFactory())
    assert names(page(client)) == ["Abel, Ada"]
    assert client.get(person.get_absolute_url()).status_code == 200


def test_author_page_shows_affiliations_once_newest_first(client):
    person = PersonFactory(family="Abel")
    for year, text in ((2011, "Old University"), (2019, "NEW University"), (2015, "New University")):
        line = AuthorLineFactory(person=person, abstract=AbstractFactory(meeting=MeetingFactory(year=year)))
        AuthorAffiliationFactory(author=line, affiliation=AffiliationFactory(abstract=line.abstract, text=text))
    response = client.get(person.get_absolute_url())
    assert response.context["affiliations"] == ["NEW University", "Old University"]
    assert [group.meeting.year for group in response.context["groups"]] == [2019, 2015, 2011]


def test_names_as_printed(client):
    person = wrote("Abel", "Ada")
    AuthorLineFactory(person=person, name="A. B. Abel", orcid="0000-0002-1825-0097")
    content = client.get(person.get_absolute_url()).content.decode()
    assert "Also printed as A. B. Abel" in content
    assert "https://orcid.org/0000-0002-1825-0097" in content


def test_a_former_address_redirects(client):
    person = wrote("Abel")
    PersonName.unfiltered.create(person=person, name="Ada Former", slug="ada-former")
    response = client.get(reverse("author", args=["ada-former"]))
    assert (response.status_code, response.url) == (301, person.get_absolute_url())


def test_unknown_author(client):
    assert client.get(reverse("author", args=["nobody"])).status_code == 404


def test_empty_index_and_the_end_of_the_list(client):
    assert "There are no authors yet" in page(client).content.decode()
    wrote("Abel")
    assert "No name stands at or after" in page(client, start="zzz").content.decode()


@pytest.mark.parametrize("query", [{"author": "x y"}, {"author": "x" * 161}, {"author": "ü"}])
def test_tampered_query_is_400(client, query):
    assert client.get(reverse("author-list"), query).status_code == 400


def test_overlong_text_shows_the_form_again_with_a_message(client):
    wrote("Abel")
    response = page(client, start="x" * 301)
    assert "at most 300 characters" in response.content.decode()
    assert "x" * 301 in response.content.decode()
    assert len(response.context["lines"]) == 1


def test_any_text_is_a_start_of_the_index(client):
    wrote("Abel")
    for start in ("\0", "%", "_", "' OR 1=1", "\x1b[", "ǅ", "!!!"):
        page(client, start=start)


@pytest.mark.parametrize("count", [1, 3])
def test_index_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    for n in range(count):
        wrote(f"Meyer{n}", count=count)
    with django_assert_num_queries(8):
        page(client, start="m")


@pytest.mark.parametrize("count", [1, 3])
def test_author_page_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    person = wrote("Abel", count=count)
    with django_assert_num_queries(10):
        client.get(person.get_absolute_url())
