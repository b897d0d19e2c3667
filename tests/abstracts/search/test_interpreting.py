import pytest
from django.test import Client
from django.utils import timezone

from abstracts.models import Abstract
from abstracts.search import SearchQuery, search
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests.factories import (
    AbstractFactory,
    AffiliationFactory,
    AuthorLineFactory,
    MeetingFactory,
    SectionFactory,
    TierFactory,
)

pytestmark = pytest.mark.django_db


def written(title="Something", *, authors=(), places=(), text="Nothing.", **state):
    abstract = AbstractFactory(title=title, **state)
    SectionFactory(abstract=abstract, html=f"<p>{text}</p>")
    for position, name in enumerate(authors):
        given, _, family = name.partition(" ")
        AuthorLineFactory(abstract=abstract, name=name, given=given, family=family, position=position)
    for position, place in enumerate(places):
        country = place.rpartition(", ")[2]
        AffiliationFactory(abstract=abstract, text=place, country=country, position=position)
    return abstract


def results_of(text, viewer=ANONYMOUS, **query):
    return search(SearchQuery(text=text, **query), viewer, timezone.now())


def found(text, **query) -> set[int]:
    return set(results_of(text, **query).pks_with_all())


def taken(text, **query) -> list[tuple[str, str]]:
    return [tuple(one) for one in results_of(text, **query).matches.taken]


@pytest.fixture
def names():
    """Key -> primary key of abstracts by authors with like names."""
    people = {
        "two": ("Carmen-Victoria Marlow", "Bo Ericson"),
        "one": ("Carmen Marlow",),
        "other": ("Carmen-Teresa Marlow",),
        "joined": ("Ana Marlow Quist",),
        "apart": ("Carmen Ericson", "Victor Marlow"),
    }
    return {key: written(authors=authors).pk for key, authors in people.items()}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Marlow CV", {"two", "one"}),
        ("marlow cv", {"two", "one"}),
        ("Marlow C.V.", {"two", "one"}),
        ("C.V. Marlow", {"two", "one"}),
        ("CV Marlow", {"two", "one"}),
        ("C. V. Marlow", {"two", "one"}),
        ("Marlow C V", {"two", "one"}),
        ("Marlow C", {"two", "one", "other"}),
        ("Marlow Quist A", {"joined"}),
        ("Quist A", {"joined"}),
        ("Carmen Marlow", {"two", "one", "other"}),
        ("Marlow CV, Ericson B", {"two"}),
        ("Marlow CV Ericson B something", {"two"}),
        ("Marlow CT", {"one", "other"}),
        ('author:"Marlow CV"', {"two", "one"}),
        ("Marlow CV[au]", {"two", "one"}),
    ],
)
def test_names_as_pubmed_writes_them(names, typed, expected):
    assert found(typed) == {names[key] for key in expected}


def test_initials_of_an_author_are_no_abbreviation():
    author = written(authors=["Carmen-Victoria Marlow"])
    disease = written("Marlow score in CV", text="Cryoglobulinemic vasculitis.")
    assert results_of("Marlow CV").matches.index_query.expanded == []
    assert taken("Marlow CV") == [("Marlow CV", "author")]
    assert found("Marlow CV") == {author.pk}
    assert found("CV") == {disease.pk}
    assert found("Marlow CV", literal=("marlow cv",)) == {disease.pk}


@pytest.fixture
def places():
    rows = {
        "clinic": written("One", places=["Section of Hearts, Marble Clinic, Boston, MA, United States"]),
        "center": written("Two", places=["Cancer Center, Toledo, Spain"]),
        "text": written("Cancer in Spain", text="Cancer was rare."),
        "more": written("Cancer again", text="Cancer was common.", places=["Toledo, Spain"]),
    }
    return {key: abstract.pk for key, abstract in rows.items()}


@pytest.mark.parametrize(
    ("typed", "expected", "kinds"),
    [
        ("Marble Clinic", {"clinic"}, [("Marble Clinic", "place")]),
        ("marble clinic hearts", {"clinic"}, [("marble clinic", "place"), ("hearts", "place")]),
        ("marble boston", {"clinic"}, [("marble boston", "place")]),
        ("boston", {"clinic"}, [("boston", "place")]),
        ("usa", {"clinic"}, [("usa", "country")]),
        ("spain", {"center", "text", "more"}, [("spain", "country")]),
        ("spain cancer", {"text", "more"}, [("spain", "country")]),
        ("cancer", {"text", "more"}, []),
        ("cancer -spain", set(), []),
        ("center", set(), []),
        ("country:spain", {"center", "more"}, []),
        ("España", {"center", "text", "more"}, [("España", "country")]),
        ("estados unidos", {"clinic"}, [("estados unidos", "country")]),
        ("(boston OR toledo)", {"clinic", "center", "more"}, [("boston", "place"), ("toledo", "place")]),
    ],
)
def test_institutions_and_places(places, typed, expected, kinds):
    assert found(typed) == {places[key] for key in expected}
    assert taken(typed) == kinds


