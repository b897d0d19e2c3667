import pytest

from abstracts.words.suffixes import is_suffix, split_suffix


@pytest.mark.parametrize(
    ("family", "parts"),
    [
        ("Medsger Jr", ("Medsger", "Jr")),
        ("Medsger, Jr.", ("Medsger", "Jr.")),
        ("van der Rivel III", ("van der Rivel", "III")),
        ("Retuerto Guerrero", ("Retuerto Guerrero", "")),
        ("Jr", ("Jr", "")),
        ("", ("", "")),
    ],
)
def test_suffix_is_split_from_the_family_name(family, parts):
    assert split_suffix(family) == parts


def test_suffixes_in_any_case_and_with_dots():
    assert all(map(is_suffix, ("jr", "Jr.", "SR", "iv", "2nd")))
    assert not any(map(is_suffix, ("", "MD", "Ivy", "Junior")))
