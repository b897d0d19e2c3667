from types import SimpleNamespace

import pytest
from django.utils.translation import override

from abstracts.views.search_tiers import counted_of, counts_of, tiers_of


class Found:
    """Results of a search of so many words: how many abstracts have all of them, all but one, and fewer."""

    def __init__(self, words: int, *sizes: int):
        self.matches = SimpleNamespace(words=words)
        self.with_all, self.with_most, self.with_fewer = sizes
        self.total = next((size for size in sizes if size), 0)

    def __len__(self) -> int:
        return self.with_all + self.with_most + self.with_fewer


@pytest.mark.parametrize(
    ("words", "sizes", "counts", "counted"),
    [
        (1, (0, 0, 0), "No abstract found", ""),
        (1, (1, 0, 0), "1 abstract found", ""),
        (0, (1200, 0, 0), "1,200 abstracts found", ""),
        (1, (5, 0, 1), "5 abstracts found, and the closest of the others", "Only those found"),
        (3, (50, 0, 0), "50 abstracts found", ""),
        (3, (1, 1, 0), "1 abstract with all words, 1 more with all but one of them", "Only those with all words"),
        (2, (50, 310, 0), "50 abstracts with all words, 310 more with one of them", "Only those with all words"),
        (3, (7, 0, 1), "7 abstracts with all words, and the closest of the others", "Only those with all words"),
        (4, (1, 0, 99), "1 abstract with all words, and the 99 closest of the others", "Only those with all words"),
        (2, (0, 1, 0), "No abstract with all words, 1 with one of them", ""),
        (3, (0, 1200, 0), "No abstract with all words, 1,200 with all but one of them", ""),
        (3, (0, 0, 40), "No abstract with all words, only the 40 closest ones", ""),
    ],
)
def test_counts(words, sizes, counts, counted):
    found = Found(words, *sizes)
    assert (counts_of(found), counted_of(found)) == (counts, counted)


def test_counts_in_spanish():
    with override("es"):
        assert counts_of(Found(3, 1, 310, 0)) == "1 resumen con todas las palabras, 310 más con todas menos una"
        assert counts_of(Found(2, 2, 0, 1)) == "2 resúmenes con todas las palabras, y el más próximo de los demás"
        assert counts_of(Found(2, 0, 0, 9)) == "Ningún resumen con todas las palabras, solo los 9 más próximos"


def test_while_the_database_answers_all_that_is_listed_was_found():
    found = Found(0, 3, 0, 0)
    found.matches = None
    assert (counts_of(found), counted_of(found)) == ("3 abstracts found", "")
    assert [tier.heading for tier in tiers_of(found, ["a", "b", "c"], 0)] == ["Abstracts"]


ALL, MOST, CLOSEST = "Abstracts with all words", "Abstracts with all but one of the words", "The closest of the others"


@pytest.mark.parametrize(
    ("sizes", "start", "tiers"),
    [
        ((3, 3, 0), 0, [(ALL, [0, 1], False)]),
        ((3, 3, 0), 2, [(ALL, [2], True), (MOST, [3], False)]),
        ((3, 3, 0), 4, [(MOST, [4, 5], True)]),
        ((2, 0, 3), 0, [(ALL, [0, 1], False)]),
        ((2, 0, 3), 2, [(CLOSEST, [2, 3], False)]),
        ((2, 0, 3), 4, [(CLOSEST, [4], True)]),
        ((0, 0, 2), 0, [("The closest abstracts", [0, 1], False)]),
    ],
)
def test_each_page_says_of_which_tier_its_rows_are(sizes, start, tiers):
    rows = list(range(sum(sizes)))[start : start + 2]
    found = tiers_of(Found(3, *sizes), rows, start)
    assert [(tier.heading, list(tier.rows), tier.is_continued) for tier in found] == tiers
    assert [tier.has_all for tier in found] == [tier.heading == ALL for tier in found]


def test_without_abstracts_with_all_words_the_first_heading_says_what_they_have():
    [tier] = tiers_of(Found(2, 0, 3, 0), [0, 1], 0)
    assert (tier.heading, tier.has_all, tier.is_continued) == ("Abstracts with one of the words", False, False)


def test_nothing_found_has_no_tiers():
    assert tiers_of(Found(2, 0, 0, 0), [], -1) == []
