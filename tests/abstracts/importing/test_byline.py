import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstracts.importing.byline import parse_byline
from abstracts.importing.names import Hint


def names(byline):
    return [author.name for author in byline.authors]


def links(byline):
    return [author.affiliations for author in byline.authors]


def test_numbered():
    byline = parse_byline(
        "Ada Lee 1 , Bo Ito 1 , Cy Day 2 and  Di Fox 3 , 1 North Clinic, Oslo, Norway, 2 South, Ltd., Bergen (Norway), "
        "3 Hospital 12 de Mayo, Leon, Spain"
    )
    assert names(byline) == ["Ada Lee", "Bo Ito", "Cy Day", "Di Fox"]
    assert links(byline) == [[1], [1], [2], [3]]
    assert byline.affiliations == [
        "North Clinic, Oslo, Norway",
        "South, Ltd., Bergen (Norway)",
        "Hospital 12 de Mayo, Leon, Spain",
    ]
    assert byline.problems == []


def test_numbers_inside_affiliations_do_not_split_them():
    byline = parse_byline(
        "Ada Lee 1 , Bo Ito 2 and  Cy Day 3 , 1 Building 2 East, Oslo, 0187 , Norway, 2 Street 3 , 90 - 549 Lodz, "
        "Poland, 3 Unit 1 , UMR 1184 , Paris, France"
    )
    assert byline.affiliations == [
        "Building 2 East, Oslo, 0187 , Norway",
        "Street 3 , 90 - 549 Lodz, Poland",
        "Unit 1 , UMR 1184 , Paris, France",
    ]


def test_number_without_a_space_before_that_of_the_affiliation():
    byline = parse_byline(
        "Ada Lee 1 , Bo Ito 2 and  Cy Day 3 , 11 . North Clinic, Oslo, Norway, 26 th of Mayo University, Leon, Spain, "
        "3920 th Hospital, Nowhere"
    )
    assert byline.affiliations == [
        "1 . North Clinic, Oslo, Norway",
        "6 th of Mayo University, Leon, Spain",
        "920 th Hospital, Nowhere",
    ]


def test_missing_comma_and_double_and():
    byline = parse_byline("Ada Lee 1 , and Bo Ito 2 , 1 Clinic, Oslo, WA 2 Department of Rest, Ghent")
    assert names(byline) == ["Ada Lee", "Bo Ito"]
    assert byline.affiliations == ["Clinic, Oslo, WA", "Department of Rest, Ghent"]


def test_several_affiliations_of_one_author():
    text = "Ada Lee 1 , 2 , Bo Ito 2 , 3 and  Cy Day 1 , 1 North, 2 South, 3 West"
    assert links(parse_byline(text)) == [[1, 2], [2, 3], [1]]
    assert links(parse_byline("Ada Lee¹,², Bo Ito² and  Cy Day¹, 1 North, 2 South")) == [[1, 2], [2], [1]]


def test_author_without_a_number_among_numbered_ones():
    byline = parse_byline("Ada Lee, MD, Bo Ito 1 and  Cy Day 1 , 1 North")
    assert names(byline) == ["Ada Lee, MD", "Bo Ito", "Cy Day"]
    assert links(byline) == [[], [1], [1]]


def test_problems_are_reported():
    byline = parse_byline("Ada Lee 1 and  Bo Ito 3 , 1 North")
    assert byline.problems == ["Bo Ito: no affiliation numbered 3"]
    assert links(byline) == [[1], []]


def test_shared_affiliation():
    byline = parse_byline("Ada Lee, Bo Ito, MD and  Cy Day, PhD, North and South Clinic, a Company, Oslo, Norway")
    assert names(byline) == ["Ada Lee", "Bo Ito, MD", "Cy Day, PhD"]
    assert byline.affiliations == ["North and South Clinic, a Company, Oslo, Norway"]
    assert links(byline) == [[1], [1], [1]]


