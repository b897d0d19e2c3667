"""What all tables of the archive share: derived fields, embargo times and the archive's revision.

Every change of rows, by `save`, `delete`, `update` or a bulk method, passes the gate (`gate.passing`) and does five
things in the same transaction:

1. It computes derived fields (`derive`). Only `update` does not, because it loads no rows; there `embargo` still
   recomputes the instants of sessions.
2. It resolves the embargo of the abstracts that depend on the rows again (`embargo_inputs_changed`).
3. It moves the archive's revision on, which makes cached pages stale.
4. It records which abstracts' search documents changed at that revision (`DocumentChange`), so that search indexes
   can catch up.
5. It writes history (see `history`) of what changed, also of what step 2 changed. Only `bulk_create` does not.

Inside `one_revision`, steps 2 to 4 are done once, when it ends.
"""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.conf import settings
from django.db import NotSupportedError, connection, models, transaction
from django.dispatch import Signal

from . import gate
from .chunks import in_chunks
from .history import record_changes

# Sent with sender=the model, pks, former_abstracts: the rows `pks` changed, and the embargo of the abstracts
# `former_abstracts` depended on them before. The receiver is in `embargo`, which imports the models.
embargo_inputs_changed = Signal()
# Sent with sender=ArchiveState when a change of the archive was committed in this process.
archive_moved = Signal()


def new_token() -> str:
    """Sixteen random hexadecimal digits."""
    return secrets.token_hex(8)


class Mark(NamedTuple):
    """A state of the archive: its revision, and a random token.

    A database that was restored from a backup reaches the same revisions again, but never the same tokens.
    """

    revision: int = 0
    token: str = ""


class ArchiveState(models.Model):
    """One row: the revision of the archive. It moves in the transaction of every change of public content."""

    revision = models.PositiveBigIntegerField(default=0)
    token = models.CharField(max_length=16, default=new_token, editable=False)
    identity = models.UUIDField(default=uuid.uuid4, editable=False, help_text="Tells this archive from all others.")
    zone_data = models.CharField(
        max_length=20, default="", editable=False, help_text="Release of the zone data that resolved its local times."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="archive_state_single_row")]

    def __str__(self) -> str:
        return f"revision {self.revision}"

    @classmethod
    def queue(cls) -> None:
        """Wait for the other writers. Whoever writes reads afterwards, so that it compares with what they left."""
        if connection.features.has_select_for_update:
            cls.objects.select_for_update().filter(pk=1).values_list("pk").first()

    @classmethod
    def move_on(cls) -> None:
        """Add one to the revision. Writers wait for each other here, so revisions are committed in their order."""
        if not cls.objects.filter(pk=1).update(revision=models.F("revision") + 1, token=new_token()):
            ArchiveState.objects.bulk_create(
                [ArchiveState(pk=1, revision=1, zone_data=settings.ZONE_DATA.version)], ignore_conflicts=True
            )
        PastRevision.record()
        transaction.on_commit(lambda: archive_moved.send(cls), robust=True)

    @classmethod
    def current_revision(cls) -> int:
        """The revision now; 0 for an archive that was never written to."""
        return cls.current_mark().revision

    @classmethod
    def current_mark(cls) -> Mark:
        """The state now; Mark() for an archive that was never written to."""
        row = cls.objects.filter(pk=1).values_list("revision", "token").first()
        return Mark(*row) if row else Mark()

    @classmethod
    def has_been_at(cls, mark: Mark) -> bool:
        """Whether the archive is or was at `mark`; False if a backup has been restored since, or for old marks.

        Whatever has a mark that is no longer recorded (see PastRevision) is simply built again.
        """
        return mark == cls.current_mark() or PastRevision.objects.filter(**mark._asdict()).exists()


