"""After any change, the stored embargo equals a fresh resolution."""

import datetime as dt

import pytest
from django.db import NotSupportedError
from hypothesis import given
from hypothesis import strategies as st

from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting, Presentation, Session
from abstracts.models.embargo import public_state
from abstracts.visibility import Level
from tests.abstracts import oracle
from tests.abstracts.worlds import (
    bounded,
    build,
    meeting_fields,
    override_fields,
    session_fields,
    step_fields,
    talk_fields,
    tier_fields,
    undone,
    worlds,
)
from tests.factories import (
    FAR_AHEAD,
    LONG_AGO,
    AbstractFactory,
    MeetingFactory,
    PresentationFactory,
    SessionFactory,
    TierFactory,
)

pytestmark = pytest.mark.django_db

STORED = ("numbered_from", "titled_from", "listed_from", "released_from", "press_from", "news_embargo_at")
WAYS = ["save", "update", "bulk_update"]


def stored(pk: int):
    return Abstract.unfiltered.values_list(*STORED).get(pk=pk)


def write(manager, pk: int, fields: dict, way: str) -> None:
    """Change the row `pk` in one of the three ways of the ORM."""
    if way == "update":
        manager.filter(pk=pk).update(**fields)
        return
    obj = manager.get(pk=pk)
    for name, value in fields.items():
        setattr(obj, name, value)
    if way == "save":
        obj.save(update_fields=list(fields))
    else:
        manager.bulk_update([obj], list(fields))


def chosen(data, manager):
    pks = list(manager.order_by("pk").values_list("pk", flat=True))
    return data.draw(st.sampled_from(pks)) if pks else None


def edit_session(data, way):
    if pk := chosen(data, Session.objects):
        write(Session.objects, pk, data.draw(session_fields()), way)


def delete_session(data, way):
    if pk := chosen(data, Session.objects):
        rows = Session.objects.filter(pk=pk)
        rows.get().delete() if way == "save" else rows.delete()


def edit_tier(data, way):
    write(EmbargoTier.objects, chosen(data, EmbargoTier.objects), data.draw(tier_fields()), way)


def edit_meeting(data, way):
    write(Meeting.objects, chosen(data, Meeting.objects), data.draw(meeting_fields()), way)


def edit_step(data, way):
    if pk := chosen(data, EmbargoStep.objects):
        shows = EmbargoStep.objects.get(pk=pk).shows
        write(EmbargoStep.objects, pk, data.draw(step_fields(shows)), way)


def add_step(data, way):
    tier = EmbargoTier.objects.get(pk=chosen(data, EmbargoTier.objects))
    shows = data.draw(st.sampled_from(EmbargoStep.Shows.values))
    if not tier.steps.filter(shows=shows).exists():
        step = EmbargoStep(tier=tier, **data.draw(step_fields(shows)))
        step.save() if way == "save" else EmbargoStep.objects.bulk_create([step])


def delete_step(data, way):
    if pk := chosen(data, EmbargoStep.objects):
        rows = EmbargoStep.objects.filter(pk=pk)
        rows.get().delete() if way == "save" else rows.delete()


def move_step(data, way):
    """To another tier: the abstracts of the former one have to be resolved too."""
    pk, tier = chosen(data, EmbargoStep.objects), chosen(data, EmbargoTier.objects)
    if pk and not EmbargoStep.objects.filter(tier=tier, shows=EmbargoStep.objects.get(pk=pk).shows).exists():
        write(EmbargoStep.objects, pk, {"tier_id": tier}, "save" if way == "save" else "update")


def edit_talk(data, way):
    if pk := chosen(data, Presentation.unfiltered):
        write(Presentation.unfiltered, pk, data.draw(talk_fields()), way)


def edit_override(data, way):
    write(Abstract.unfiltered, chosen(data, Abstract.unfiltered), data.draw(override_fields()), way)


def change_tier(data, way):
    tier = data.draw(st.sampled_from([None, *EmbargoTier.objects.order_by("pk")]))
    write(Abstract.unfiltered, chosen(data, Abstract.unfiltered), {"tier": tier}, way)


