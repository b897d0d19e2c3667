"""The gate: what it refuses, what it lets pass, and what it records."""

import datetime as dt

import pytest
from django.core import serializers
from django.db import NotSupportedError, transaction

from abstracts.models import Abstract, EmbargoRecord, Presentation, RecordLine, Session
from abstracts.models.effects import digest_of
from abstracts.models.gate import Decision, Refused, bypassing, deciding, on_rollback, passing
from abstracts.models.judging import effects_of
from abstracts.visibility import ANONYMOUS, Level, Status
from tests import factories
from tests.factories import FAR_AHEAD, LONG_AGO

pytestmark = pytest.mark.django_db

TODAY = dt.datetime.now(dt.UTC).replace(microsecond=0)
SOON = TODAY + dt.timedelta(minutes=1)
TOMORROW = TODAY + dt.timedelta(days=1)


def public_level(abstract) -> int:
    rows = Abstract.objects.visible_to(ANONYMOUS, dt.datetime.now(dt.UTC), least=Level.HIDDEN)
    return rows.filter(pk=abstract.pk).values_list("level", flat=True).first() or 0


@pytest.fixture
def enforced():
    """No policy, as in a request of a door that nobody thought of."""
    with deciding(None):
        yield


def released_session_tier():
    """A tier that releases at the start of the session."""
    return factories.TierFactory(release_rule="session_start", release_date=None, release_time=None)


