"""Highwire, Dublin Core and Open Graph tags: complete and in order if public, else none."""

import datetime as dt

import pytest
from django.test import Client

from abstracts.models import Abstract, Affiliation, AuthorLine
from tests.factories import (
    FAR_AHEAD,
    AbstractFactory,
    AffiliationFactory,
    AuthorAffiliationFactory,
    AuthorLineFactory,
    StaffFactory,
    whole_abstract,
)

from .reading_heads import Head

pytestmark = pytest.mark.django_db
SITE = "https://abstracts.example.org"


def head_of(abstract, client=None) -> Head:
    path = abstract.get_absolute_url() if isinstance(abstract, Abstract) else abstract
    response = (client or Client()).get(path)
    assert response.status_code == 200
    return Head(response.content.decode())


@pytest.fixture
def abstract():
    abstract = AbstractFactory(number="2670", title="IL-6 in <i>Vasculitis</i> & β", doi="10.1002/art.1")
    first = AffiliationFactory(abstract=abstract, position=1, text="Institute 1, Springfield")
    second = AffiliationFactory(abstract=abstract, position=2, text="Institute 2, Springfield")
    ada = AuthorLineFactory(abstract=abstract, position=0, name="Ada Rüdiger", orcid="0000-0002-1825-0097")
    bo = AuthorLineFactory(abstract=abstract, position=1, name="Bo Li")
    AuthorLineFactory(abstract=abstract, position=2, name="Springfield Study Group", is_group=True)
    for author, affiliation in ((ada, first), (ada, second), (bo, second)):
        AuthorAffiliationFactory(author=author, affiliation=affiliation)
    return abstract


def test_highwire_names_each_author_with_institutions(abstract):
    tags = [tag for tag in head_of(abstract).tags if tag[0].startswith("citation_")]
    assert tags[:8] == [
        ("citation_title", "IL-6 in Vasculitis & β"),
        ("citation_author", "Ada Rüdiger"),
        ("citation_author_institution", "Institute 1, Springfield"),
        ("citation_author_institution", "Institute 2, Springfield"),
        ("citation_author_orcid", "https://orcid.org/0000-0002-1825-0097"),
        ("citation_author", "Bo Li"),
        ("citation_author_institution", "Institute 2, Springfield"),
        ("citation_author", "Springfield Study Group"),
    ]
    meeting = abstract.meeting
    assert dict(tags[8:]) == {
        "citation_publication_date": "2020/01/01",
        "citation_conference_title": meeting.name,
        "citation_journal_title": meeting.journal,
        "citation_volume": meeting.volume,
        "citation_issue": meeting.supplement,
        "citation_doi": "10.1002/art.1",
        "citation_abstract_html_url": SITE + abstract.get_absolute_url(),
    }


def test_each_keyword_has_a_tag():
    abstract = whole_abstract(keywords=3)
    head = head_of(abstract)
    assert len(head.all("citation_keywords")) == 3
    assert head.all("citation_keywords") == head.all("DC.subject")


def test_dublin_core(abstract):
    head = head_of(abstract)
    assert head.all("DC.title") == ["IL-6 in Vasculitis & β"]
    assert head.all("DC.creator") == head.all("citation_author")
    assert head.all("DC.date") == ["2020-01-01"]
    assert head.all("DC.identifier") == [SITE + abstract.get_absolute_url(), "doi:10.1002/art.1"]
    assert head.all("DC.type") == ["Text"]