def test_shared_affiliation_after_a_single_spaced_and():
    byline = parse_byline("Ada Lee, Bo Ito and Cy Day, College of Arts and Rest, Oslo")
    assert names(byline) == ["Ada Lee", "Bo Ito", "Cy Day"]
    assert byline.affiliations == ["College of Arts and Rest, Oslo"]


def test_one_author():
    byline = parse_byline("ADA LEE, NORTH CLINIC OF HANDS AND FEET, Oslo, Norway", [Hint("A", "LEE")])
    assert names(byline) == ["ADA LEE"]
    assert byline.affiliations == ["NORTH CLINIC OF HANDS AND FEET, Oslo, Norway"]
    assert names(parse_byline("Ada Lee")) == ["Ada Lee"]
    assert parse_byline("Ada Lee").affiliations == []


def test_disclosures_distinguish_two_authors_from_an_author_with_an_affiliation():
    people = [Hint("A", "Lee"), Hint("B", "Ito")]
    byline = parse_byline("Ada Lee, Bo Ito", people)
    assert names(byline) == ["Ada Lee", "Bo Ito"]
    assert byline.affiliations == []
    assert parse_byline("Ada Lee, Bo Ito Clinic", people[:1]).affiliations == ["Bo Ito Clinic"]


def test_family_names_come_from_the_disclosures_even_where_their_numbers_differ():
    text = "Ada Rua Gil 1 , Bo Extra 1 and  Cy De Dion 1 , 1 North"
    byline = parse_byline(text, [Hint("A", "Rua Gil"), Hint("C", "De Dion")])
    assert [author.family for author in byline.authors] == ["Rua Gil", "Extra", "De Dion"]
    assert [author.hint is None for author in byline.authors] == [False, True, False]


def test_two_beginnings_for_one_number_are_reported():
    byline = parse_byline("Ada Lee 1 and  Bo Ito 2 , 1 North, 2 South, Oslo, 2 West, Oslo")
    assert byline.problems == ["two affiliations could be number 2; they were parted at the first"]


def test_empty_byline():
    assert parse_byline("").authors == []
    assert parse_byline(" , ").authors == []


WORD = st.text("abcdefghij", min_size=2, max_size=9).map(str.title)
NAME = st.tuples(WORD, WORD).map(" ".join)
PLACE = st.tuples(WORD, st.sampled_from(["Hospital", "Clinic 12 de", "University"]), WORD).map(
    lambda p: f"{p[0]} {p[1]} {p[2]}, {p[2]}, Norway"
)


@st.composite
def bylines(draw):
    places = draw(st.lists(PLACE, min_size=1, max_size=9))
    authors = draw(st.lists(NAME, min_size=max(2, len(places)), max_size=12))
    numbers = [n % len(places) + 1 for n in range(len(authors))]
    marked = [f"{name} {number} " for name, number in zip(authors, numbers, strict=True)]
    text = ", ".join(marked[:-1]) + "and  " + marked[-1]
    return text + ", " + ", ".join(f"{n} {p}" for n, p in enumerate(places, 1)), authors, numbers, places


@settings(deadline=None)
@given(bylines())
def test_every_numbered_byline_is_split_as_it_was_joined(made):
    text, authors, numbers, places = made
    byline = parse_byline(text)
    assert names(byline) == authors
    assert links(byline) == [[number] for number in numbers]
    assert byline.affiliations == places


@settings(deadline=None)
@given(st.text("ab 12,;and", max_size=80))
def test_parser_accepts_every_text(text):
    byline = parse_byline(text)
    count = len(byline.affiliations)
    assert all(1 <= n <= count for author in byline.authors for n in author.affiliations)


@pytest.mark.parametrize("space", [" ", "\xa0"])
def test_nonbreaking_space_is_a_space(space):
    assert names(parse_byline(f"Ada Lee{space}1 and  Bo{space}Ito 1 , 1 North")) == ["Ada Lee", "Bo Ito"]