class PastRevision(models.Model):
    """A revision of the archive with its token: it shows that an index or a book belongs to this database's history.

    Only the newest revisions are needed, because indexes catch up with each search.
    """

    KEPT = 100_000
    PRUNE_EVERY = 1000

    revision = models.PositiveBigIntegerField(primary_key=True)
    token = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.revision} {self.token}"

    @classmethod
    def record(cls) -> None:
        """Record the current state of the archive; now and then, delete the oldest rows."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {cls._meta.db_table} (revision, token)"  # noqa: S608 (names of ours)
                f" SELECT revision, token FROM {ArchiveState._meta.db_table} WHERE id = 1"
                " ON CONFLICT (revision) DO UPDATE SET token = excluded.token RETURNING revision"
            )
            (revision,) = cursor.fetchone()
        if revision % cls.PRUNE_EVERY == 0:
            cls.objects.filter(revision__lte=revision - cls.KEPT).delete()


class DocumentChange(models.Model):
    """The revision at which an abstract's search document last changed; the row outlives the abstract.

    It is written after the revision moves, in the same transaction: a reader that sees a revision sees all its changes.
    """

    abstract_id = models.BigIntegerField(primary_key=True)
    revision = models.PositiveBigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.abstract_id} at {self.revision}"

    @classmethod
    def record(cls, abstracts: Iterable[int]) -> None:
        """Record that the documents of `abstracts` (primary keys) changed at the current revision."""
        pks = sorted(set(abstracts))
        if not pks:
            return
        revision = ArchiveState.current_revision()
        DocumentChange.objects.bulk_create(
            [DocumentChange(abstract_id=pk, revision=revision) for pk in pks],
            batch_size=5000,
            update_conflicts=True,
            unique_fields=["abstract_id"],
            update_fields=["revision"],
        )


class PendingChanges:
    """What steps 2 to 4 of this module's head are to be done for."""

    def __init__(self) -> None:
        self.rows: dict[type[ArchiveModel], set[int]] = defaultdict(set)
        self.former_abstracts: dict[type[ArchiveModel], set[int]] = defaultdict(set)
        self.documents: set[int] = set()

    def add(self, model: type["ArchiveModel"], pks: list[int], former_abstracts: Iterable[int]) -> None:
        self.rows[model].update(pks)
        self.former_abstracts[model].update(former_abstracts)
        if model.DOCUMENT_PATH:
            self.documents |= {*former_abstracts, *model.documents_with(pks)}

    def settle(self) -> None:
        if not self.rows:
            return
        ArchiveState.move_on()
        for model, pks in self.rows.items():
            if model.EMBARGO_PATHS:
                former_abstracts = self.former_abstracts[model]
                embargo_inputs_changed.send(model, pks=sorted(pks), former_abstracts=former_abstracts)
        DocumentChange.record(self.documents)


_pending: ContextVar[PendingChanges | None] = ContextVar("pending changes", default=None)


@contextmanager
def one_revision() -> Iterator[None]:
    """One transaction whose writes share one revision, which moves when the outermost block ends.

    Until then no other writer waits for the revision. The embargo is resolved under its lock: two writers that both
    change what it depends on would else not see each other's change.
    """
    if _pending.get() is not None:
        yield
        return
    pending = PendingChanges()
    with gate.passing():
        token = _pending.set(pending)
        try:
            yield
        finally:
            _pending.reset(token)
        pending.settle()


@contextmanager
def writing() -> Iterator[None]:
    """A passage of the gate whose writer has queued, unless its writes share `one_revision`.

    If two people change an abstract at once, the second one reads how it stands after the first one's change. And
    writers that all begin with the same lock do not wait for each other in a circle.
    """
    with gate.passing() as passage:
        if _pending.get() is None and not passage.has_queued:
            ArchiveState.queue()
            passage.has_queued = True
        yield


