import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstracts.importing.names import Hint, SplitName, agrees, is_group, split_by_hint, split_by_shape, split_name


@pytest.mark.parametrize(
    ("name", "hint", "parted"),
    [
        ("Mira Ruana Guevo", Hint("M", "Ruana Guevo"), SplitName("Mira", "Ruana Guevo")),
        ("RUDOLF GANZA ARRUBA", Hint("R", "GANZA ARRUBA"), SplitName("RUDOLF", "GANZA ARRUBA")),
        ("Flora A. van Gelden", Hint("F", "van Gelden"), SplitName("Flora A.", "van Gelden")),
        ("Olla Chom, MD, PhD", Hint("O", "Chom, MD, PhD"), SplitName("Olla", "Chom")),
        ("Toby Medgard, Jr", Hint("T", "Medgard, Jr"), SplitName("Toby", "Medgard Jr")),
        ("Wong Lia", Hint("L", "Wong"), SplitName("Lia", "Wong")),
        ("MA Acosta Merino", Hint("M", "Acosta Merino"), SplitName("MA", "Acosta Merino")),
    ],
)
def test_family_name_by_disclosures(name, hint, parted):
    assert split_by_hint(name, hint) == parted
    assert agrees(parted, hint)


@pytest.mark.parametrize(
    ("name", "parted"),
    [
        ("Ada Rivel", SplitName("Ada", "Rivel")),
        ("Ada van der Rivel", SplitName("Ada", "van der Rivel")),
        ("Omar bin Saleh", SplitName("Omar", "bin Saleh")),
        ("Juana de la Vega", SplitName("Juana", "de la Vega")),
        ("Santo Ruana y Cajo", SplitName("Santo", "Ruana y Cajo")),
        ("E.B. Nebo Del Busto", SplitName("E.B.", "Nebo Del Busto")),
        ("J. Kirk Hardy", SplitName("J.", "Kirk Hardy")),
        ("Rivel, Ada M.", SplitName("Ada M.", "Rivel")),
        ("Toby Medgard III", SplitName("Toby", "Medgard III")),
        ("Ann Lee, MD, MPH", SplitName("Ann", "Lee")),
        ("Ann Lee MD PhD", SplitName("Ann", "Lee")),
        ("Burkard", SplitName("", "Burkard")),
        ("The Invented Lupus Study Group", SplitName("", "")),
    ],
)
def test_names_by_their_shape(name, parted):
    assert split_by_shape(name) == parted


def test_hint_of_another_person_is_ignored():
    assert split_by_hint("Jan Chung", Hint("J", "Wei")) is None
    assert split_name("Jan Chung", Hint("J", "Wei")) == SplitName("Jan", "Chung")


@pytest.mark.parametrize(
    ("name", "group"),
    [("on behalf of the SAMPLE Investigators", True), ("Ada Study", True), ("Grupa Rivel", False), ("Network", False)],
)
def test_groups(name, group):
    assert is_group(name) is group


WORD = st.text("abcdefgéñø", min_size=2, max_size=8).map(str.title)


@settings(deadline=None)
@given(st.lists(WORD, min_size=1, max_size=3), st.lists(WORD, min_size=1, max_size=3))
def test_every_name_is_split_where_its_disclosure_says(given_words, family_words):
    given_name, family = " ".join(given_words), " ".join(family_words)
    parted = split_by_hint(f"{given_name} {family}", Hint(given_name[0], family))
    assert parted is not None
    assert f"{parted.given} {parted.family}".strip() == f"{given_name} {family}"


@settings(deadline=None)
@given(st.text(max_size=40))
def test_parser_accepts_every_text(text):
    split_name(text, Hint("A", text))
    split_by_shape(text)
