import pytest
from django.utils import timezone

from abstracts.search.damage import CheckedSearcher
from abstracts.search.following import update_index
from abstracts.search.suggesting import TITLES, suggest
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AuthorLineFactory,
    KeywordFactory,
    MeetingFactory,
    PersonFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db


def labels(text, viewer=ANONYMOUS):
    return [(one.kind, one.label) for one in suggest(text, viewer, timezone.now())]


def test_meetings_are_suggested_as_they_are_named_and_published_now():
    meeting = whole_abstract(meeting=MeetingFactory(name="Réunion of Zürich", is_published=True)).meeting
    assert labels("zuri") == labels("reunion of z") == [("Meeting", "Réunion of Zürich")]
    meeting.name = "Réunion of Basel"
    meeting.save()
    assert (labels("zuri"), labels("base")) == ([], [("Meeting", "Réunion of Basel")])
    meeting.is_published = False
    meeting.save()
    assert labels("base") == []
    assert labels("base", Viewer(Role.STAFF, 1)) == [("Meeting", "Réunion of Basel")]


@pytest.mark.parametrize("count", [1, 3])
def test_suggestions_take_a_fixed_number_of_queries(count, django_assert_num_queries):
    for number in range(count):
        meeting = MeetingFactory(name=f"Zeta meeting {number}", is_published=True)
        abstract = AbstractFactory(title=f"Zeta {number}", meeting=meeting)
        AbstractKeywordFactory(abstract=abstract, keyword=KeywordFactory(name=f"Zeta keyword {number}"))
        AuthorLineFactory(abstract=abstract, person=PersonFactory(family=f"Zeta{number}"))
    update_index()
    # The state of the archive; names of keywords, authors and meetings; titles.
    with django_assert_num_queries(5):
        assert {kind for kind, _ in labels("zet")} == {"Keyword", "Author", "Meeting", "Abstract"}


def test_newest_of_equally_good_titles_come_first_without_a_look_at_all(monkeypatch):
    for number in range(12):
        AbstractFactory(title=f"Zeta {number}")
    update_index()
    limits = []

    def search(self, query, limit, **options):
        limits.append(limit)
        return self._searcher.search(query, limit, **options)

    monkeypatch.setattr(CheckedSearcher, "search", search, raising=False)
    assert labels("zet") == [("Abstract", f"Zeta {number}") for number in (11, 10, 9, 8)]
    assert limits == [TITLES]
