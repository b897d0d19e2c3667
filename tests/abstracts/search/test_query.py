import dataclasses
import datetime as dt

import pytest

from abstracts.search.query import Order, SearchQuery


def test_empty_query():
    assert SearchQuery().is_empty
    assert SearchQuery(order=Order.TITLE).is_empty


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x"},
        {"title": "x"},
        {"author": "x"},
        {"affiliation": "x"},
        {"keyword": "x"},
        {"meetings": ("x",)},
        {"session_type": "x"},
        {"day": dt.date(2025, 10, 26)},
        {"number": "1"},
        {"trial_id": "NCT01234567"},
    ],
)
def test_query_with_a_condition(fields):
    assert not SearchQuery(**fields).is_empty


def test_query_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SearchQuery().text = "x"
    assert len({SearchQuery(), SearchQuery()}) == 1