def present(data, way):
    abstract, session = chosen(data, Abstract.unfiltered), chosen(data, Session.objects)
    if session and not Presentation.unfiltered.filter(abstract=abstract, session=session).exists():
        row = Presentation(abstract_id=abstract, session_id=session)
        row.save() if way == "save" else Presentation.unfiltered.bulk_create([row])


def move_presentation(data, way):
    """To another abstract or session; the former abstract has to be resolved too."""
    pk, abstract, session = (chosen(data, m) for m in (Presentation.unfiltered, Abstract.unfiltered, Session.objects))
    if pk and not Presentation.unfiltered.filter(abstract=abstract, session=session).exclude(pk=pk).exists():
        write(
            Presentation.unfiltered,
            pk,
            {"abstract_id": abstract, "session_id": session},
            "save" if way == "save" else "update",
        )


def withdraw_presentation(data, way):
    if pk := chosen(data, Presentation.unfiltered):
        rows = Presentation.unfiltered.filter(pk=pk)
        rows.get().delete() if way == "save" else rows.delete()


EDITS = [
    edit_session, delete_session, edit_tier, edit_meeting, edit_override, change_tier,
    present, move_presentation, withdraw_presentation, edit_step, add_step, delete_step, move_step, edit_talk,
]  # fmt: skip


@given(data=st.data(), world=worlds(most_abstracts=4))
@bounded
def test_stored_embargo_equals_a_fresh_resolution_after_any_edits(data, world):
    with undone():
        pks = build(world)
        assert {pk: stored(pk) for pk in pks} == {pk: oracle.embargo(**oracle.facts(pk)) for pk in pks}
        edits = data.draw(st.lists(st.tuples(st.sampled_from(EDITS), st.sampled_from(WAYS)), min_size=1, max_size=5))
        for edit, way in edits:
            edit(data, way)
            assert {pk: stored(pk) for pk in pks} == {pk: oracle.embargo(**oracle.facts(pk)) for pk in pks}, edit


@pytest.fixture
def day() -> Abstract:
    """Released when its session of 2025-10-24, 10:30 in Chicago, starts."""
    meeting = MeetingFactory(year=2025)
    abstract = AbstractFactory(meeting=meeting, tier=TierFactory(meeting=meeting, release_rule="session_start"))
    PresentationFactory(abstract=abstract, session=SessionFactory(meeting=meeting))
    return abstract


def released(abstract: Abstract) -> str | None:
    instant = stored(abstract.pk)[3]
    return instant and instant.isoformat()


def test_first_of_several_sessions_decides(day):
    PresentationFactory(abstract=day, session=SessionFactory(meeting=day.meeting, start_time=dt.time(8)))
    assert released(day) == "2025-10-24T13:00:00+00:00"


def test_session_without_times_gives_no_release(day):
    Session.objects.update(start_time=None, end_time=None)
    assert released(day) is None


def test_new_time_zone_of_the_meeting_moves_sessions_and_release(day):
    day.meeting.timezone = "Europe/Berlin"
    day.meeting.save()
    assert Session.objects.get().starts_at.isoformat() == released(day) == "2025-10-24T08:30:00+00:00"


def test_session_saved_with_a_stale_meeting_uses_the_stored_zone(day):
    stale = Session.objects.select_related("meeting").get()
    Meeting.objects.update(timezone="Europe/Berlin")
    stale.start_time = dt.time(11)
    stale.save()
    assert Session.objects.get().starts_at.isoformat() == released(day) == "2025-10-24T09:00:00+00:00"


def test_presentation_moved_to_another_abstract_leaves_the_first_unreleased(day):
    other = AbstractFactory(meeting=day.meeting, tier=day.tier)
    row = Presentation.unfiltered.get()
    row.abstract = other
    row.save()
    assert (released(day), released(other)) == (None, "2025-10-24T15:30:00+00:00")


def test_deleting_a_session_embargoes_its_abstracts_again(day):
    Session.objects.get().delete()
    assert released(day) is None


