"""ORCID iDs, DOIs, ids of trials and numbers of abstracts, as people type them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from abstracts.words.identifiers import (
    is_abstract_number,
    is_doi,
    is_orcid,
    last_digits,
    normalize_doi,
    normalize_orcid,
    number_key,
    number_prefix,
    number_prefixes,
    orcid_check_digit,
    trial_ids,
    validate_number_prefixes,
    validate_orcid,
)

from ..worlds import bounded

anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
RIGHT = "0000-0002-1825-0097"


@pytest.mark.parametrize(
    "typed",
    [
        RIGHT,
        f" {RIGHT} ",
        "0000000218250097",
        f"https://orcid.org/{RIGHT}",
        f"http://www.orcid.org/{RIGHT}/",
        f"ORCID: {RIGHT}",
    ],
)
def test_orcid_is_read_in_each_way_to_write_it(typed):
    assert normalize_orcid(typed) == RIGHT


def test_last_digit_of_orcid_may_be_x():
    assert normalize_orcid("0000-0002-1694-233x") == "0000-0002-1694-233X"
    assert orcid_check_digit("0000-0002-1694-233") == "X"


def test_empty_orcid_stays_empty():
    assert normalize_orcid("  ") == ""


@pytest.mark.parametrize("typed", ["0000-0002-1825-0098", "0000-0002-1852-0097", "1000-0002-1825-0097"])
def test_wrong_check_digit_is_refused(typed):
    with pytest.raises(ValidationError) as error:
        normalize_orcid(typed)
    assert error.value.code == "checksum"


@pytest.mark.parametrize(
    "typed", ["0000-0002-1825", "abcd", "0000-0002-1825-00977", "https://example.org/" + RIGHT, "٠" * 16]
)
def test_text_that_is_no_orcid_is_refused(typed):
    with pytest.raises(ValidationError):
        normalize_orcid(typed)


def test_validator_wants_the_normal_form():
    validate_orcid(RIGHT)
    for typed in ("0000000218250097", f"https://orcid.org/{RIGHT}", "0000-0002-1694-233x", "0000-0002-1825-0098"):
        with pytest.raises(ValidationError):
            validate_orcid(typed)
        assert not is_orcid(typed)
    assert is_orcid(RIGHT)
    assert not is_orcid("")


@pytest.mark.parametrize(
    "typed",
    ["10.1002/art.1", "doi:10.1002/art.1", "DOI: 10.1002/art.1", "https://doi.org/10.1002/art.1",
     " http://dx.doi.org/10.1002/art.1 "],
)  # fmt: skip
def test_doi_loses_its_prefix(typed):
    assert normalize_doi(typed) == "10.1002/art.1"
    assert is_doi(normalize_doi(typed))


@pytest.mark.parametrize("text", ["", "0.1002/art.1", "10.1/x", "10.1002/", "10.1002/a b", "see 10.1002/art.1"])
def test_text_that_is_no_doi(text):
    assert not is_doi(normalize_doi(text))


def test_trial_ids_are_listed_once_and_end_before_300_characters():
    assert trial_ids("See NCT01234567 and ISRCTN12345678, NCT01234567.", "EudraCT 2020-001234-56") == (
        "NCT01234567 ISRCTN12345678 EudraCT2020-001234-56"
    )
    ids = trial_ids(*(f"NCT{n:08}" for n in range(100)))
    assert len(ids.split()) == 25
    assert len(ids) <= 300


def test_last_digits_of_a_number():
    assert [last_digits(number) for number in ("0489", "LB24", "12-034b", "L", "")] == [489, 24, 34, 0, 0]


def test_what_looks_like_an_abstract_number():
    assert all(map(is_abstract_number, ("0489", "L17", "LB 24", "pp-01")))
    assert not any(map(is_abstract_number, ("", "LB", "ABCD1", "1234567", "1 2", "gout")))


ORDER = ["1", "2", "10", "0489", "1234", "A", "L", "L9", "L17", "LB1", "LB24", "PP01", "PP2"]


def test_numbers_sort_as_people_count():
    backwards = ORDER[::-1]
    assert sorted(backwards, key=number_key) == ORDER


def test_leading_zeros_and_case_do_not_matter_for_the_order():
    assert number_key("0007") == number_key("7")
    assert number_key("lb2") == number_key("LB 2")


@given(st.integers(0, 999_999_999), st.integers(0, 999_999_999), st.sampled_from(["", "L", "LB", "PP"]))
@bounded
def test_numbers_of_one_prefix_order_by_value(a, b, prefix):
    assert (number_key(f"{prefix}{a}") < number_key(f"{prefix}{b}")) == (a < b)


@given(anything)
@bounded
def test_number_key_of_any_text_is_short_ascii(text):
    assert number_key(text).isascii()
    assert len(number_key(text)) <= 121


@pytest.mark.parametrize(
    ("number", "prefix"),
    [("0489", "0-9"), ("L17", "L"), ("lb 24", "LB"), ("P-P_01b", "PP"), ("EP", "EP"), ("", ""), ("–", "")],
)
def test_prefix_of_a_number_is_all_letters_before_its_digits(number, prefix):
    assert number_prefix(number) == prefix


def test_prefixes_as_staff_type_them():
    assert number_prefixes(" lb,L ; 0-9 L") == ["LB", "L", "0-9"]
    validate_number_prefixes("LB, L, 0-9")
    for typed in ("LB24", "L*", "0–9", "1"):
        with pytest.raises(ValidationError, match="write letters, such as LB, or 0-9"):
            validate_number_prefixes(typed)
