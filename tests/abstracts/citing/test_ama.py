"""The AMA citation, a pure function: no test here uses the database."""

import datetime as dt

import pytest

from abstracts.citing.ama import ama_name, ama_text
from abstracts.models import Abstract, Meeting
from abstracts.reading import Author, Document
from abstracts.visibility import Level

TODAY = dt.date(2026, 11, 22)


def author(given, family, name="", is_group=False):
    return Author(name or f"{given} {family}".strip(), family, given, [], "", is_group=is_group)


def document(title="Invented Results", authors=(), level=Level.FULL, **meeting):
    fields = {"name": "Arthritis Forum 2025", "year": 2025, "journal": "J Invented Rheum", "volume": "77"}
    abstract = Abstract(title=title, meeting=Meeting(**(fields | {"supplement": "suppl 9"} | meeting)))
    abstract.level = level
    return Document(abstract, "/abstract/invented-results/", list(authors))


def cite(*args, **kwargs):
    return ama_text(document(*args, **kwargs), "https://example.org", TODAY)


def test_whole_citation():
    authors = [author("Miriam", "Example Sample"), author("Clara", "Moritz")]
    assert cite(authors=authors) == (
        "Example Sample M, Moritz C. Invented Results. [abstract]. J Invented Rheum. 2025; 77 (suppl 9). "
        "https://example.org/abstract/invented-results/. Accessed November 22, 2026."
    )


@pytest.mark.parametrize(
    ("line", "cited"),
    [
        (author("Juan Ramon", "De Invento"), "De Invento J"),
        (author("öykü", "Çelik"), "Çelik Ö"),
        (author("", "Plato"), "Plato"),
        (author("", "", "Somebody Unparsed"), "Somebody Unparsed"),
        (author("The", "Group", "The FICTION Study Group", is_group=True), "The FICTION Study Group"),
    ],
)
def test_names(line, cited):
    assert ama_name(line) == cited


def test_all_authors_are_named():
    assert cite(authors=[author("A", f"Family{n}") for n in range(65)]).count("Family") == 65


@pytest.mark.parametrize(
    ("title", "cited"), [("Ends.", "Ends. [abstract]"), ("Ends?", "Ends? [abstract]"), ("Ends", "Ends. [abstract]")]
)
def test_title_ends_in_one_punctuation_mark(title, cited):
    assert cited in cite(title)


@pytest.mark.parametrize(
    ("meeting", "issue"),
    [
        ({"supplement": ""}, "J Invented Rheum. 2025; 77. https"),
        ({"supplement": "", "volume": ""}, "J Invented Rheum. 2025. https"),
        ({"citation_year": 2026}, "2026; 77 (suppl 9)"),
        ({"journal": "", "volume": "", "supplement": ""}, "Arthritis Forum 2025. 2025. https"),
    ],
)
def test_meetings_without_a_journal_or_volume(meeting, issue):
    assert issue in cite(**meeting)


def test_no_authors():
    assert cite().startswith("Invented Results. [abstract].")


def test_listing_is_cited_but_shell_is_not():
    assert cite(level=Level.LISTED)
    assert cite(level=Level.SHELL) == ""
