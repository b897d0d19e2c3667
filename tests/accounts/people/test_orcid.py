"""ORCID identifiers as people type them."""

import pytest
from django.core.exceptions import ValidationError

from accounts.people.orcid import check_digit, normalized

RIGHT = "0000-0002-1825-0097"


@pytest.mark.parametrize(
    "typed",
    [RIGHT, f" {RIGHT} ", "0000000218250097", f"https://orcid.org/{RIGHT}", f"http://www.orcid.org/{RIGHT}/"],
)
def test_every_way_to_write_it_is_understood(typed):
    assert normalized(typed) == RIGHT


def test_the_last_digit_may_be_an_x():
    assert normalized("0000-0002-1694-233x") == "0000-0002-1694-233X"
    assert check_digit("0000-0002-1694-233") == "X"


def test_nothing_is_nothing():
    assert normalized("  ") == ""


@pytest.mark.parametrize("typed", ["0000-0002-1825-0098", "0000-0002-1852-0097", "1000-0002-1825-0097"])
def test_a_wrong_digit_is_noticed(typed):
    with pytest.raises(ValidationError) as error:
        normalized(typed)
    assert error.value.code == "checksum"


@pytest.mark.parametrize(
    "typed", ["0000-0002-1825", "abcd", "0000-0002-1825-00977", "https://example.org/" + RIGHT, "٠" * 16]
)
def test_what_is_none_is_refused(typed):
    with pytest.raises(ValidationError):
        normalized(typed)