def save(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def by_save(abstract):
    save(abstract, override_released_from=LONG_AGO)


def by_update(abstract):
    Abstract.unfiltered.filter(pk=abstract.pk).update(override_released_from=LONG_AGO)


def by_bulk_update(abstract):
    abstract.override_released_from = LONG_AGO
    Abstract.unfiltered.bulk_update([abstract], ["override_released_from"])


def by_save_base(abstract):
    abstract.override_released_from = LONG_AGO
    abstract.save_base()


def by_save_base_of_a_step(abstract):
    step = factories.step_of(abstract.tier)
    step.date = dt.date(2020, 1, 1)
    step.save_base(update_fields=["date"])


def by_step(abstract):
    factories.change_step(abstract.tier, date=dt.date(2020, 1, 1))


def by_new_step(abstract):
    factories.change_step(abstract.tier, "title", rule="fixed", date=dt.date(2020, 1, 1), time=dt.time(9))


def by_another_rule_for_which_session_decides(abstract):
    """The first session is over, the last one is not."""
    with bypassing("a test", records=False):
        factories.change_step(abstract.tier, rule="session_start", date=None, time=None)
        save(abstract.tier, decides="last")
        for year in (2020, 2098):
            session = factories.SessionFactory(meeting=abstract.meeting, date=dt.date(year, 1, 1))
            factories.PresentationFactory(abstract=abstract, session=session)
    save(abstract.tier, decides="first")


def by_update_of_steps(abstract):
    abstract.tier.steps.update(date=dt.date(2020, 1, 1))


def by_earlier_instant(abstract):
    save(abstract, override_released_from=SOON)


def by_listing(abstract):
    save(abstract, override_listing_level=Level.SHELL, override_listed_from=LONG_AGO)


def by_listing_that_is_announced(abstract):
    save(abstract, override_listing_level=Level.SHELL, override_listed_from=TOMORROW)


@pytest.mark.parametrize(
    "lift",
    [by_save, by_save_base, by_save_base_of_a_step, by_update, by_bulk_update, by_step, by_new_step, by_update_of_steps,
     by_another_rule_for_which_session_decides,
     by_earlier_instant, by_listing, by_listing_that_is_announced],
)  # fmt: skip
def test_without_a_decision_no_write_lifts_an_embargo(enforced, lift):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(embargoed=True)
    with pytest.raises(Refused) as refused:
        lift(abstract)
    assert [effect.lifts for effect in refused.value.effects] == [True]
    assert refused.value.needs_officer
    stored = Abstract.unfiltered.get(pk=abstract.pk)
    assert stored.override_released_from is None
    assert not stored.released_from or stored.released_from.year >= 2098
    assert public_level(abstract) == Level.HIDDEN
    assert not EmbargoRecord.objects.exists()


def test_a_draft_that_is_published_under_a_released_tier_is_refused(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(draft=True)
    with pytest.raises(Refused):
        save(abstract, status=Status.PUBLISHED)
    with pytest.raises(Refused):
        Abstract.unfiltered.update(status=Status.PUBLISHED)
    assert public_level(abstract) == Level.HIDDEN


def test_new_abstracts_under_a_released_or_dated_tier_are_refused(enforced):
    with bypassing("a test", records=False):
        released, dated = factories.TierFactory(), factories.TierFactory(embargoed=True)
    for tier in (released, dated):
        with pytest.raises(Refused):
            factories.AbstractFactory(meeting=tier.meeting, tier=tier)
        with pytest.raises(Refused):
            Abstract.unfiltered.bulk_create([Abstract(meeting=tier.meeting, tier=tier, title="T", slug="t")])
    assert not Abstract.unfiltered.exists()


def test_a_session_moved_into_the_past_or_a_new_presentation_in_it_is_refused(enforced):
    with bypassing("a test", records=False):
        tier = released_session_tier()
        abstract = factories.AbstractFactory(meeting=tier.meeting, tier=tier)
        ahead = factories.SessionFactory(meeting=tier.meeting, date=dt.date(2099, 1, 1))
        past = factories.SessionFactory(meeting=tier.meeting, date=dt.date(2020, 1, 1))
        factories.PresentationFactory(abstract=abstract, session=ahead)
    with pytest.raises(Refused):
        save(ahead, date=dt.date(2020, 1, 1))
    with pytest.raises(Refused):
        Session.objects.filter(pk=ahead.pk).update(date=dt.date(2020, 1, 1))
    with pytest.raises(Refused):
        Presentation.unfiltered.create(abstract=abstract, session=past)
    assert public_level(abstract) == Level.HIDDEN


def test_publishing_a_meeting_is_refused_and_nothing_is_asked_before(enforced):
    with bypassing("a test", records=False):
        meeting = factories.MeetingFactory(is_published=False)
    tier = factories.TierFactory(meeting=meeting)
    abstract = factories.AbstractFactory(meeting=meeting, tier=tier)
    save(abstract, override_released_from=SOON)
    with pytest.raises(Refused):
        save(meeting, is_published=True)
    assert public_level(abstract) == Level.HIDDEN


def hidden_by_step(abstract):
    factories.change_step(abstract.tier, date=dt.date(2099, 1, 1))


def hidden_by_override(abstract):
    save(abstract, override_released_from=FAR_AHEAD)


def hidden_by_withdrawal(abstract):
    save(abstract, status=Status.WITHDRAWN, status_note="Why.")


def hidden_by_meeting(abstract):
    save(abstract.meeting, is_published=False)


def hidden_by_deletion(abstract):
    abstract.delete()


def hidden_by_deletion_of_rows(abstract):
    Abstract.unfiltered.filter(pk=abstract.pk).delete()


@pytest.mark.parametrize(
    "hide",
    [hidden_by_step, hidden_by_override, hidden_by_withdrawal, hidden_by_meeting, hidden_by_deletion,
     hidden_by_deletion_of_rows],
)  # fmt: skip
def test_hiding_what_is_public_needs_a_reason_but_no_officer(enforced, hide):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory()
    with pytest.raises(Refused) as refused:
        hide(abstract)
    assert not refused.value.needs_officer
    abstract = Abstract.unfiltered.get()
    assert public_level(abstract) == Level.FULL
    curator = factories.UserFactory()
    with deciding(Decision(by=curator, reason="The authors asked for it", expected=1)):
        hide(abstract)
    assert public_level(abstract) < Level.FULL
    assert EmbargoRecord.objects.get().reason == "The authors asked for it"
    assert RecordLine.objects.get().old_level == Level.FULL


def test_a_deleted_session_that_decided_the_release_is_refused(enforced):
    with bypassing("a test", records=False):
        tier = released_session_tier()
        session = factories.SessionFactory(meeting=tier.meeting, date=dt.date(2020, 1, 1))
        abstract = factories.AbstractFactory(meeting=tier.meeting, tier=tier)
        factories.PresentationFactory(abstract=abstract, session=session)
    assert public_level(abstract) == Level.FULL
    with pytest.raises(Refused):
        session.delete()
    with pytest.raises(Refused):
        Session.objects.all().delete()
    assert public_level(abstract) == Level.FULL


def test_a_changed_zone_of_the_meeting_that_moves_releases_forward_is_refused(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(embargoed=True)
    with pytest.raises(Refused) as refused:
        save(abstract.meeting, timezone="Asia/Tokyo")
    assert [effect.comes_earlier for effect in refused.value.effects] == [True]


def test_a_later_instant_is_recorded_and_not_asked(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(embargoed=True)
    former = abstract.released_from
    later = FAR_AHEAD + dt.timedelta(days=9)
    with deciding(Decision(by=factories.UserFactory(), door="a test")):
        save(abstract, override_released_from=later)
    line = RecordLine.objects.get()
    assert (line.old_released_from, line.new_released_from) == (former, later)


def test_a_decision_confirms_exactly_its_effects(enforced):
    with bypassing("a test", records=False):
        officer = factories.StaffFactory()
        one, other = factories.AbstractFactory.create_batch(2, embargoed=True)
    with pytest.raises(Refused) as refused:
        by_save(one)
    digest = digest_of(refused.value.effects)
    with deciding(Decision(by=officer, reason="Press day", confirmed=digest)), pytest.raises(Refused):
        by_save(other)
    with deciding(Decision(by=officer, reason=" ", confirmed=digest)), pytest.raises(Refused):
        by_save(one)
    with deciding(Decision(by=factories.UserFactory(), reason="Press day", confirmed=digest)):
        with pytest.raises(Refused) as refused:
            by_save(one)
        assert refused.value.needs_officer
    assert public_level(one) == public_level(other) == Level.HIDDEN
    with deciding(Decision(by=officer, reason="Press day", confirmed=digest)):
        by_save(one)
    assert public_level(one) == Level.FULL


def test_a_confirmed_change_that_does_nothing_any_more_is_refused(enforced):
    with bypassing("a test", records=False):
        abstract, officer = factories.AbstractFactory(), factories.StaffFactory()
    with deciding(Decision(by=officer, reason="Press day", confirmed="a digest")), pytest.raises(Refused):
        save(abstract, title="Another")


def test_writes_of_one_passage_are_judged_as_a_whole(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(embargoed=True)
    with passing() as passage:
        by_save(abstract)
        assert [effect.rises for effect in effects_of(passage)] == [True]
        save(abstract, override_released_from=None)
    assert public_level(abstract) == Level.HIDDEN


@pytest.mark.django_db(transaction=True)
def test_what_runs_when_a_passage_commits_is_no_part_of_it(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(embargoed=True)
    undone = []

    def write():
        on_rollback(lambda: undone.append(True))
        transaction.on_commit(lambda: by_update(abstract))

    with pytest.raises(Refused), passing():
        write()
    assert public_level(abstract) == Level.HIDDEN
    # The passage itself was committed.
    assert undone == []


def test_the_number_of_abstracts_can_be_expected_instead(enforced):
    with bypassing("a test", records=False):
        tier = factories.TierFactory(embargoed=True)
        abstracts = factories.AbstractFactory.create_batch(3, meeting=tier.meeting, tier=tier)
    with deciding(Decision(reason="Press day", expected=2)), pytest.raises(Refused):
        by_step(abstracts[0])
    with deciding(Decision(reason="Press day", expected=3)):
        by_step(abstracts[0])
    assert public_level(abstracts[2]) == Level.FULL


def test_stale_instances_do_not_deceive_the_gate(enforced):
    """An instance read before a postponement writes its old columns; the gate compares what is stored."""
    with bypassing("a test", records=False):
        stale = factories.AbstractFactory()
        hide = Abstract.unfiltered.get(pk=stale.pk)
        hidden_by_override(hide)
    with pytest.raises(Refused):
        save(stale, title="Another")
    assert public_level(stale) == Level.HIDDEN


def test_the_columns_that_the_law_reads_are_resolved_again_whoever_writes_them(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(embargoed=True)
    former = abstract.released_from
    abstract.released_from = LONG_AGO
    abstract.save_base()
    assert Abstract.unfiltered.get(pk=abstract.pk).released_from == former


def test_fixtures_do_not_go_around_the_gate(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory(embargoed=True)
    [released] = serializers.deserialize("json", serializers.serialize("json", [abstract]))
    released.object.released_from = LONG_AGO
    with pytest.raises(NotSupportedError):
        released.save()
    assert public_level(abstract) == Level.HIDDEN


def test_adding_a_step_to_a_tier_passes_the_gate(enforced):
    """Django writes that by the base manager."""
    with bypassing("a test", records=False):
        held = factories.AbstractFactory(tier__release_rule="held")
        released = factories.TierFactory(meeting=held.meeting)
        held.tier.steps.all().delete()
    step = factories.step_of(released)
    with pytest.raises(Refused):
        held.tier.steps.add(step)
    assert factories.step_of(released) == step


def test_a_step_that_is_deleted_or_moved_away_hides_what_it_showed(enforced):
    with bypassing("a test", records=False):
        abstract = factories.AbstractFactory()
        other = factories.TierFactory(meeting=abstract.meeting, steps=[])
    for hide in (
        lambda: factories.step_of(abstract.tier).delete(),
        lambda: abstract.tier.steps.all().delete(),
        lambda: save(factories.step_of(abstract.tier), tier=other),
        lambda: abstract.tier.steps.update(tier=other),
    ):
        with pytest.raises(Refused) as refused:
            hide()
        assert [effect.hides for effect in refused.value.effects] == [True]
        assert public_level(abstract) == Level.FULL
