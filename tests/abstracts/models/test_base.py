"""What every write does: derive fields, resolve the embargo, move the revision."""

import contextlib

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import ProtectedError

from abstracts.models import Abstract, ArchiveState, DocumentChange, Meeting, Person, Presentation, Session
from abstracts.models.base import ArchiveModel, ArchiveQuerySet, PastRevision, in_chunks, one_revision
from tests import factories
from tests.factories import (
    AbstractFactory,
    MeetingFactory,
    PersonFactory,
    SessionFactory,
    change_step,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

ARCHIVE = [m for m in apps.get_app_config("abstracts").get_models() if issubclass(m, ArchiveModel)]


def manager_of(model):
    return getattr(model, "unfiltered", None) or model.objects


@pytest.fixture
def whole(tmp_path):
    """At least one row in every table of the archive."""
    abstract = whole_abstract(authors=1, keywords=1)
    abstract.slug = "another-address"
    abstract.save()
    factories.PageFactory()
    models = apps.get_app_config("abstracts")
    models.get_model("KeywordSynonym").unfiltered.create(keyword=factories.KeywordFactory(), name="synonym")
    models.get_model("PersonName").unfiltered.create(person=PersonFactory(), name="Another Name")
    figure = models.get_model("Figure").unfiltered.get()
    models.get_model("Rendition").unfiltered.create(figure=figure, width=320, height=200, image="ab/cd.png")
    return abstract


def writes(model):
    """Every way to change a row of `model`: a name and a function."""
    manager, row = manager_of(model), manager_of(model).order_by("-pk").first()
    field = next(f for f in model._meta.concrete_fields if not f.primary_key)
    same = {field.name: getattr(row, field.name)}
    yield "save", row.save
    yield "update", lambda: manager.filter(pk=row.pk).update(**same)
    yield "bulk_update", lambda: manager.bulk_update([manager.get(pk=row.pk)], [field.name])
    yield "delete", lambda: manager.filter(pk=row.pk).delete()


@pytest.mark.parametrize("model", ARCHIVE, ids=lambda m: m.__name__)
def test_revision_moves_with_every_write_and_is_rolled_back_with_it(whole, model):
    for name, write in writes(model):
        before = ArchiveState.current_revision()
        with transaction.atomic():
            with contextlib.suppress(ProtectedError):
                write()
                assert ArchiveState.current_revision() > before, name
            transaction.set_rollback(True)
        assert ArchiveState.current_revision() == before, name


@pytest.mark.parametrize("model", ARCHIVE, ids=lambda m: m.__name__)
def test_every_manager_has_the_archive_queryset(model):
    assert issubclass(manager_of(model)._queryset_class, ArchiveQuerySet)


def test_bulk_create_moves_the_revision():
    before = ArchiveState.current_revision()
    Person.unfiltered.bulk_create([Person(name="Ada Beispiel")])
    assert ArchiveState.current_revision() > before
    assert Person.unfiltered.get().slug.startswith("ada-beispiel-")


def test_writes_of_one_revision_move_it_once_when_the_outermost_block_ends(whole):
    before, released = ArchiveState.current_revision(), Abstract.unfiltered.get().released_from
    DocumentChange.objects.all().delete()
    with one_revision():
        with one_revision():
            Abstract.unfiltered.update(override_released_from=factories.FAR_AHEAD)
            Person.unfiltered.update(family="Other")
        Presentation.unfiltered.all().delete()
        assert ArchiveState.current_revision() == before
        assert Abstract.unfiltered.get().released_from == released
    assert ArchiveState.current_revision() == before + 1
    assert Abstract.unfiltered.get().released_from == factories.FAR_AHEAD
    assert DocumentChange.objects.get().revision == before + 1


def test_a_revision_that_fails_leaves_nothing_pending(whole):
    def fail():
        with one_revision():
            Abstract.unfiltered.update(override_released_from=factories.FAR_AHEAD)
            raise ZeroDivisionError

    before = ArchiveState.current_revision()
    with pytest.raises(ZeroDivisionError):
        fail()
    with one_revision():
        pass
    assert ArchiveState.current_revision() == before
    assert Abstract.unfiltered.get().released_from != factories.FAR_AHEAD
    Abstract.unfiltered.update(status_note="now")
    assert ArchiveState.current_revision() == before + 1


def test_sessions_and_their_presentations_are_resolved_together(whole):
    tier = Abstract.unfiltered.get().tier
    change_step(tier, rule="session_start", date=None, time=None)
    with one_revision():
        Meeting.objects.update(timezone="UTC")
        Session.objects.update(date="2031-05-05", start_time="08:00")
    assert Abstract.unfiltered.get().released_from.isoformat() == "2031-05-05T08:00:00+00:00"


def test_reading_does_not_move_the_revision(whole):
    before = ArchiveState.current_revision()
    list(Abstract.unfiltered.all())
    assert ArchiveState.current_revision() == before


def test_new_archive_has_revision_zero():
    assert ArchiveState.current_revision() == 0


def test_save_with_update_fields_stores_derived_fields():
    abstract = AbstractFactory()
    abstract.title, abstract.number = "Interferon-<i>α</i>", "L17"
    abstract.save(update_fields=["title", "number"])
    stored = Abstract.unfiltered.get()
    assert (stored.title_text, stored.number_key) == ("Interferon-α", "1l000000017")


def test_bulk_update_stores_derived_fields():
    abstract = AbstractFactory()
    abstract.title = "<b>β</b> cells"
    Abstract.unfiltered.bulk_update([abstract], ["title"])
    assert Abstract.unfiltered.get().title_text == "β cells"


def test_save_without_update_fields_saves_nothing():
    meeting = MeetingFactory(name="Old")
    meeting.name = "New"
    meeting.save(update_fields=[])
    assert Meeting.objects.get().name == "Old"


def test_history_records_each_change():
    session = SessionFactory(title="Before")
    session.title = "After"
    session.save()
    titles = (
        Session.history.unfiltered.filter(id=session.pk).order_by("history_id").values_list("history_type", "title")
    )
    assert list(titles) == [("+", "Before"), ("~", "After")]
    session.delete()
    assert Session.history.unfiltered.filter(history_type="-").count() == 1


def test_old_revisions_are_pruned(monkeypatch):
    monkeypatch.setattr(PastRevision, "KEPT", 5)
    monkeypatch.setattr(PastRevision, "PRUNE_EVERY", 10)
    ArchiveState.move_on()
    first = ArchiveState.current_mark()
    for _ in range(8):
        ArchiveState.move_on()
    assert PastRevision.objects.count() == 9
    assert ArchiveState.has_been_at(first)
    ArchiveState.move_on()
    assert sorted(PastRevision.objects.values_list("revision", flat=True)) == [6, 7, 8, 9, 10]
    assert not ArchiveState.has_been_at(first)
    assert ArchiveState.has_been_at(ArchiveState.current_mark())


def test_in_chunks():
    assert list(in_chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(in_chunks([])) == []