class ArchiveQuerySet(models.QuerySet):
    """Its update and bulk methods do what the head of this module says."""

    def update(self, **kwargs):
        model = self.model
        with writing():
            depend = model.EMBARGO_PATHS or model.DOCUMENT_PATH or hasattr(model, "history")
            pks = list(self.order_by().values_list("pk", flat=True)) if depend else []
            if kwargs.keys() & model.STANDING:
                model.note_standing(pks)
            moves = kwargs.keys() & {model.OWNER, f"{model.OWNER}_id"}
            former_abstracts = model.abstracts_of_owners(pks) if moves else ()
            count = super().update(**kwargs)
            record_changes(model, pks)
            model.after_change(pks, former_abstracts)
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs, *args, ignore_conflicts=False, **kwargs):
        if (ignore_conflicts or kwargs.get("update_conflicts")) and self.model.EMBARGO_PATHS:
            raise NotSupportedError("it would not be known which rows were written and whose embargo to resolve")
        objs, kwargs = list(objs), {**kwargs, "ignore_conflicts": ignore_conflicts}
        with writing():
            for obj in objs:
                obj.derive()
            created = super().bulk_create(objs, *args, **kwargs)
            pks = [obj.pk for obj in created if obj.pk]
            if self.model.STANDING:
                gate.note_new(pks)
            self.model.after_change(pks)
        return created

    def bulk_update(self, objs, fields, *args, **kwargs):
        objs = list(objs)
        with writing():
            derived = set().union(*(obj.derive_and_list_changes() for obj in objs))
            return super().bulk_update(objs, [*fields, *(derived - set(fields))], *args, **kwargs)

    def delete(self):
        with writing():
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class ArchiveModel(models.Model):
    """Base of the tables whose rows appear on public pages."""

    # Paths from a row to the abstracts whose embargo depends on it; "pk" for the abstract itself.
    EMBARGO_PATHS: tuple[str, ...] = ()
    # Path from a row to the abstracts whose search documents it is part of; "pk" for the abstract itself, "" for none.
    DOCUMENT_PATH = ""
    # The foreign key to what a row belongs to and may be moved between, if its abstracts depend on it.
    OWNER = "abstract"
    # Columns that decide themselves what the public sees of a row; their changes are noted by `note_standing`.
    STANDING: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def derive(self) -> None:
        """Compute the fields that are functions of other fields. Called before every write except `update`."""

    @classmethod
    def note_standing(cls, pks: Iterable[int]) -> None:
        """Note for the gate how the rows `pks` stand, before they are written."""

    @classmethod
    def abstracts_along(cls, path: str, pks: Iterable[int]) -> set[int]:
        """Primary keys of the abstracts to which `path` leads from the rows `pks`."""
        if path == "pk":
            return set(pks)
        rows: models.QuerySet = models.QuerySet(cls).order_by().values_list(path, flat=True)
        return {abstract for chunk in in_chunks(pks) for abstract in rows.filter(pk__in=chunk) if abstract}

    @classmethod
    def documents_with(cls, pks: Iterable[int]) -> set[int]:
        """Primary keys of the abstracts whose search documents contain the rows `pks`."""
        return cls.abstracts_along(cls.DOCUMENT_PATH, pks) if cls.DOCUMENT_PATH else set()

    @classmethod
    def abstracts_of_owners(cls, pks: Iterable[int]) -> set[int]:
        """Primary keys of the abstracts that the owners of the rows `pks` are or decide about."""
        paths = filter(None, {cls.DOCUMENT_PATH, *cls.EMBARGO_PATHS})
        return set().union(*(cls.abstracts_along(path, pks) for path in paths))

    @classmethod
    def after_change(cls, pks: Iterable[int], former_abstracts: Iterable[int] = ()) -> None:
        """Do steps 2 to 4 of this module's head; call it in the transaction that changed the rows `pks`.

        `former_abstracts`: primary keys of the abstracts that the rows belonged to before.
        """
        pks = list(pks)
        if pending := _pending.get():
            pending.add(cls, pks, former_abstracts)
            return
        ArchiveState.move_on()
        if cls.EMBARGO_PATHS:
            embargo_inputs_changed.send(cls, pks=pks, former_abstracts=former_abstracts)
        if cls.DOCUMENT_PATH:
            DocumentChange.record({*former_abstracts, *cls.documents_with(pks)})

    def abstracts_of_deleted(self) -> set[int]:
        """Primary keys of the abstracts that this row, which was deleted, belonged to or decided about."""
        abstract = self.pk if self.DOCUMENT_PATH == "pk" else getattr(self, "abstract_id", None)
        return {abstract} if abstract else set()

    def derive_and_list_changes(self) -> set[str]:
        """Derive; return the names of the fields that this changed."""
        before = dict(self.__dict__)
        self.derive()
        fields = self._meta.concrete_fields
        return {f.name for f in fields if self.__dict__.get(f.attname) != before.get(f.attname)}

    def save(self, *args, update_fields=None, **kwargs):
        derived = self.derive_and_list_changes()
        if update_fields is not None:
            update_fields = {*update_fields, *derived}
        super().save(*args, update_fields=update_fields, **kwargs)

    def save_base(self, *args, **kwargs):
        """What `save` ends in. Called for itself it derives nothing, but asks all the same."""
        with writing():
            former_abstracts = (
                self.abstracts_of_owners([self.pk]) if self.pk and hasattr(self, f"{self.OWNER}_id") else ()
            )
            if self.STANDING and self.pk:
                self.note_standing([self.pk])
            super().save_base(*args, **kwargs)
            if self.STANDING:
                gate.note_new([self.pk])
            self.after_change([self.pk], former_abstracts)

    def delete(self, *args, **kwargs):
        with writing():
            return super().delete(*args, **kwargs)

    delete.alters_data = True  # type: ignore[attr-defined]


def before_save(sender: type[ArchiveModel], instance: ArchiveModel, raw: bool, **kwargs) -> None:
    """Receiver of pre_save. `loaddata` saves rows as they are: nothing would be derived, resolved or asked."""
    if raw and sender.EMBARGO_PATHS:
        raise NotSupportedError(f"{sender.__name__} is not loaded from fixtures: import it, or restore the database.")


def before_delete(sender: type[ArchiveModel], instance: ArchiveModel, **kwargs) -> None:
    """Receiver of pre_delete, for cascades and querysets too."""
    if sender.STANDING:
        instance.note_standing([instance.pk])


def after_delete(sender: type[ArchiveModel], instance: ArchiveModel, **kwargs) -> None:
    """Receiver of post_delete: it runs inside the deletion's transaction, for cascades and querysets too."""
    depend = sender.DOCUMENT_PATH or sender.EMBARGO_PATHS
    sender.after_change([], instance.abstracts_of_deleted() if depend else [])
