"""Results that are as good as each other."""

import pytest
from django.utils import timezone

from abstracts.search import SearchQuery, search
from abstracts.visibility import ANONYMOUS
from tests.factories import AbstractFactory, MeetingFactory, TierFactory

pytestmark = pytest.mark.django_db


def test_of_equal_results_the_newer_is_first_on_each_page_whenever_they_were_indexed():
    meeting = MeetingFactory()
    tier = TierFactory(meeting=meeting)
    pks = []
    for _ in range(4):
        pks += [AbstractFactory(title="Equalword", meeting=meeting, tier=tier).pk for _ in range(12)]
        # Each search has the index write what is new, into a segment of its own.
        results = search(SearchQuery(text="equalword"), ANONYMOUS, timezone.now())
        assert results.matches is not None
    in_order = [abstract.pk for start in range(0, 48, 10) for abstract in results[start : start + 10]]
    assert in_order == sorted(pks, reverse=True)
