"""The law in both engines: hidden text is not found, counted or suggested."""

import datetime as dt
import itertools

import pytest
from django.utils import timezone

from abstracts.models import Abstract, KeywordSynonym
from abstracts.search import SearchQuery, search
from abstracts.search.direct import direct_hit
from abstracts.search.documents import _abstracts, windows_of
from abstracts.search.related import related
from abstracts.search.suggesting import suggest
from abstracts.visibility import ANONYMOUS, Level, Role, Viewer
from tests.abstracts.search.test_database import OF_LISTING, OF_SHELL, OF_TEXT, pks_in_database, planted
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    KeywordFactory,
    SectionFactory,
    StaffFactory,
    TierFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

STAFF = Viewer(Role.STAFF, 1)


def press_of(*abstracts) -> Viewer:
    """The press of the meetings of `abstracts`."""
    return Viewer(Role.PRESS, 1, frozenset(abstract.meeting_id for abstract in abstracts))


def answer(viewer=ANONYMOUS, at=None, **query):
    return search(SearchQuery(**query), viewer, at or timezone.now())


def pks_of(viewer=ANONYMOUS, at=None, **query):
    results = answer(viewer, at, **query)
    assert results.matches is not None, "the index answered"
    assert len(results) == len(results[:])
    return [abstract.pk for abstract in results[:]]


@pytest.fixture(params=[pks_of, pks_in_database], ids=["index", "database"])
def engine(request):
    """A function that searches with one of the two engines and returns primary keys."""
    return request.param


@pytest.mark.parametrize("query", OF_LISTING + OF_TEXT + OF_SHELL)
def test_released_abstract_is_found_by_all_its_content(engine, query):
    abstract = planted()
    AbstractFactory()
    assert engine(**query) == [abstract.pk]


@pytest.mark.parametrize("query", OF_TEXT)
@pytest.mark.parametrize("state", ["listing", "shell", "embargoed", "withdrawn", "draft"])
def test_text_is_searched_only_where_it_may_be_read(engine, query, state):
    planted(**{state: True})
    assert engine(**query) == []


@pytest.mark.parametrize("query", OF_LISTING + OF_SHELL)
@pytest.mark.parametrize("state", ["listing", "withdrawn"])
def test_listing_is_found_by_everything_except_its_text(engine, query, state):
    abstract = planted(**{state: True})
    assert engine(**query) == [abstract.pk]


@pytest.mark.parametrize("query", OF_LISTING)
def test_shell_is_not_found_by_title_or_authors(engine, query):
    planted(shell=True)
    assert engine(**query) == []


@pytest.mark.parametrize("query", OF_SHELL)
def test_shell_is_found_by_number_and_session(engine, query):
    abstract = planted(shell=True)
    assert engine(**query) == [abstract.pk]


@pytest.mark.parametrize("query", OF_LISTING + OF_TEXT + OF_SHELL)
@pytest.mark.parametrize("state", ["embargoed", "draft"])
def test_hidden_abstract_is_found_by_nothing(engine, query, state):
    planted(**{state: True})
    assert engine(**query) == []


@pytest.mark.parametrize("query", OF_LISTING + OF_TEXT + OF_SHELL)
@pytest.mark.parametrize("state", ["embargoed", "listing", "shell"])
def test_press_and_staff_find_an_embargoed_abstract_once(engine, query, state):
    abstract = planted(**{state: True})
    assert engine(press_of(abstract), **query) == [abstract.pk]
    assert engine(STAFF, **query) == [abstract.pk]


def test_only_staff_find_drafts():
    abstract = planted(draft=True)
    assert pks_of(press_of(abstract), text="titleword") == []
    assert pks_of(STAFF, text="titleword bodyword") == [abstract.pk]


def test_excluded_word_discloses_no_hidden_text():
    AbstractFactory(shell=True)
    listing = planted(listing=True)
    assert pks_of(text="-bodyword") == [listing.pk]


@pytest.mark.parametrize("query", [*OF_TEXT, {"text": "titleword bodyword"}])
def test_abstract_is_found_from_its_release_without_a_job(query):
    abstract = planted(listing=True)
    abstract = Abstract.unfiltered.get(pk=abstract.pk)
    just_before = abstract.released_from - dt.timedelta(microseconds=1)
    assert [*answer(at=just_before, **query)[:0]] == []
    assert answer(at=just_before, **query).with_all == 0
    assert pks_of(at=abstract.released_from, **query) == [abstract.pk]
    assert pks_of(at=just_before, text="titleword") == pks_of(at=abstract.released_from, text="titleword")


def test_listing_begins_at_its_instant():
    abstract = Abstract.unfiltered.get(pk=planted(listing=True).pk)
    just_before = abstract.listed_from - dt.timedelta(microseconds=1)
    assert pks_of(at=just_before, text="titleword") == []
    assert pks_of(at=abstract.listed_from, text="titleword") == [abstract.pk]