def test_session_of_another_meeting_counts(day):
    """`clean` refuses it, but rows that were written without `clean` must be embargoed too."""
    elsewhere = SessionFactory(date=dt.date(2025, 10, 20))
    PresentationFactory(abstract=day, session=elsewhere)
    elsewhere.meeting.timezone = "Europe/Berlin"
    elsewhere.meeting.save()
    assert released(day) == "2025-10-20T08:30:00+00:00"


def test_unpublishing_a_meeting_hides_its_abstracts():
    abstract = AbstractFactory(listing=True)
    Meeting.objects.update(is_published=False)
    assert stored(abstract.pk) == (None,) * 6


def test_saved_instance_has_its_new_embargo(day):
    day.override_released_from = LONG_AGO
    day.save()
    assert day.released_from == LONG_AGO


def test_bulk_create_with_ignore_conflicts_is_refused(day):
    with pytest.raises(NotSupportedError):
        Presentation.unfiltered.bulk_create(
            [Presentation(abstract=day, session=Session.objects.get())], ignore_conflicts=True
        )


def test_public_state_has_the_next_instant():
    released_later = AbstractFactory(override_released_from=FAR_AHEAD)
    listed_sooner = AbstractFactory(
        tier=None, override_listing_level=Level.SHELL, override_listed_from=FAR_AHEAD - dt.timedelta(days=1)
    )
    soon = Abstract.unfiltered.get(pk=listed_sooner.pk).numbered_from
    assert public_state(LONG_AGO + dt.timedelta(days=900)).next_instant == soon
    assert public_state(soon - dt.timedelta(microseconds=1)).next_instant == soon
    assert public_state(soon).next_instant == released_later.released_from == FAR_AHEAD
    assert public_state(FAR_AHEAD).next_instant is None


def test_while_the_token_is_the_same_only_the_token_is_asked_for(known_state, django_assert_num_queries):
    released = AbstractFactory(override_released_from=FAR_AHEAD)
    at, second = FAR_AHEAD - dt.timedelta(days=9), dt.timedelta(seconds=1)
    known_state()
    state = public_state(at)
    for instant in (at, at + second, FAR_AHEAD - dt.timedelta(microseconds=1)):
        with django_assert_num_queries(1) as queries:
            assert public_state(instant) == state
        assert "MIN" not in queries[0]["sql"]
    # An instant that has come; a clock that was set back; and changes, also of what is hidden.
    assert public_state(FAR_AHEAD) == (state.token, None)
    soon = AbstractFactory(override_released_from=at - second)
    assert public_state(at - 2 * second).next_instant == soon.released_from
    Abstract.unfiltered.filter(pk=released.pk).update(override_released_from=at + second)
    assert public_state(at).next_instant == at + second
    Meeting.objects.update(news_embargo_at=at + dt.timedelta(milliseconds=1))
    assert public_state(at).next_instant == at + dt.timedelta(milliseconds=1)
    soon.delete()
    Meeting.objects.update(news_embargo_at=None)
    released.delete()
    assert public_state(at).next_instant is None


def test_an_archive_that_was_never_written_to_is_asked_anew(known_state, django_assert_num_queries):
    known_state()
    for _ in range(2):
        with django_assert_num_queries(1) as queries:
            public_state(FAR_AHEAD)
        assert "MIN" in queries[0]["sql"]


def test_public_state_ignores_drafts_and_unpublished_meetings():
    soon = LONG_AGO + dt.timedelta(days=1000)
    AbstractFactory(
        draft=True, override_released_from=soon, override_listing_level=Level.LISTED, override_listed_from=soon
    )
    meeting = MeetingFactory(is_published=False, news_embargo_at=soon)
    AbstractFactory(meeting=meeting, override_released_from=soon)
    assert public_state(LONG_AGO + dt.timedelta(days=900)).next_instant is None
    Abstract.unfiltered.update(status="published")
    assert public_state(LONG_AGO + dt.timedelta(days=900)).next_instant == soon
