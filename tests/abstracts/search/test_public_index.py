"""The public's own index: exactly what the public finds, ready in time, and whatever its history the same."""

import datetime as dt
import errno
import os

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.utils import timezone
from structlog.testing import capture_logs

from abstracts.models import Abstract, Section
from abstracts.search import SearchQuery, following, search, writing
from abstracts.search.checking import differences
from abstracts.search.damage import without_index
from abstracts.search.following import purge, update_index
from abstracts.search.matching import term
from abstracts.search.related import related
from abstracts.search.replica import CLEAN_AFTER, IndexBehind, Replica, get_replica
from abstracts.search.searching import LawfulSearcher, Visible
from abstracts.search.workshop import AHEAD
from abstracts.search.writing import MERGED_TOGETHER
from abstracts.visibility import ANONYMOUS, Role, Unreadable, Viewer
from tests.factories import AbstractFactory, MeetingFactory, SectionFactory, TierFactory, change_step, whole_abstract

pytestmark = pytest.mark.django_db
STAFF = Viewer(Role.STAFF)


def public_names() -> list[str]:
    return [part.name for part in update_index().state.public]


def scores(word: str, at=None) -> list[tuple[float, int]]:
    """(score, key) of what the public finds, in order."""
    snapshot = update_index()
    searcher = LawfulSearcher(snapshot, Visible(ANONYMOUS, at or timezone.now()))
    query = term("everything", word)
    hits = [score for score, _ in searcher.hits(query, 50)]
    return list(zip(hits, searcher.top_pks(query, 50), strict=True))


def released_at(instant: dt.datetime, **fields) -> Abstract:
    local = instant.astimezone(dt.UTC)
    meeting = MeetingFactory(timezone="UTC")
    tier = TierFactory(meeting=meeting, release_rule="fixed", release_date=local.date(), release_time=local.time())
    return AbstractFactory(meeting=meeting, tier=tier, **fields)


def add_hidden():
    return whole_abstract(title="Hidden gout of the elbow", embargoed=True)


def edit_hidden(hidden):
    Section.unfiltered.filter(abstract=hidden).update(html="<p>Gout gout gout</p>")


def delete_hidden(hidden):
    hidden.delete()


def test_hidden_writes_do_not_touch_it():
    AbstractFactory(title="Gout of the knee")
    before = public_names()
    hidden = add_hidden()
    assert public_names() == before
    for write in (edit_hidden, delete_hidden):
        write(hidden)
        assert public_names() == before
    AbstractFactory(title="Gout of the hip")
    assert public_names() != before
    assert differences() == []


def test_hidden_text_and_instants_of_a_listed_abstract_do_not_touch_it():
    listed = whole_abstract(title="Gout of the knee", listing=True)
    before = public_names()
    edit_hidden(listed)
    assert public_names() == before
    change_step(listed.tier, "everything", date=dt.date(2037, 5, 6))
    listed.refresh_from_db()
    assert listed.released_from.year == 2037
    assert public_names() == before
    assert differences() == []


def test_scores_depend_on_nothing_hidden():
    one, other = AbstractFactory(title="Gout and lupus"), AbstractFactory(title="Gout and asthma")
    before = scores("gout")
    assert sorted(pk for _, pk in before) == sorted([one.pk, other.pk])
    for _ in range(5):
        AbstractFactory(title="Gout again", embargoed=True)
    assert scores("gout") == before
    staff = LawfulSearcher(update_index(), Visible(STAFF, timezone.now()))
    assert staff.count(term("everything", "gout")) == 7


def test_what_was_deleted_counts_until_it_is_cleaned():
    AbstractFactory(title="Gout and lupus")
    AbstractFactory(title="Asthma")
    before = scores("gout")
    shown = AbstractFactory(title="Gout again")
    assert len(scores("gout")) == 2
    shown.delete()
    replica = get_replica()[0]
    assert [pk for _, pk in scores("gout")] == [pk for _, pk in before]
    assert update_index().state.public[0].deleted_at
    assert not replica.needs_cleaning()
    purge()
    assert scores("gout") == before
    assert not update_index().state.public[0].deleted_at
    assert differences() == []


def test_the_command_cleans_it_at_once():
    AbstractFactory(title="Gout")
    gone = AbstractFactory(title="Gout")
    update_index()
    gone.delete()
    assert update_index().state.public[0].deleted_at
    call_command("search_index", clean=True)
    assert not update_index().state.public[0].deleted_at