def level_in_index(abstract, viewer, at) -> Level:
    """The level at which the index shows `abstract`."""
    for level, query in (
        (Level.FULL, {"text": "bodyword"}),
        (Level.LISTED, {"text": "titleword"}),
        (Level.SHELL, {"number": abstract.number}),
    ):
        if abstract.pk in pks_of(viewer, at, **query):
            return level
    return Level.HIDDEN


@pytest.mark.parametrize("state", [{}, *({s: True} for s in ("listing", "shell", "embargoed", "withdrawn", "draft"))])
def test_index_shows_what_the_law_says_at_every_instant(state):
    abstract = Abstract.unfiltered.get(pk=planted(**state).pk)
    instants = [timezone.now()]
    for instant in (abstract.listed_from, abstract.released_from):
        if instant:
            instants += [instant - dt.timedelta(microseconds=1), instant, instant + dt.timedelta(microseconds=1)]
    for viewer in (ANONYMOUS, press_of(abstract), press_of(AbstractFactory()), STAFF):
        for at in instants:
            row = Abstract.objects.visible_to(viewer, at).filter(pk=abstract.pk).first()
            assert level_in_index(abstract, viewer, at) == (row.level if row else Level.HIDDEN), (viewer.role, at)


@pytest.mark.parametrize("query", OF_LISTING + OF_TEXT + OF_SHELL)
@pytest.mark.parametrize(("state", "count"), [({}, 1), ({"embargoed": True}, 0)])
def test_press_of_another_meeting_finds_what_the_public_finds(engine, query, state, count):
    abstract, other = planted(**state), AbstractFactory(title="Of another meeting")
    assert engine(press_of(abstract), **query) == engine(press_of(abstract, other), **query) == [abstract.pk]
    assert engine(press_of(other), **query) == engine(ANONYMOUS, **query) == [abstract.pk] * count


def test_counts_facets_and_suggestions_of_the_press_leave_out_other_meetings():
    of_meeting, of_other = (whole_abstract(title=f"Sharedword {word}", embargoed=True) for word in ("one", "two"))
    results = answer(press_of(of_meeting), text="sharedword")
    assert results.total == 1
    assert dict(results.matches.facets["meeting"]) == {of_meeting.meeting_id: 1}
    for viewer, count in ((press_of(of_meeting), 1), (press_of(of_meeting, of_other), 2), (STAFF, 2)):
        assert answer(viewer, text="sharedword").total == count
        assert len([s for s in suggest("sharedw", viewer, timezone.now()) if s.kind == "Abstract"]) == count


def test_windows_of_the_public_never_overlap():
    for state in ("listing", "shell", "embargoed", "withdrawn"):
        pk = AbstractFactory(**{state: True}).pk
        windows = windows_of(_abstracts([pk], timezone.now()).get())
        spans = sorted((w.valid_from, w.valid_until) for w in windows)
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
        assert sum(w.staff for w in windows) == sum(w.press for w in windows) == 1


# Totals, facets, suggestions, corrections, snippets


def test_counts_and_facets_leave_out_hidden_abstracts():
    shown = whole_abstract(title="Sharedword shown")
    hidden = whole_abstract(title="Sharedword hidden", embargoed=True, meeting=shown.meeting)
    listing = whole_abstract(title="Sharedword listed", listing=True)
    results = answer(text="sharedword")
    assert results.total == 2
    meetings = dict(results.matches.facets["meeting"])
    assert meetings == {shown.meeting_id: 1, listing.meeting_id: 1}
    assert sum(count for _, count in results.matches.facets["person"]) == 4
    assert hidden.pk not in pks_of(text="sharedword")
    assert answer(STAFF, text="sharedword").total == 3


def test_corrections_offer_no_hidden_word():
    SectionFactory(abstract=AbstractFactory(embargoed=True), html="<p>zymurgoid</p>")
    SectionFactory(abstract=AbstractFactory(listing=True), html="<p>xenoblasty</p>")
    SectionFactory(abstract=AbstractFactory(), html="<p>glucocortical</p>")
    assert answer(text="zymurgoidd").matches.correction == ""
    assert answer(text="xenoblastyy").matches.correction == ""
    assert answer(text="glucocorticall").matches.correction == "glucocortical"
    assert answer(STAFF, text="zymurgoidd").matches.correction == "zymurgoid"


@pytest.mark.parametrize("state", ["embargoed", "shell", "draft"])
def test_suggestions_leave_out_hidden_abstracts(state):
    planted(**{state: True})
    for text in ("titlew", "about", "keyed", "familyn"):
        assert suggest(text, ANONYMOUS, timezone.now()) == []
    assert {s.kind for s in suggest("titlew", STAFF, timezone.now())} == {"Abstract"}


def test_suggestions_contain_titled_abstracts_but_not_their_text():
    planted(listing=True)
    for text, kind in (("titlew", "Abstract"), ("keyed", "Keyword"), ("familyn", "Author")):
        assert [s.kind for s in suggest(text, ANONYMOUS, timezone.now())] == [kind]
    assert suggest("bodyw", ANONYMOUS, timezone.now()) == []


