import pytest

from abstracts.importing import BadInput, ImportOptions, Outcome, run_import
from abstracts.importing.people import PersonIndex, person_lookup
from abstracts.models import (
    Abstract,
    AbstractSource,
    Affiliation,
    AuthorLine,
    EmbargoTier,
    Figure,
    Meeting,
    Person,
    Presentation,
    Section,
    Session,
)
from tests.factories import TierFactory

from .files import jsonl

pytestmark = pytest.mark.django_db

FULL = {
    "number": "LB02",
    "reference": "C-77",
    "title": "Joints <i>in vitro</i>, p&lt;0.05",
    "slug": "joints-in-vitro",
    "former_slugs": ["joints"],
    "tier": "Late",
    "status": "corrected",
    "status_note": "A number was wrong.",
    "doi": "10.1002/art.1",
    "first_published": "2025-10-05",
    "legacy_id": 12,
    "affiliations": ["North Clinic, Oslo, Norway", {"text": "South, Bergen, Norway"}],
    "authors": [
        {"name": "Ada van Rivel", "given": "Ada", "family": "van Rivel", "orcid": "0000-0002-1825-0097",
         "presenter": True, "affiliations": [2, 1]},
        {"name": "Sample Study Group", "group": True, "affiliations": ["Third place"]},
    ],
    "keywords": ["Gout", "Synovium, invented"],
    "sections": [{"label": "Methods", "text": "a<b\n\nNCT01234567"}, {"label": "", "html": "<ul><li>x<br></li></ul>"}],
    "disclosures_html": "<p>A. van Rivel: None</p>",
    "figures": [{"label": "Figure 1", "caption": "A <b>bold</b> one", "alt": "A line"}],
    "sessions": [
        {"code": "A1", "title": "Posters", "type": "Poster Session", "date": "2025-10-26", "start": "10:30",
         "end": "12:30", "place": "Hall 4", "position": 3, "presentation_start": "11:00"},
        {"title": "Plenary", "date": "2025-10-27"},
    ],
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    tier = TierFactory(meeting__slug="forum", name="Regular", number_prefixes="0-9")
    TierFactory(meeting=tier.meeting, name="Late")

    def load(objects, **options):
        return run_import(jsonl(tmp_path / "a.jsonl", objects), ImportOptions(**{"meeting": "forum"} | options))

    return load


def test_full_format(load):
    report = load([FULL])
    assert [row.messages for row in report.rows] == [[]]
    abstract = Abstract.unfiltered.get()
    assert (abstract.title, abstract.slug, abstract.tier.name) == (FULL["title"], "joints-in-vitro", "Late")
    assert (abstract.status, abstract.legacy_id, abstract.trial_ids) == ("corrected", 12, "NCT01234567")
    assert list(Section.unfiltered.order_by("position").values_list("html", flat=True)) == [
        "<p>a&lt;b</p><p>NCT01234567</p>",
        "<ul><li>x<br></li></ul>",
    ]
    texts = Affiliation.unfiltered.order_by("position").values_list("text", flat=True)
    assert list(texts) == ["North Clinic, Oslo, Norway", "South, Bergen, Norway", "Third place"]
    links = AuthorLine.unfiltered.order_by("position", "link__affiliation__position")
    assert list(links.values_list("name", "is_group", "link__affiliation__position")) == [
        ("Ada van Rivel", False, 1),
        ("Ada van Rivel", False, 2),
        ("Sample Study Group", True, 3),
    ]
    assert AuthorLine.unfiltered.get(is_presenter=True).orcid == "0000-0002-1825-0097"
    assert Figure.unfiltered.get().caption == "A <b>bold</b> one"
    order = Presentation.unfiltered.order_by("session__date").values_list("session__title", "position")
    assert list(order) == [("Posters", 3), ("Plenary", 2)]


def test_second_import_of_the_full_format_changes_nothing(load):
    load([FULL])
    assert load([FULL]).rows[0].outcome is Outcome.UNCHANGED


def test_missing_key_leaves_its_field_alone(load):
    load([FULL])
    report = load([{"number": "LB02", "title": "New title"}])
    assert report.rows[0].fields == ["title"]
    assert Section.unfiltered.count() == 2


def test_unknown_keys_are_reported(load):
    report = load([{"number": "1", "title": "T", "mood": "good"}])
    assert "The key “mood” was not used." in report.notes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ["x"]}, "“title” is not text"),
        ({"authors": "Ada"}, "“authors” is not the list it should be"),
        ({"authors": [{"name": "Ada Lee", "affiliations": [9]}]}, "there is no affiliation number 9"),
        ({"sections": ["x"]}, "“sections” is not the list it should be"),
        ({"legacy_id": "x"}, "“legacy_id” is not a whole number"),
        ({"sessions": [{"title": "S", "date": "2025-02-29"}]}, "is not a date"),
        ({"sessions": [{"type": "Poster"}]}, "a session without title and code"),
        ({"sessions": [{"title": "S"}, {"title": "S"}]}, "names the same session twice"),
        ({"meeting": "other"}, "belongs to the meeting other"),
        ({"keywords": [1]}, "“keywords” is not the list"),
    ],
)
def test_wrong_values_are_errors_of_their_line(load, changes, words):
    report = load([{"number": "1", "title": "T"} | changes])
    assert report.rows[0].outcome is Outcome.INVALID
    assert words in "; ".join(report.rows[0].messages)


def test_line_that_is_no_object_is_an_invalid_row(load):
    report = load([{"number": "1", "title": "T"}, "{oops"], skip_invalid=True)
    assert [row.outcome for row in report.rows] == [Outcome.NEW, Outcome.INVALID]