def test_it_is_cleaned_minutes_after_a_deletion(monkeypatch):
    AbstractFactory(title="Gout").delete()
    AbstractFactory(title="Gout")
    update_index()
    replica = get_replica()[0]
    gone = AbstractFactory(title="Gout")
    update_index()
    gone.delete()
    update_index()
    later = timezone.now() + dt.timedelta(seconds=CLEAN_AFTER + 1)
    assert not replica.needs_cleaning()
    monkeypatch.setattr("abstracts.clock.now", lambda: later)
    assert replica.needs_cleaning()
    following.keeper.look_after_index()
    assert not replica.needs_cleaning()


def test_equal_scores_are_ordered_by_key_whatever_the_segments():
    several = [AbstractFactory(title="Gout of the knee") for _ in range(4)]
    newest_first = sorted((abstract.pk for abstract in several), reverse=True)
    assert [pk for _, pk in scores("gout")] == newest_first
    for abstract in several[2:]:
        abstract.title = "Gout of a knee"
        abstract.save()
        update_index()
    assert [pk for _, pk in scores("gout")] == newest_first
    searcher = LawfulSearcher(update_index(), Visible(ANONYMOUS, timezone.now()))
    for size in (1, 2, 3):
        pages = [searcher.top_pks(term("everything", "gout"), size, offset=start) for start in range(0, 4, size)]
        assert [pk for page in pages for pk in page] == newest_first


def test_what_comes_next_is_prepared_and_nobody_waits_for_it(monkeypatch):
    at = timezone.now().replace(microsecond=0) + dt.timedelta(minutes=5)
    shown, coming = AbstractFactory(title="Gout"), released_at(at, title="Gout")
    update_index()
    replica = get_replica()[0]
    monkeypatch.setattr(replica, "catch_up", None)
    monkeypatch.setattr(replica, "rebuild", None)
    for instant, expected in ((at - dt.timedelta(microseconds=1), [shown.pk]), (at, [coming.pk, shown.pk])):
        results = search(SearchQuery(text="gout"), ANONYMOUS, instant)
        assert results.matches is not None
        assert list(results.pks()) == expected


def test_what_comes_later_is_prepared_later():
    at = timezone.now() + AHEAD * 2
    AbstractFactory(title="Gout"), released_at(at, title="Gout")
    snapshot = update_index()
    assert snapshot.public_at(at - dt.timedelta(microseconds=1))
    assert snapshot.public_at(at) is None
    with pytest.raises(Unreadable):
        LawfulSearcher(snapshot, Visible(ANONYMOUS, at))


def test_a_save_after_the_preparation_is_in_both():
    at = timezone.now() + dt.timedelta(minutes=5)
    shown, coming = AbstractFactory(title="Gout"), released_at(at, title="Gout")
    update_index()
    for abstract in (shown, coming):
        SectionFactory(abstract=abstract, html="<p>Newword</p>")
    assert [pk for _, pk in scores("newword")] == [shown.pk]
    assert [pk for _, pk in scores("newword", at)] == [coming.pk, shown.pk]
    assert differences() == []


def test_more_instants_than_are_prepared(monkeypatch):
    start = timezone.now() + dt.timedelta(minutes=1)
    for minute in range(12):
        released_at(start + dt.timedelta(seconds=20 * minute), title="Gout")
    assert differences() == []
    for minute in range(12):
        at = start + dt.timedelta(seconds=20 * minute)
        assert search(SearchQuery(text="gout"), ANONYMOUS, at).total == minute + 1


def test_segments_stay_few():
    for number in range(30):
        AbstractFactory(title=f"Gout {number}")
        snapshot = update_index()
        assert snapshot.unfiltered.num_segments < MERGED_TOGETHER
        assert snapshot.public_at(timezone.now()).num_segments < MERGED_TOGETHER
    assert len(scores("gout")) == 30
    assert differences() == []


def test_the_public_neither_waits_nor_is_answered_more_plainly_because_of_hidden_writes(monkeypatch):
    shown = AbstractFactory(title="Gout")
    update_index()
    replica = get_replica()[0]
    AbstractFactory.create_batch(3, title="Gout", draft=True)
    monkeypatch.setattr(following, "_bring_up_to_date", lambda *args: None)
    with capture_logs() as logs:
        results = search(SearchQuery(text="gout"), ANONYMOUS, timezone.now())
    assert (results.matches is not None, results.total, logs) == (True, 1, [])
    assert search(SearchQuery(text="gout"), STAFF, timezone.now()).matches is None
    shown.delete()
    assert search(SearchQuery(text="gout"), ANONYMOUS, timezone.now()).matches is None
    assert replica.count_missing() == 4