def test_hidden_keyword_is_not_shown_as_a_synonym():
    keyword = KeywordFactory(name="Secretus maximus")
    KeywordSynonym.unfiltered.create(keyword=keyword, name="plainname")
    AbstractKeywordFactory(abstract=AbstractFactory(embargoed=True), keyword=keyword)
    AbstractFactory(title="Some plainname")
    results = answer(text="plainname")
    assert results.total == 1
    assert results.matches.index_query.expanded == []


def test_synonyms_of_a_hidden_keyword_match_nothing():
    keyword = KeywordFactory(name="Secretus maximus")
    KeywordSynonym.unfiltered.create(keyword=keyword, name="plainname")
    link = AbstractKeywordFactory(abstract=AbstractFactory(embargoed=True), keyword=keyword)
    AbstractFactory(title="Some plainname")
    for text in ("Secretus maximus", "Secretus-maximus"):
        assert answer(text=text).total == 0
        assert answer(press_of(link.abstract), text=text).total == 2
        assert answer(press_of(AbstractFactory(title="Of another meeting")), text=text).total == 0
    AbstractKeywordFactory(abstract=AbstractFactory(), keyword=keyword)
    assert answer(text="Secretus maximus").total == 2
    assert link.keyword == keyword


def test_hidden_text_does_not_turn_two_words_into_one():
    AbstractFactory(title="Zqone alone")
    before = answer(text="study zqone")
    totals = before.total, before.with_all, len(before.matches.index_query.requirements)
    SectionFactory(abstract=AbstractFactory(embargoed=True), html="<p>studyzqone</p>")
    after = answer(text="study zqone")
    assert (after.total, after.with_all, len(after.matches.index_query.requirements)) == totals


def test_hidden_words_do_not_count_among_the_endings(monkeypatch):
    monkeypatch.setattr("abstracts.search.matching.MAX_ENDINGS", 2)
    AbstractFactory(title="Zqendz")
    hidden = AbstractFactory(embargoed=True)
    for number in range(3):
        SectionFactory(abstract=hidden, html=f"<p>{'zqenda' + 'abc'[number]} zqenda{'abc'[number]}</p>")
    assert answer(text="zqend*").total == 1


@pytest.mark.parametrize("text", ["NCT01234567", "About titleword and more of it"])
def test_direct_hit_finds_nothing_hidden(text):
    abstract = planted(listing=True)
    Abstract.unfiltered.filter(pk=abstract.pk).update(title_text="About titleword and more of it")
    hit = direct_hit(text, ANONYMOUS, timezone.now())
    assert (hit.pk if hit else None) == (None if text.startswith("NCT") else abstract.pk)
    assert direct_hit(text, press_of(abstract), timezone.now()).pk == abstract.pk


def test_related_abstracts_are_visible_ones_compared_by_what_is_visible():
    matter = "Rituximab retreatment in invented vasculitis cohorts"
    shown, other = AbstractFactory(title=matter), AbstractFactory(title=f"{matter} again")
    hidden, listing = AbstractFactory(title=matter, embargoed=True), AbstractFactory(title=matter, listing=True)
    row = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get(pk=shown.pk)
    near = [abstract.pk for abstract in related(row, ANONYMOUS, timezone.now())]
    assert other.pk in near
    assert hidden.pk not in near
    assert shown.pk not in near
    assert set(near) <= {other.pk, listing.pk}
    staff_row = Abstract.objects.visible_to(STAFF, timezone.now()).get(pk=shown.pk)
    assert hidden.pk in [abstract.pk for abstract in related(staff_row, STAFF, timezone.now())]


def test_postponing_an_embargo_hides_at_once():
    abstract = planted()
    assert pks_of(text="bodyword") == [abstract.pk]
    abstract.tier = TierFactory(meeting=abstract.meeting, embargoed=True)
    abstract.save()
    assert pks_of(text="bodyword") == []
    assert answer(text="bodyword").total == 0


def test_unpublishing_a_meeting_hides_at_once():
    abstract = planted()
    assert pks_of(text="bodyword") == [abstract.pk]
    abstract.meeting.is_published = False
    abstract.meeting.save()
    assert pks_of(text="bodyword") == []
    assert pks_of(STAFF, text="bodyword") == [abstract.pk]


def test_results_ahead_of_release_have_a_banner_and_are_private(client):
    planted(embargoed=True)
    client.force_login(StaffFactory())
    response = client.get("/search/?q=titleword")
    assert b"EMBARGOED UNTIL" in response.content
    assert response["Cache-Control"] == "private, no-store"


def test_while_there_is_no_index_the_database_answers(monkeypatch):
    monkeypatch.setattr("abstracts.search.ensure_current_snapshot", lambda visible: None)
    abstract, _ = planted(), AbstractFactory(title="Also titleword", embargoed=True)
    results = answer(text="titleword")
    assert results.matches is None
    assert [a.pk for a in results[:]] == [abstract.pk]