def test_entities_and_authors_without_names(load):
    report = load(
        [
            {
                "number": "1",
                "title": "&#8220;Foo&#8221; &amp; bar",
                "authors": [
                    {"name": " ", "affiliations": ["Lost, Oslo"]},
                    {"name": "J&uuml;rgen M. Baum"},
                    "A.B. De Dion",
                ],
                "session": "Circular &lt;things&gt;",
                "sections": [{"label": "", "text": "x &#8805; 5"}],
            }
        ]
    )
    assert report.rows[0].messages == ["author 1 has no name and was left out (Lost, Oslo)"]
    assert Abstract.unfiltered.get().title_text == "“Foo” & bar"
    assert list(AuthorLine.unfiltered.order_by("position").values_list("given", "family")) == [
        ("Jürgen M.", "Baum"),
        ("A.B.", "De Dion"),
    ]
    assert Session.objects.get().title == "Circular <things>"
    assert Section.unfiltered.get().html == "<p>x ≥ 5</p>"


def test_meetings_are_created_when_a_line_names_them(tmp_path):
    meetings = jsonl(
        tmp_path / "meetings.jsonl",
        [
            {"meeting": "one-2001", "name": "One 2001", "year": 2001, "abstracts": 1},
            {"meeting": "two-2002", "name": "Two 2002", "year": 2002, "start": "2002-05-01", "timezone": "Europe/Oslo"},
            {"meeting": "three", "name": "Three", "year": 2003},
        ],
    )
    lines = [
        {"meeting": "one-2001", "number": "1", "title": "T"},
        {"meeting": "two-2002", "number": "1", "title": "T"},
        {"meeting": "one-2001", "number": "2", "title": "T"},
    ]
    path = jsonl(tmp_path / "a.jsonl", lines)
    report = run_import(path, ImportOptions(meetings=meetings, release="now"))
    assert report.applied
    assert report.warnings == []
    assert list(Meeting.objects.order_by("slug").values_list("slug", "timezone")) == [
        ("one-2001", "America/New_York"),
        ("two-2002", "Europe/Oslo"),
    ]
    assert EmbargoTier.objects.count() == 2
    assert sorted(Abstract.unfiltered.values_list("slug", flat=True)) == [
        "t-one-2001-1",
        "t-one-2001-2",
        "t-two-2002-1",
    ]
    again = run_import(path, ImportOptions(meetings=meetings, release="now"))
    assert again.counts["unchanged"] == 3
    assert again.rows[1].meeting == "two-2002"


def test_line_with_an_unknown_meeting_is_invalid(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", [{"meeting": "x", "number": "1", "title": "T"}, {"number": "1", "title": "T"}])
    report = run_import(path, ImportOptions())
    assert [row.messages for row in report.rows] == [["there is no meeting x"], ["names no meeting"]]


@pytest.mark.parametrize(
    "line", ["{", '{"meeting": "A B", "name": "x", "year": 2000}', '{"meeting": "a", "name": "x"}', "[]"]
)
def test_invalid_file_of_meetings_is_refused(tmp_path, line):
    path = jsonl(tmp_path / "a.jsonl", [{"meeting": "x", "number": "1", "title": "T"}])
    with pytest.raises(BadInput, match="line 1, is no meeting"):
        run_import(path, ImportOptions(meetings=jsonl(tmp_path / "m.jsonl", [line])))


def test_mapping_is_refused_for_json(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", [{"number": "1", "title": "T"}])
    with pytest.raises(BadInput, match="no columns to map"):
        run_import(path, ImportOptions(mapping={"a": "title"}))


WRONG_DIGIT = "0000-0002-1825-0098"


def test_authors_with_the_same_invalid_orcid_are_not_merged(load):
    """With a wrong digit it may be anybody's, so it identifies nobody."""
    authors = [{"name": name, "orcid": WRONG_DIGIT} for name in ("Ada van Rivel", "Cy Day")]
    report = load([{"number": "1", "title": "x", "authors": authors}])
    first, second = AuthorLine.unfiltered.order_by("position")
    assert first.person_id != second.person_id
    assert {first.orcid, second.orcid, first.person.orcid, second.person.orcid} == {"", None}
    messages = [message for message in report.rows[0].messages if "ORCID" in message]
    assert messages == [f"“{WRONG_DIGIT}” is no ORCID (its check digit is wrong); it was left out"] * 2
    row = AbstractSource.unfiltered.get(abstract__number="1").row
    assert [author["orcid"] for author in row["authors"]] == [WRONG_DIGIT] * 2


def test_invalid_orcid_that_is_stored_finds_nobody(load):
    """A row from the time before check digits were checked."""
    Person.unfiltered.create(name="Cy Day", orcid=WRONG_DIGIT)
    author = {"name": "Ada van Rivel", "given": "Ada", "family": "van Rivel", "orcid": WRONG_DIGIT}
    assert person_lookup(author) == ("", "ada van rivel")
    assert (
        Person.unfiltered.get(pk=PersonIndex().get_or_create([author])[person_lookup(author)]).name == "Ada van Rivel"
    )


def test_authors_with_the_same_valid_orcid_are_one_person(load):
    authors = [
        {"name": name, "orcid": "https://orcid.org/0000-0002-1825-0097"} for name in ("Ada van Rivel", "A. Rivel")
    ]
    load([{"number": "1", "title": "x", "authors": authors}])
    assert Person.unfiltered.get().orcid == "0000-0002-1825-0097"


def test_doi_may_have_a_prefix(load):
    load([{"number": "1", "title": "x", "doi": "https://doi.org/10.1002/art.1"}])
    assert Abstract.unfiltered.get().doi == "10.1002/art.1"