def test_abstracts_of_an_author_come_before_those_that_name_the_author():
    cited = written("Marlow CV and Marlow CV", text="Marlow CV, Marlow CV and Marlow CV again.")
    author = written(authors=["Carmen-Victoria Marlow"])
    assert list(results_of("Marlow CV").pks_with_all()) == [author.pk, cited.pk]


def test_what_a_word_was_taken_for_can_be_undone(places):
    assert found("spain", literal=("Spain",)) == found("spain", exact=True) == {places["text"]}
    assert taken("spain", literal=("Spain",)) == taken("spain", exact=True) == []


@pytest.fixture
def numbered():
    old, new = (MeetingFactory(year=year) for year in (2024, 2025))
    rows = {
        "old": written("Gout", number="0489", meeting=old, tier=TierFactory(meeting=old)),
        "new": written("Gout of 489 people", number="0489", meeting=new, tier=TierFactory(meeting=new)),
        "late": written("Gout", number="LB12", meeting=new, tier=TierFactory(meeting=new), trial_ids="NCT04567890"),
        "dose": written(
            "400 mg for gout", number="0400", meeting=new, tier=TierFactory(meeting=new), doi="10.1002/art.77"
        ),
    }
    return {key: abstract.pk for key, abstract in rows.items()}


@pytest.mark.parametrize(
    ("typed", "expected", "kinds"),
    [
        ("#0489", {"old", "new"}, ["number"]),
        ("No. 0489", {"old", "new"}, ["number"]),
        ("abstract 489", {"old", "new"}, ["number"]),
        ("Abstract Number: 0489", {"old", "new"}, ["number"]),
        ("0489 people", {"new"}, ["number"]),
        ("2025 489", {"new"}, ["year", "number"]),
        ("0489 gout 2024", {"old"}, ["number", "year"]),
        ("LB12 gout", {"late"}, ["number"]),
        ("gout 400 mg", {"dose"}, []),
        ("gout 2024", {"old"}, ["year"]),
        ("gout NCT04567890", {"late"}, ["trial"]),
        ("NCT 04567890 gout", {"late"}, ["trial"]),
        ("doi: 10.1002/art.77 gout", {"dose"}, ["doi"]),
        ("gout https://doi.org/10.1002/ART.77", {"dose"}, ["doi"]),
        ("gout 1999", set(), []),
    ],
)
def test_numbers_years_and_trials(numbered, typed, expected, kinds):
    assert found(typed) == {numbered[key] for key in expected}
    assert [kind for _, kind in taken(typed)] == kinds


@pytest.mark.parametrize("typed", ["2024 489", "#489 2024", "LB12", "No. LB12", "abstract LB12 2025"])
def test_a_number_in_any_form_leads_to_its_abstract(numbered, typed):
    response = Client().get("/search/", {"q": typed})
    expected = numbered["late"] if "LB" in typed else numbered["old"]
    assert response.status_code == 302
    assert response["Location"] == Abstract.unfiltered.get(pk=expected).get_absolute_url()


HIDDEN = [
    ("Marlow CV", {"authors": ["Carmen-Victoria Marlow"]}),
    ("Carmen Marlow", {"authors": ["Carmen Marlow"]}),
    ("Marble Clinic", {"places": ["Marble Clinic, Boston, Spain"]}),
    ("boston", {"places": ["Marble Clinic, Boston, Spain"]}),
    ("spain", {"places": ["Marble Clinic, Boston, Spain"]}),
    ("something 0489", {"number": "0489"}),
    ("something NCT04567890", {"trial_ids": "NCT04567890"}),
]


@pytest.mark.parametrize(("typed", "planted"), HIDDEN)
def test_nothing_is_taken_for_what_is_hidden(typed, planted):
    written(embargoed=True, **planted)
    written("Something by marlow cv and carmen, number 0489, nct04567890")
    assert taken(typed) == []
    assert taken(typed, viewer=Viewer(Role.STAFF, 1)) != [], "staff may see it"


def test_words_between_operators_are_no_name_together(names):
    apart = written("Carmen of one, and Marlow of another")
    assert found("Carmen Marlow") == {names["two"], names["one"], names["other"]}
    assert found("Carmen AND Marlow") == {names[key] for key in ("two", "one", "other", "apart")} | {apart.pk}
    assert found("(Carmen Marlow) OR zqunheard") == found("Carmen Marlow")
    assert taken("Carmen AND Marlow") == []