def test_day_of_publication_is_in_the_zone_of_the_meeting():
    """Its release, 2020-01-01 23:30 in Chicago, is on another day in UTC."""
    abstract = AbstractFactory(override_released_from=dt.datetime(2020, 1, 2, 5, 30, tzinfo=dt.UTC))
    assert head_of(abstract).all("citation_publication_date") == ["2020/01/01"]
    abstract.first_published = dt.date(2019, 12, 24)
    abstract.save()
    assert head_of(abstract).all("citation_publication_date") == ["2019/12/24"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Institute of Joints, Springfield; ada@example.org", "Institute of Joints, Springfield"),
        ("Institute of Joints (E-mail: ada.r+x@mail.example.co.uk), Springfield", "Institute of Joints, Springfield"),
        ("<ada@example.org>", None),
        ("Ward @ Night, Springfield", "Ward @ Night, Springfield"),
    ],
)
def test_email_addresses_are_removed(typed, shown):
    abstract = whole_abstract(authors=1, title="Write to ada@example.org")
    Affiliation.unfiltered.update(text=typed)
    AuthorLine.unfiltered.update(name="Ada Rüdiger ada@example.org")
    head = head_of(abstract)
    assert head.all("citation_author_institution") == ([shown] if shown else [])
    contents = [content for name, content in head.tags] + [str(head.data)]
    assert not [content for content in contents if "example.org" in content.replace(SITE, "") and "@" in content]
    assert head.all("citation_author") == ["Ada Rüdiger"]


def test_open_graph_tags(abstract):
    head = head_of(abstract)
    assert head.all("og:title") == ["2670 – IL-6 in Vasculitis & β"]
    assert head.all("og:url") == [SITE + abstract.get_absolute_url()]
    assert head.all("og:image") == [f"{SITE}/abstract/{abstract.slug}/card.png"]
    assert head.all("og:description") == [abstract.meeting.name]
    assert head.all("twitter:card") == ["summary_large_image"]


def test_there_is_one_canonical_address(abstract):
    for path in (abstract.get_absolute_url(), abstract.get_absolute_url() + "?utm_source=x"):
        canonical = [link["href"] for link in head_of(path).links if link.get("rel") == "canonical"]
        assert canonical == [SITE + abstract.get_absolute_url()]


def test_listing_is_described_without_its_text():
    abstract = whole_abstract(listing=True, first_published=dt.date(2019, 5, 17), doi="10.1002/hidden")
    head = head_of(abstract)
    assert head.all("citation_title") == [abstract.title_text]
    assert head.all("citation_publication_date") == [str(abstract.meeting.year)]
    assert not head.all("description") + head.all("citation_doi")
    text = str(head.tags) + str(head.data)
    assert not [word for word in ("counted invented", "05/17", "05-17", "10.1002") if word in text]
    assert head.all("robots") == ["noindex"]


def machine_names(head: Head) -> set[str]:
    return {name.partition("_")[0].partition(".")[0] for name, _ in head.tags if name.startswith(("citation", "DC."))}


def test_shell_is_not_described():
    abstract = whole_abstract(shell=True)
    head = head_of(f"/meetings/{abstract.meeting.slug}/{abstract.number}/")
    assert machine_names(head) == set()
    assert head.all("og:title") == ["ACR Meeting Abstracts"]
    assert head.all("og:image") == [f"{SITE}/card.png"]
    assert "ScholarlyArticle" not in head.kinds()


def test_abstract_ahead_of_release_is_not_described(client):
    abstract = whole_abstract(embargoed=True)
    client.force_login(StaffFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    head = head_of(abstract, client)
    assert machine_names(head) == set()
    assert head.data == []
    assert head.all("og:title") == ["ACR Meeting Abstracts"]


def test_withdrawn_abstract_is_described_without_its_text():
    abstract = whole_abstract(withdrawn=True)
    head = head_of(abstract)
    assert head.all("citation_title") == [abstract.title_text]
    assert "counted invented" not in str(head.tags) + str(head.data)


def test_tags_are_escaped():
    abstract = AbstractFactory(title="&quot;&gt;&lt;script&gt;x()")
    page = Client().get(abstract.get_absolute_url()).content.decode()
    assert "<script>x()" not in page
    assert head_of(abstract).all("citation_title") == ['"><script>x()']


def test_tags_need_no_query(django_assert_num_queries):
    from abstracts import describing, reading
    from abstracts.visibility import ANONYMOUS

    whole_abstract()
    abstract = Abstract.objects.visible_to(ANONYMOUS, FAR_AHEAD).select_related("meeting").get()
    document = reading.document(abstract)
    with django_assert_num_queries(0):
        describing.abstract_tags(document)
        describing.linked_abstract(document)
