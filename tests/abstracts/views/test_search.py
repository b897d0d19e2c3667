import pytest
from django.core.cache import caches
from django.urls import reverse

from tests.accounts.people import press_reader
from tests.factories import AbstractFactory, SectionFactory, UserFactory, whole_abstract

pytestmark = pytest.mark.django_db


def page(client, query=""):
    caches["pages"].clear()  # a stored page has no context
    return client.get(reverse("search") + query)


def test_empty_form_shows_help_and_no_abstracts(client):
    AbstractFactory(title="Anything")
    content = page(client).content.decode()
    assert "How to search" in content
    assert "Anything" not in content


def test_header_box_finds(client):
    abstract = AbstractFactory(title="Gout in <i>invented</i> cohorts")
    response = page(client, "?q=gout+cohorts")
    assert response.context["total"] == 1
    content = response.content.decode()
    assert abstract.get_absolute_url() in content
    assert "1 abstract found" in content
    assert "<i>invented</i>" in content


def test_form_shows_what_the_address_says(client):
    abstract = AbstractFactory()
    content = page(client, f"?title=a%22b&meeting={abstract.meeting.slug}&order=title&day=2025-10-26").content.decode()
    assert 'value="a&quot;b"' in content
    assert 'value="2025-10-26"' in content
    assert '<option value="title" selected>' in content
    assert f'value="{abstract.meeting.slug}" id="id_meeting_0" checked' in content


def test_no_results(client):
    assert "No abstract found" in page(client, "?q=nothing").content.decode()


def test_pages(client):
    for n in range(21):
        AbstractFactory(title=f"Same {n}")
    assert len(page(client, "?title=same").context["rows"]) == 20
    assert len(page(client, "?title=same&page=2").context["rows"]) == 1
    assert len(page(client, "?title=same&per_page=50").context["rows"]) == 21
    assert "title=same&amp;page=2" in page(client, "?title=same").content.decode()
    assert page(client, "?title=same&page=3").status_code == 404


@pytest.mark.parametrize("query", ["?order=-pk", "?per_page=1", "?meeting=none", "?q=x&page=x", "?q=x&page=-1"])
def test_tampering_is_refused(client, query):
    assert page(client, query).status_code == 400


def test_slip_shows_the_form_again(client):
    response = page(client, "?day=2025-02-30&q=gout")
    assert response.status_code == 200
    content = response.content.decode()
    assert "Enter a valid date." in content
    assert 'value="gout"' in content


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "\x00abc\x1b",
        "%",
        "_",
        "\\",
        "'; DROP TABLE abstracts_abstract; --",
        '"unbalanced',
        "(((((((((((((((((((",
        "*",
        "x" * 10_000,
        "\U0001f928",
        "<script>alert(1)</script>",
        "a " * 3000,
        "ﷺ",
    ],
)
def test_no_words_are_an_error_of_ours(client, text):
    AbstractFactory()
    for field in ("q", "title", "author", "affiliation", "keyword", "number", "trial", "day"):
        caches["pages"].clear()
        response = client.get(reverse("search"), {field: text})
        assert response.status_code == 200
        assert b"<script>alert" not in response.content


def test_bytes_that_are_no_utf8(client):
    assert page(client, "?q=%ff%fe%00").status_code == 200


@pytest.mark.parametrize("state", [{"embargoed": True}, {"shell": True}, {"draft": True}])
def test_nothing_of_hidden_abstracts(client, state):
    abstract = AbstractFactory(title="Secret title", **state)
    SectionFactory(abstract=abstract, html="<p>Secret text</p>")
    for query in ("?q=secret", f"?meeting={abstract.meeting.slug}&order=title", f"?q={abstract.number}"):
        assert b"Secret title" not in page(client, query).content


def test_press_sees_the_embargoed_marked(client):
    AbstractFactory(title="Secret title", embargoed=True)
    client.force_login(press_reader())
    response = page(client, "?q=secret")
    assert b"EMBARGOED UNTIL" in response.content
    assert response["Cache-Control"] == "private, no-store"


def test_readers_see_what_the_public_sees(client):
    AbstractFactory(title="Secret title", embargoed=True)
    client.force_login(UserFactory())
    assert b"Secret title" not in page(client, "?q=secret").content


@pytest.mark.parametrize("count", [1, 3])
def test_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    for n in range(count):
        whole_abstract(title=f"Same {n}")
    with django_assert_num_queries(9):
        page(client, "?q=same+counted")
