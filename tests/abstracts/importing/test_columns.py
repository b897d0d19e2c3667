import pytest

from abstracts.importing import BadInput
from abstracts.importing.columns import ignored_columns, match_columns
from abstracts.importing.values import parse_date, parse_time, parse_time_range, slug_of


def test_columns_are_recognized_in_any_case_and_punctuation():
    headers = [
        "Abstract Number",
        "TITLE",
        "authors_and_affiliations",
        "Session-Title",
        "link_final",
        "Whatever",
        "Methods",
    ]
    assert match_columns(headers, {}) == {
        "Abstract Number": "number",
        "TITLE": "title",
        "authors_and_affiliations": "authors",
        "Session-Title": "session_title",
        "link_final": "link",
        "Methods": "section:Methods",
    }


def test_mapping_wins_over_the_name():
    assert match_columns(["No", "Head", "Title"], {"no": "number", "Head": "title", "title": "ignore"}) == {
        "No": "number",
        "Head": "title",
    }
    assert (
        match_columns(["number", "title", "Words"], {"Words": "section:Patient's words"})["Words"]
        == "section:Patient's words"
    )
    assert ignored_columns(["number", "Title 2"], {"title 2": "ignore"}) == {"Title 2"}
    assert match_columns(["number", "title", "name"], {"name": "title"}) == {"number": "number", "name": "title"}


@pytest.mark.parametrize(
    ("headers", "mapping", "words"),
    [
        (["number"], {}, "No column holds the title"),
        (["title"], {}, "No column holds the number"),
        (["number", "title"], {"x": "doi"}, "no column “x”"),
        (["number", "title", "x"], {"x": "color"}, "no field “color”"),
        (["number", "title", "Abstract Title"], {}, "both are the title"),
        (["number", "title", "x"], {"x": "section:"}, "no field “section:”"),
    ],
)
def test_contradictory_columns_are_refused(headers, mapping, words):
    with pytest.raises(BadInput, match=words):
        match_columns(headers, mapping)


@pytest.mark.parametrize(
    "typed",
    [
        "2025-10-29",
        "Wednesday, October 29, 2025",
        "Oct 29, 2025",
        "29 October 2025",
        "10/29/2025",
        "2025-10-29 00:00:00",
    ],
)
def test_dates(typed):
    assert parse_date(typed).isoformat() == "2025-10-29"


@pytest.mark.parametrize("typed", ["2025-02-29", "10/05/2025", "soon", "13/13/2025", "", "29 February 2025"])
def test_text_that_is_no_date(typed):
    with pytest.raises(ValueError, match="date"):
        parse_date(typed)


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("11:45AM-12:00PM", "11:45", "12:00"),
        ("10:30 – 12:30", "10:30", "12:30"),
        ("10:30-11:30 a.m.", "10:30", "11:30"),
        ("11:30-12:30 PM", "11:30", "12:30"),
        ("1:00-2:00 PM", "13:00", "14:00"),
        ("9:00", "09:00", None),
    ],
)
def test_times(typed, start, end):
    first, last = parse_time_range(typed)
    assert (f"{first:%H:%M}", last and f"{last:%H:%M}") == (start, end)


def test_text_that_is_no_time():
    for typed in ("25:00", "noon", "10-11-12"):
        with pytest.raises(ValueError, match="is not a time"):
            parse_time_range(typed)
    with pytest.raises(ValueError, match="is not a time"):
        parse_time("")


@pytest.mark.parametrize(
    ("address", "slug", "former"),
    [
        ("https://example.org/abstract/a-b_c/", "a-b_c", ""),
        ("/abstract/il-6-and-fc%ce%b3-signals", "il-6-and-fcgamma-signals", "il-6-and-fcγ-signals"),
        ("plain-slug", "plain-slug", ""),
        ("https://example.org/?p=12", "", ""),
    ],
)
def test_slugs(address, slug, former):
    assert slug_of(address) == (slug, former)