def test_related_abstracts_are_stored_and_read_through_the_law(monkeypatch):
    one, other, third = (whole_abstract(title=f"Rheumatoid nodules of the elbow {n}") for n in "abc")
    row = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get(pk=one.pk)
    found = {abstract.pk for abstract in related(row, ANONYMOUS, timezone.now())}
    assert found == {other.pk, third.pk}
    monkeypatch.setattr("abstracts.search.related._find", None)
    assert {abstract.pk for abstract in related(row, ANONYMOUS, timezone.now())} == found
    Abstract.unfiltered.filter(pk=other.pk).update(status="draft")
    assert {abstract.pk for abstract in related(row, ANONYMOUS, timezone.now())} == {third.pk}
    monkeypatch.undo()
    purge()
    assert caches["related"].get(f"{update_index().state.public[0].generation}:{one.pk}:{row.level:d}") is None
    assert {abstract.pk for abstract in related(row, ANONYMOUS, timezone.now())} == {third.pk}


def test_a_save_while_it_is_cleaned_does_not_stop_the_cleaning(monkeypatch):
    shown, gone = AbstractFactory(title="Gout"), AbstractFactory(title="Gout")
    update_index()
    gone.delete()
    update_index()
    copy = writing.copy_public

    def copy_while_another_process_writes(*args):
        copy(*args)
        AbstractFactory(title="Lupus", embargoed=True)
        SectionFactory(abstract=shown, html="<p>Newword</p>")
        Replica(get_replica()[0].folder).catch_up()

    monkeypatch.setattr(writing, "copy_public", copy_while_another_process_writes)
    assert update_index().state.public[0].deleted_at
    get_replica()[0].clean(10)
    assert [pk for _, pk in scores("newword")] == [shown.pk]
    assert differences() == []


def test_what_changes_twice_while_a_search_begins_is_not_as_before(monkeypatch):
    withdrawn, _ = AbstractFactory(title="Gout"), AbstractFactory(title="Gout")
    update_index()
    withdrawn.status = "draft"
    withdrawn.save()
    changed = following.changed_documents

    def changed_a_moment_later(*args):
        SectionFactory(abstract=withdrawn, position=9)
        return changed(*args)

    monkeypatch.setattr(following, "changed_documents", changed_a_moment_later)
    assert search(SearchQuery(text="gout"), ANONYMOUS, timezone.now()).total == 1


def postpone(abstract):
    abstract.override_released_from = abstract.released_from + dt.timedelta(days=9)
    abstract.save()


def edit(abstract):
    abstract.title = "Something else"
    abstract.save()


def delete(abstract):
    abstract.delete()


@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "machine was away"])
@pytest.mark.parametrize("change", [postpone, edit, delete])
def test_what_was_prepared_and_changed_before_its_time_never_counts(monkeypatch, change, is_late):
    at = timezone.now().replace(microsecond=0) + dt.timedelta(minutes=2)
    AbstractFactory(title="Gout and lupus"), AbstractFactory(title="Asthma and lupus")
    released_at(at, title="Another one")
    late = Abstract.unfiltered.get(pk=released_at(at, title="Gout gout again").pk)
    assert len(update_index().state.public) == 2
    change(late)
    if is_late:
        monkeypatch.setattr("abstracts.clock.now", lambda: at + dt.timedelta(seconds=30))
    found = scores("gout", at + dt.timedelta(seconds=30))
    get_replica()[0].rebuild(10)
    assert found == scores("gout", at + dt.timedelta(seconds=30))
    assert differences() == []


def test_on_a_full_disk_a_hidden_save_does_not_take_the_index_from_the_public(monkeypatch):
    AbstractFactory(title="Gout")
    update_index()

    def fail(writer):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing, "_commit", fail)
    AbstractFactory(title="Lupus", embargoed=True)
    with pytest.raises(IndexBehind):
        following.keeper.look_after_index()
    assert search(SearchQuery(text="gout"), ANONYMOUS, timezone.now()).matches is not None


@pytest.mark.parametrize("path", ["/search/suggestions/?q=gout", "/abstract/gout-of-the-knee/"])
def test_what_is_answered_without_the_index_is_kept_by_nobody(client, path):
    AbstractFactory(title="Gout of the knee", slug="gout-of-the-knee")
    with without_index():
        assert "private" in client.get(path)["Cache-Control"]
    assert "public" in client.get(path)["Cache-Control"]
