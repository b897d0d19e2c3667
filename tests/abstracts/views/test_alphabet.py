import pytest

from abstracts.models import Person
from abstracts.views.alphabet import DIGITS, GROUPS, OTHERS, first_keys, group_of, within
from tests.factories import PersonFactory

NAMES = {"3TR": DIGITS, "Abel": "a", "Ábel": "a", "Mzab": "m", "Zz": "z", "Žižek": "z", "王": OTHERS, "Иванов": OTHERS}


@pytest.fixture
def persons(db):
    return {name: PersonFactory(family=name, given="") for name in NAMES}


def test_every_key_is_in_one_group(persons):
    for name, group in NAMES.items():
        key = persons[name].sort_key
        assert group_of(key) == group
        assert [g for g in GROUPS if Person.unfiltered.filter(within(g, "sort_key"), pk=persons[name].pk)] == [group]


def test_first_keys_in_one_query(persons, django_assert_num_queries):
    with django_assert_num_queries(1):
        firsts = first_keys(Person.unfiltered.all(), "sort_key", GROUPS)
    assert firsts.keys() == set(NAMES.values())
    assert list(firsts) == [DIGITS, "a", "m", "z", OTHERS]
    assert (firsts["a"], firsts["z"]) == ("abel", "zizek")


def test_pairs(persons):
    assert first_keys(Person.unfiltered.all(), "sort_key", ["ma", "mz", "za", "zz"]) == {"mz": "mzab", "zz": "zz"}


def test_nothing_there(db):
    assert first_keys(Person.unfiltered.all(), "sort_key", GROUPS) == {}
