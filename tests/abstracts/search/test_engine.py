"""Which abstracts a search lists, and how it counts them."""

import itertools

import pytest
from django.utils import timezone

from abstracts.search import SearchQuery, search
from abstracts.search.engine import ENOUGH
from abstracts.visibility import ANONYMOUS
from tests.factories import AbstractFactory, MeetingFactory, SectionFactory, TierFactory

pytestmark = pytest.mark.django_db

WORDS = ("zqalpen", "zqbetan", "zqgamman", "zqdeltan")


def results_of(text, **query):
    return search(SearchQuery(text=text, **query), ANONYMOUS, timezone.now())


def written(words, meeting=None, **state):
    if meeting:
        state |= {"meeting": meeting, "tier": TierFactory(meeting=meeting)}
    abstract = AbstractFactory(title=f"About {words}", **state)
    SectionFactory(abstract=abstract, html=f"<p>{words}</p>")
    return abstract


@pytest.fixture
def world():
    """Set of words -> primary key, for every subset of WORDS but the empty one."""
    subsets = itertools.chain.from_iterable(itertools.combinations(WORDS, size) for size in range(1, 5))
    return {frozenset(subset): written(" ".join(subset)).pk for subset in subsets}


@pytest.mark.parametrize("count", range(1, 5))
def test_three_tiers(world, count):
    typed = set(WORDS[:count])
    results = results_of(" ".join(WORDS[:count]))
    pks = list(results._slice(slice(None)))
    having = {size: {pk for words, pk in world.items() if len(words & typed) == size} for size in range(1, 5)}
    tiers = [results.with_all, results.with_most, results.with_fewer]
    assert tiers == [
        len(having[count]),
        len(having.get(count - 1, ())),
        sum(len(having[n]) for n in range(1, count - 1)),
    ]
    assert set(pks[: tiers[0]]) == having[count] == set(results.pks_with_all())
    assert set(pks[tiers[0] : tiers[0] + tiers[1]]) == having.get(count - 1, set())
    assert len(pks) == len(set(pks)) == len(results) == sum(tiers)


def test_slices_of_the_list_agree_with_the_whole(world):
    results = results_of(" ".join(WORDS))
    whole = list(results._slice(slice(None)))
    for start, size in itertools.product(range(len(whole) + 2), (1, 2, 5)):
        assert list(results._slice(slice(start, start + size))) == whole[start : start + size]


def test_each_word_more_finds_fewer_with_all_words_and_with_all_but_one(world):
    counts = []
    for count in range(2, 5):
        results = results_of(" ".join(WORDS[:count]))
        counts.append((results.with_all, results.with_all + results.with_most))
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 3


def test_the_list_is_filled_up_with_the_closest():
    for _ in range(ENOUGH + 5):
        AbstractFactory(title="Zqalpen")
    both = AbstractFactory(title="Zqbetan zqgamman of zqalpen")
    results = results_of("zqalpen zqbetan zqgamman")
    assert (results.with_all, results.with_most, results.with_fewer) == (1, 0, ENOUGH - 1)
    assert results[0] == both
    assert results.total == 1


def test_operators_mean_what_they_say(world):
    for text in ("zqalpen AND zqbetan", "zqalpen NOT zqbetan", "zqalpen (zqbetan OR zqgamman)"):
        results = results_of(text)
        assert results.with_all, text
        assert (results.with_most, results.with_fewer) == (0, 0), text


def test_a_condition_is_never_left_out():
    meeting = MeetingFactory(year=2019)
    inside, outside = written("zqalpen", meeting=meeting), written("zqalpen zqbetan")
    for text in ("year:2019 zqalpen zqbetan", "2019 zqalpen zqbetan"):
        results = results_of(text)
        assert list(results) == [inside]
        assert (results.with_all, results.with_most) == (0, 1)
    assert results_of("zqalpen zqbetan")[0] == outside


def test_totals_count_the_first_tier_that_is_not_empty(world):
    assert results_of("zqalpen zqbetan").total == 4
    assert results_of("zqalpen zqunheard").total == 8
    assert results_of("zqalpen zqunheard zqunseen").total == 8
    assert results_of("zqunheard zqunseen").total == 0
