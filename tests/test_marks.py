"""Code that forgets the law fails: each spelling of a view that reads embargoed text is refused."""

from collections import defaultdict

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from abstracts.models import Abstract, AbstractSource, Keyword, Person, Section
from abstracts.search.following import ensure_current_snapshot
from abstracts.search.matching import term
from abstracts.search.searching import LawfulSearcher, Visible
from abstracts.visibility import ANONYMOUS, OpenManager, Unreadable, is_guarded
from accounts.favorites import items
from accounts.models import PublicSince
from tests import marks
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    PresentationFactory,
    SectionFactory,
    StaffFactory,
    UserFactory,
    whole_abstract,
)
from tests.unlawful_urls import QUERIES, STATEMENTS

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.unlawful_urls")]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def abstract() -> Abstract:
    """An embargoed abstract, with something for each spelling to find."""
    abstract = AbstractFactory(embargoed=True, title="Secret of gout")
    PresentationFactory(abstract=abstract)
    SectionFactory(abstract=abstract)
    AbstractKeywordFactory(abstract=abstract)
    AbstractSource.unfiltered.create(abstract=abstract)
    PublicSince.objects.create(abstract=abstract, listed_at=timezone.now())
    return abstract


@pytest.mark.parametrize("spelling", QUERIES)
def test_queries_that_lead_to_guarded_data_are_refused(client, abstract, spelling):
    with pytest.raises(Unreadable):
        client.get(f"/unlawful/{spelling}/")


@pytest.mark.parametrize("spelling", sorted(set(STATEMENTS) - {"swallowed"}))
def test_statements_without_the_mark_are_refused(client, abstract, spelling):
    with marks.expecting_violations() as violations, pytest.raises(marks.Unmarked):
        client.get(f"/unlawful/{spelling}/")
    assert violations


def test_a_statement_without_the_mark_is_noticed_though_the_view_goes_on(client, abstract):
    with marks.expecting_violations() as violations:
        assert client.get("/unlawful/swallowed/").status_code == 200
    assert len(violations) == 1


@pytest.mark.parametrize("spelling", sorted(set(STATEMENTS) - {"swallowed", "index-as-staff"}))
def test_each_statement_would_have_read_something(rf, abstract, spelling):
    """Not watched, the same views read what is embargoed."""
    request = rf.get("/")
    request.viewer, request.at = ANONYMOUS, timezone.now()
    assert list(STATEMENTS[spelling](request))


def test_staff_may_read_as_staff(abstract):
    client = signed_in(StaffFactory())
    assert client.get("/unlawful/staff/").content == b"1 rows"
    assert client.get("/unlawful/index-as-staff/").content == b"1 rows"


def test_a_reader_may_not_read_as_staff(abstract):
    with marks.expecting_violations() as violations, pytest.raises(marks.Unmarked):
        signed_in(UserFactory()).get("/unlawful/staff/")
    assert violations


def test_the_index_answers_only_with_the_clause_of_the_law():
    AbstractFactory(title="Gout")
    snapshot = ensure_current_snapshot()
    assert LawfulSearcher(snapshot, Visible(ANONYMOUS, timezone.now())).count(term("everything", "gout")) == 1
    for clause in ([], None, [term("staff", 1)], ANONYMOUS):
        with pytest.raises(Unreadable):
            LawfulSearcher(snapshot, clause)
    with pytest.raises(AttributeError):
        snapshot.searcher  # noqa: B018


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 1", []),
        ('SELECT "abstracts_abstract"."id" FROM "abstracts_abstract"', [("abstracts_abstract", "")]),
        ("SELECT /* law: belonging */ a FROM abstracts_section", [("abstracts_section", "belonging")]),
        ("select a from ABSTRACTS_SECTION s", [("abstracts_section", "")]),
        ("SELECT 'SELECT a FROM abstracts_section'", []),
        ("SELECT 1 FROM a WHERE EXISTS(SELECT 1 FROM abstracts_section)", [("abstracts_section", "")]),
        (
            "SELECT 1 /* law: belonging */ FROM a WHERE b IN (SELECT c FROM abstracts_section)",
            [("abstracts_section", "")],
        ),
        ("SELECT a FROM abstracts_section WHERE b IN (SELECT /* law: belonging */ 1)", [("abstracts_section", "")]),
        ("SELECT /* law: belonging */ 1 UNION SELECT a FROM abstracts_section", [("abstracts_section", "")]),
        ("SELECT a FROM (b JOIN abstracts_section ON (1 = 1))", [("abstracts_section", "")]),
        ("DELETE FROM abstracts_section WHERE id IN (SELECT id FROM abstracts_figure)", [("abstracts_figure", "")]),
        ("INSERT INTO b SELECT a FROM abstracts_historicalsection", [("abstracts_historicalsection", "")]),
        ("SELECT a /* not the law: belonging */ FROM abstracts_abstractsource", [("abstracts_abstractsource", "")]),
        ("SELECT name FROM abstracts_meeting JOIN abstracts_keyword", [("abstracts_keyword", "")]),
    ],
)
def test_the_reader_of_statements_finds_each_select_of_a_guarded_table(sql, reads):
    found = [(" ".join(read.tables), " ".join(read.words)) for read in marks.reads_of(sql)]
    assert found == reads


def test_every_model_is_guarded_or_leads_to_nothing_that_is():
    """A model that is added without a manager of `abstracts.visibility` fails here, if it has relations."""
    models = [model for name in ("abstracts", "accounts") for model in apps.get_app_config(name).get_models()]
    related = [model for model in models if any(f.is_relation for f in model._meta.get_fields(include_hidden=True))]
    assert len(related) > 30
    unguarded = [m for m in related if not is_guarded(m) and not isinstance(m.objects, OpenManager)]
    assert unguarded == []
    assert all(map(is_guarded, (Section, Section.history.model, AbstractSource)))


def test_former_states_are_written_and_read_by_the_loud_name(abstract):
    section = Section.unfiltered.get()
    former, section.label = section.label, "Changed"
    section.save()
    assert list(section.history.unfiltered.values_list("label", flat=True)) == ["Changed", former]


def test_each_function_that_needs_no_mark_is_listed_for_a_need(client, rf, monkeypatch):
    abstract = whole_abstract(title="Gout")
    keyword, person = Keyword.unfiltered.first(), Person.unfiltered.first()
    read: dict[tuple[str, str], set[str]] = defaultdict(set)

    def is_exempt(tables: frozenset[str]) -> bool:
        for path, function in set(marks._callers()):
            read[path, function] |= tables
        return True

    monkeypatch.setattr(marks, "_is_exempt", is_exempt)
    client.get(reverse("search"), {"q": "gout", "kw": keyword.slug, "by": person.slug})
    for entry in (keyword, person):
        client.get(reverse("suggestions"), {"q": entry.name[:4]})
    hidden = AbstractFactory(withdrawn=True, hides_title=True)
    client.get(reverse("abstract", args=[hidden.slug]))
    with marks.watching(rf.get("/")):
        items._of_existing_abstracts([items.Item(1, abstract.pk, "", "", None)])
    assert {(e.path, e.function): e.tables & read[e.path, e.function] for e in marks.EXEMPT} == {
        (e.path, e.function): e.tables for e in marks.EXEMPT
    }
