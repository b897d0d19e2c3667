"""Which abstracts a search lists, and how it counts them."""

import itertools

import pytest
from django.utils import timezone

from abstracts.search import Order, SearchQuery, search
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


def having(world, count):
    """For each size the keys of the abstracts that have so many of the first `count` WORDS."""
    typed = set(WORDS[:count])
    return {size: {pk for words, pk in world.items() if len(words & typed) == size} for size in range(5)}


@pytest.mark.parametrize("count", range(2, 5))
def test_those_with_all_but_one_word_come_next_if_they_are_many(world, count, monkeypatch):
    monkeypatch.setattr("abstracts.search.engine.ENOUGH", 2)
    results, sizes = results_of(" ".join(WORDS[:count])), having(world, count)
    pks = list(results._slice(slice(None)))
    assert [results.with_all, results.with_most, results.with_fewer] == [len(sizes[count]), len(sizes[count - 1]), 0]
    assert set(pks[: results.with_all]) == sizes[count] == set(results.pks_with_all())
    assert set(pks[results.with_all :]) == sizes[count - 1]
    assert len(pks) == len(set(pks)) == len(results)


@pytest.mark.parametrize("count", range(1, 5))
def test_else_all_others_with_any_word_come_next(world, count):
    results, sizes = results_of(" ".join(WORDS[:count])), having(world, count)
    pks = list(results._slice(slice(None)))
    others = set().union(*(sizes[size] for size in range(1, count)))
    assert [results.with_all, results.with_most, results.with_fewer] == [len(sizes[count]), 0, len(others)]
    assert set(pks[: results.with_all]) == sizes[count] == set(results.pks_with_all())
    assert set(pks[results.with_all :]) == others
    assert len(pks) == len(set(pks)) == len(results)


def test_a_rare_word_counts_more_than_two_common_ones():
    for number in range(40):
        written("zqcommon zqfrequent", number=f"{number}")
    rare = written("zqrare")
    results = results_of("zqcommon zqfrequent zqrare")
    assert (results.with_all, results.with_most) == (0, 0)
    assert results[0] == rare


def test_the_order_is_the_same_each_time(world):
    first, second = (list(results_of(" ".join(WORDS))._slice(slice(None))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("enough", [2, ENOUGH])
def test_typical_terms_order_results_but_neither_add_nor_remove_any(world, monkeypatch, enough):
    monkeypatch.setattr("abstracts.search.engine.ENOUGH", enough)
    like_the_best = written("zqbetan zqtypical zqusual", number="1")
    for number in range(2, 5):
        written(f"{' '.join(WORDS[:2])} zqtypical zqusual", number=f"{number}")
        written("zqbetan zqother zqwords", number=f"1{number}")
    lists = []
    for weight in (0.0, 1.0):
        monkeypatch.setattr("abstracts.search.feedback.WEIGHT", weight)
        lists.append(list(results_of("zqalpen zqbetan zqgamman")._slice(slice(None))))
    without, with_typical = lists
    assert set(without) == set(with_typical)
    if enough == ENOUGH:
        assert with_typical.index(like_the_best.pk) < without.index(like_the_best.pk)


@pytest.mark.parametrize("order", [Order.NEWEST, Order.TITLE])
def test_in_another_order_the_list_has_the_same_abstracts(world, order):
    text = "zqalpen zqbetan zqunheard"
    assert set(results_of(text, order=order)._slice(slice(None))) == set(results_of(text)._slice(slice(None)))


def test_facets_count_what_is_listed(monkeypatch):
    monkeypatch.setattr("abstracts.search.engine.ENOUGH", 3)
    meetings = [MeetingFactory(year=2015 + n) for n in range(5)]
    for meeting in meetings:
        written("zqalpen", meeting=meeting)
    results = results_of("zqalpen zqunheard zqunseen")
    assert results.matches is not None
    years = results.matches.facets["year"]
    assert results.total == len(results) == sum(count for _, count in years) == 3


@pytest.mark.parametrize("word", ["What", "what", "How", "Does"])
def test_question_words_need_not_occur(word):
    gout = written("zqgout zqtreatment")
    results = results_of(f"{word} zqtreatment zqgout?")
    assert (list(results), results.with_all) == ([gout], 1)


def test_brackets_in_prose_leave_the_others_in_the_list():
    several = written("zqlungs zqbronchi"), written("zqchildren")
    results = results_of("zqlungs (or zqbronchi) and zqchildren")
    assert set(results) >= set(several)


def test_slices_of_the_list_agree_with_the_whole(world):
    results = results_of(" ".join(WORDS))
    whole = list(results._slice(slice(None)))
    for start, size in itertools.product(range(len(whole) + 2), (1, 2, 5)):
        assert list(results._slice(slice(start, start + size))) == whole[start : start + size]


def test_each_word_more_finds_fewer_with_all_words_and_with_all_but_one(world, monkeypatch):
    monkeypatch.setattr("abstracts.search.engine.ENOUGH", 1)
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
        assert (results.with_all, results.with_fewer) == (0, 1)
    assert results_of("zqalpen zqbetan")[0] == outside


def test_totals_count_the_first_tier_that_is_not_empty(world):
    assert results_of("zqalpen zqbetan").total == 4
    assert results_of("zqalpen zqunheard").total == 8
    assert results_of("zqalpen zqunheard zqunseen").total == 8
    assert results_of("zqunheard zqunseen").total == 0


def test_a_synonym_of_more_words_counts_no_more_than_what_was_typed():
    for number in range(20):
        AbstractFactory(title="Zqcommon zqother" if number < 6 else "Zqother", number=f"{number}")
    spelled_out = AbstractFactory(title="Systemic lupus erythematosus", number="20")
    typed = AbstractFactory(title="Lupus zqcommon zqother", number="21")
    assert list(results_of("lupus zqcommon zqunheard"))[:2] == [typed, spelled_out]
