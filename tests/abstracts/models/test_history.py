"""History says what the database held after each change."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting, Presentation, Section, Session, gate
from abstracts.models.base import ArchiveModel, one_revision
from abstracts.models.history import record_changes, recording
from abstracts.models.keys import KeyField
from tests.abstracts.models.test_base import manager_of, whole, writes  # noqa: F401 (a fixture)
from tests.abstracts.models.test_embargo import EDITS, WAYS
from tests.abstracts.worlds import bounded, build, undone, worlds
from tests.factories import (
    AbstractFactory,
    AuthorLineFactory,
    MeetingFactory,
    PersonFactory,
    PresentationFactory,
    SessionFactory,
    StaffFactory,
    TierFactory,
    change_step,
    step_of,
)

pytestmark = pytest.mark.django_db

WITH_HISTORY = [m for m in apps.get_app_config("abstracts").get_models() if hasattr(m, "history")]
# What abstracts point to is deleted after them.
PROTECTED = {Meeting, EmbargoTier}


def rows_of(model) -> dict[int, dict]:
    """What the database holds of `model`, by primary key; without public keys, which never change."""
    return {row["id"]: row for row in manager_of(model).order_by().values(*names_of(model))}


def names_of(model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if not isinstance(field, KeyField)]


def newest(model) -> dict[int, dict]:
    """The values in the newest history row of each row of `model`, by primary key."""
    rows = model.history.unfiltered.order_by("history_id").values(*names_of(model))
    return {row["id"]: row for row in rows}


def kinds(model, pk: int) -> str:
    return "".join(model.history.unfiltered.filter(id=pk).order_by("history_id").values_list("history_type", flat=True))


@pytest.fixture
def talk() -> Abstract:
    """Released when its session starts."""
    tier = TierFactory(release_rule="session_start")
    abstract = AbstractFactory(meeting=tier.meeting, tier=tier)
    PresentationFactory(abstract=abstract, session=SessionFactory(meeting=tier.meeting))
    return abstract


def test_there_are_tables_with_history():
    assert {Abstract, Section, Session, Presentation} <= set(WITH_HISTORY)
    assert all(issubclass(model, ArchiveModel) for model in WITH_HISTORY)


@pytest.mark.parametrize("model", WITH_HISTORY, ids=lambda m: m.__name__)
def test_every_way_to_write_leaves_one_true_row(whole, model):  # noqa: F811
    for name, write in writes(model):
        with undone():
            if name == "delete" and model in PROTECTED:
                Abstract.unfiltered.all().delete()
            count, stored = model.history.unfiltered.count(), rows_of(model)
            write()
            if name != "delete":
                stored = rows_of(model)
            record = model.history.unfiltered.latest("history_id")
            assert model.history.unfiltered.count() == count + 1, name
            assert newest(model)[record.id] == stored[record.id], name
            assert record.history_type == ("-" if name == "delete" else "~")


def test_tier_change_leaves_a_row_in_each_abstract():
    tier = TierFactory(embargoed=True)
    abstracts = [AbstractFactory(meeting=tier.meeting, tier=tier) for _ in range(3)]
    other = AbstractFactory(meeting=tier.meeting)
    change_step(tier, date=dt.date(2021, 2, 3))
    for abstract in abstracts:
        record = abstract.history.unfiltered.latest("history_id")
        assert kinds(Abstract, abstract.pk) == "+~"
        assert record.released_from == Abstract.unfiltered.get(pk=abstract.pk).released_from
        assert record.released_from.date() == dt.date(2021, 2, 3)
        assert record.history_change_reason == f"Embargo resolved again: embargo step {step_of(tier).pk} changed"
    assert kinds(Abstract, other.pk) == "+"


def test_abstract_saved_with_another_embargo_has_one_row(talk):
    assert newest(Abstract) == rows_of(Abstract)
    before = kinds(Abstract, talk.pk)
    talk.override_released_from = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    talk.save()
    assert kinds(Abstract, talk.pk) == before + "~"
    record = talk.history.unfiltered.latest("history_id")
    assert record.released_from == talk.override_released_from
    assert record.history_change_reason is None


def test_new_abstract_has_one_row_with_its_embargo():
    abstract = AbstractFactory(embargoed=True)
    assert kinds(Abstract, abstract.pk) == "+"
    assert abstract.released_from is not None
    assert newest(Abstract) == rows_of(Abstract)


def test_values_that_were_not_saved_are_not_in_history():
    abstract = AbstractFactory(number="0001", title="Stored")
    stale = Abstract.unfiltered.get()
    Abstract.unfiltered.update(title="Stored since", title_text="Stored since")
    stale.title, stale.number = "Never saved", "0002"
    stale.save(update_fields=["number"])
    record = abstract.history.unfiltered.latest("history_id")
    assert (record.number, record.title) == ("0002", "Stored since")
    assert newest(Abstract) == rows_of(Abstract)


def test_deletion_records_what_was_stored_and_nothing_after_it(talk):
    stored = rows_of(Abstract)
    talk.title = "Never saved"
    pk = talk.pk
    talk.delete()
    assert kinds(Abstract, pk)[-1] == "-"
    assert newest(Abstract) == stored


def test_deleted_session_leaves_a_row_in_its_abstracts(talk):
    before = kinds(Abstract, talk.pk)
    Session.objects.all().delete()
    assert kinds(Abstract, talk.pk) == before + "~"
    record = talk.history.unfiltered.latest("history_id")
    assert record.released_from is None
    assert record.history_change_reason == "Embargo resolved again: presentation changed"


def test_sessions_whose_times_are_derived_again_have_a_row(talk):
    session, undated = Session.objects.get(), SessionFactory(meeting=talk.meeting, start_time=None, end_time=None)
    Meeting.objects.update(timezone="Europe/Berlin")
    assert kinds(Session, session.pk) == "+~"
    assert kinds(Session, undated.pk) == "+"
    assert session.history.unfiltered.latest("history_id").history_change_reason == "Times derived again"
    assert newest(Session) == rows_of(Session)
    assert newest(Abstract) == rows_of(Abstract)


def test_updated_session_has_one_row_with_its_new_times(talk):
    Session.objects.update(start_time=dt.time(9))
    assert kinds(Session, Session.objects.get().pk) == "+~"
    assert newest(Session) == rows_of(Session)


def test_bulk_update_stores_what_it_wrote_and_not_what_it_had_in_memory():
    one, other = PersonFactory(family="One"), PersonFactory(family="Other")
    lines = [AuthorLineFactory(person=one, name=name) for name in ("Stored A", "Stored B")]
    for line in lines:
        line.person, line.name = other, "Never saved"
    type(lines[0]).unfiltered.bulk_update(lines, ["person"])
    records = [line.history.unfiltered.latest("history_id") for line in lines]
    assert [(record.person_id, record.name) for record in records] == [(other.pk, "Stored A"), (other.pk, "Stored B")]
    assert [kinds(type(line), line.pk) for line in lines] == ["+~", "+~"]


def test_rows_of_one_recording_say_who_and_why():
    user, tier = StaffFactory(), TierFactory(embargoed=True)
    abstract, section = AbstractFactory(meeting=tier.meeting, tier=tier), None
    with recording("moved by the society", user):
        change_step(tier, date=dt.date(2021, 2, 3))
        change_step(tier, date=dt.date(2022, 2, 3))
        section = Section.unfiltered.create(abstract=abstract, html="<p>x</p>")
        section.delete()
    record = abstract.history.unfiltered.latest("history_id")
    assert kinds(Abstract, abstract.pk) == "+~"
    assert (record.history_user, record.released_from.year) == (user, 2022)
    effect = f"embargo resolved again: embargo step {step_of(tier).pk} changed"
    assert record.history_change_reason == f"Moved by the society: {effect}"
    assert step_of(tier).history.unfiltered.latest("history_id").history_change_reason == "Moved by the society"
    deletion = Section.history.unfiltered.get()
    assert (deletion.history_type, deletion.history_user) == ("-", user)


def test_history_says_who_decided_and_why():
    tier, officer = TierFactory(embargoed=True), StaffFactory()
    abstract = AbstractFactory(meeting=tier.meeting, tier=tier)
    with gate.deciding(gate.Decision(by=officer, reason="The society asked for it", expected=1)):
        change_step(tier, date=dt.date(2021, 2, 3))
    record = abstract.history.unfiltered.latest("history_id")
    assert (record.history_user, record.history_change_reason[:25]) == (officer, "The society asked for it:")
    assert newest(Abstract) == rows_of(Abstract)


def test_refused_change_leaves_no_row():
    tier = TierFactory(embargoed=True)
    abstract = AbstractFactory(meeting=tier.meeting, tier=tier)
    with gate.deciding(None), pytest.raises(gate.Refused):
        change_step(tier, date=dt.date(2021, 2, 3))
    assert (kinds(Abstract, abstract.pk), kinds(EmbargoStep, step_of(tier).pk)) == ("+", "")


def test_what_fails_leaves_no_row():
    meeting = MeetingFactory()
    meeting.name = "Rolled back"

    def fail():
        with transaction.atomic(), recording():
            meeting.save()
            raise ZeroDivisionError

    with recording():
        with pytest.raises(ZeroDivisionError):
            fail()
        other = MeetingFactory()
    assert (kinds(Meeting, meeting.pk), kinds(Meeting, other.pk)) == ("+", "+")


def test_tables_without_history_are_passed_over(django_assert_num_queries):
    with django_assert_num_queries(0):
        record_changes(apps.get_model("abstracts", "ImportRun"), [1])


@given(data=st.data(), world=worlds(most_abstracts=4))
@bounded
def test_newest_rows_are_true_after_any_edits(data, world):
    with undone():
        build(world)
        edits = data.draw(st.lists(st.tuples(st.sampled_from(EDITS), st.sampled_from(WAYS)), min_size=1, max_size=5))
        for edit, way in edits:
            before = {model: rows_of(model) for model in WITH_HISTORY}
            lengths = {model: model.history.unfiltered.count() for model in WITH_HISTORY}
            edit(data, way)
            for model in WITH_HISTORY:
                after, records = rows_of(model), newest(model)
                # What was created in bulk has no row before its first change.
                changed = {pk for pk in after.keys() & before[model].keys() if after[pk] != before[model][pk]}
                added = model.history.unfiltered.count() - lengths[model]
                assert {pk: records.get(pk) for pk in changed} == {pk: after[pk] for pk in changed}, (edit, model)
                gone = before[model].keys() - after.keys()
                assert len(changed | gone) <= added, (edit, model)


def test_writes_of_one_revision_leave_one_row(talk):
    before = kinds(Abstract, talk.pk)
    with one_revision():
        Session.objects.update(start_time=dt.time(9))
        Abstract.unfiltered.update(title="Another")
        Session.objects.update(start_time=dt.time(8))
    assert kinds(Abstract, talk.pk) == before + "~"
    assert newest(Abstract) == rows_of(Abstract)
    assert newest(Session) == rows_of(Session)
