"""What every table of the archive shares: derived fields, embargo resolution and the archive's revision.

Whoever changes a row, by `save`, `delete`, `update` or in bulk, in the same transaction

1. has the row's derived fields computed (`derive`; after `update`, which sees no rows, only what the embargo
   depends on: the instants of sessions),
2. has the embargo instants that depend on it resolved again (`resolve_after`),
3. moves the archive's revision on, by which caches know that they are old, and
4. writes down, with that revision, whose searchable documents it changed (`DocumentChange`), by which every search
   index catches up.
"""

import secrets
import uuid
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db import NotSupportedError, connection, models, transaction


def in_chunks(pks: Iterable[int], size: int = 500) -> Iterator[list[int]]:
    """`pks` in lists short enough for one IN (…) on any database."""
    pks = list(pks)
    for start in range(0, len(pks), size):
        yield pks[start : start + size]


def new_token() -> str:
    """Sixteen random hexadecimal digits."""
    return secrets.token_hex(8)


class Mark(NamedTuple):
    """A state of the archive: its revision, and the token by which it differs from that revision of any other history.

    A database restored from a backup counts on from an old revision: the same numbers come again, not the same tokens.
    """

    revision: int = 0
    token: str = ""


class ArchiveState(models.Model):
    """One row: the revision of the archive. It moves in the transaction of every change of public content."""

    revision = models.PositiveBigIntegerField(default=0)
    token = models.CharField(max_length=16, default=new_token, editable=False)
    identity = models.UUIDField(default=uuid.uuid4, editable=False, help_text="Tells this archive from all others.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="archive_state_single_row")]

    def __str__(self) -> str:
        return f"revision {self.revision}"

    @classmethod
    def move_on(cls) -> None:
        """Add one to the revision. Writers queue here, so commit order is revision order."""
        if not cls.objects.filter(pk=1).update(revision=models.F("revision") + 1, token=new_token()):
            cls.objects.bulk_create([cls(pk=1, revision=1)], ignore_conflicts=True)
        PastRevision.record()

    @classmethod
    def current_revision(cls) -> int:
        """The revision now; 0 for an archive never written to."""
        return cls.current_mark().revision

    @classmethod
    def current_mark(cls) -> Mark:
        """The state now; Mark() for an archive never written to."""
        row = cls.objects.filter(pk=1).values_list("revision", "token").first()
        return Mark(*row) if row else Mark()

    @classmethod
    def has_been_at(cls, mark: Mark) -> bool:
        """Whether the archive is or was at `mark`. It was not if a backup has been restored since."""
        return mark == cls.current_mark() or PastRevision.objects.filter(**mark._asdict()).exists()


class PastRevision(models.Model):
    """A revision that the archive has or had, with its token: by it an index knows that it is of this history."""

    revision = models.PositiveBigIntegerField(primary_key=True)
    token = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.revision} {self.token}"

    @classmethod
    def record(cls) -> None:
        """Write down the archive's state as it is."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {cls._meta.db_table} (revision, token)"  # noqa: S608 (names of ours)
                f" SELECT revision, token FROM {ArchiveState._meta.db_table} WHERE id = 1"
                " ON CONFLICT (revision) DO UPDATE SET token = excluded.token"
            )


class DocumentChange(models.Model):
    """The revision at which an abstract's searchable document last changed; it outlives the abstract.

    Written after the revision moved on and in the same transaction: whoever sees a revision sees every change up to it.
    """

    abstract_id = models.BigIntegerField(primary_key=True)
    revision = models.PositiveBigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.abstract_id} at {self.revision}"

    @classmethod
    def record(cls, abstracts: Iterable[int | None]) -> None:
        """Write down that the documents of `abstracts` (primary keys) changed at the revision as it is."""
        pks = sorted({pk for pk in abstracts if pk})
        if not pks:
            return
        revision = ArchiveState.current_revision()
        cls.objects.bulk_create(
            [cls(abstract_id=pk, revision=revision) for pk in pks],
            batch_size=5000,
            update_conflicts=True,
            unique_fields=["abstract_id"],
            update_fields=["revision"],
        )


class ArchiveQuerySet(models.QuerySet):
    """Bulk changes keep the three promises of this module."""

    def update(self, **kwargs):
        with transaction.atomic(using=self.db):
            known = self.model.RESOLVES or self.model.DOCUMENT
            pks = list(self.order_by().values_list("pk", flat=True)) if known else []
            left = self.model.leaves_behind(pks)
            # What moves to another abstract changes two documents.
            moved = self.model.documents_of(pks) if kwargs.keys() & {"abstract", "abstract_id"} else ()
            changed = super().update(**kwargs)
            self.model.after_change(pks, left)
            DocumentChange.record(moved)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs, *args, ignore_conflicts=False, **kwargs):
        if ignore_conflicts and self.model.RESOLVES:
            raise NotSupportedError("which rows were written would not be known, nor whose embargo to resolve")
        objs, kwargs = list(objs), {**kwargs, "ignore_conflicts": ignore_conflicts}
        with transaction.atomic(using=self.db):
            for obj in objs:
                obj.derive()
            created = super().bulk_create(objs, *args, **kwargs)
            self.model.after_change([obj.pk for obj in created if obj.pk])
        return created

    def bulk_update(self, objs, fields, *args, **kwargs):
        objs = list(objs)
        with transaction.atomic(using=self.db):
            derived = set().union(*(obj.derived_fields() for obj in objs))
            return super().bulk_update(objs, [*fields, *(derived - set(fields))], *args, **kwargs)


class ArchiveModel(models.Model):
    """Base of the tables whose rows show on public pages."""

    # Whether embargo instants depend on rows of this table.
    RESOLVES = False
    # Where from rows of this table the abstracts are whose searchable documents they are part of; "": of none.
    DOCUMENT = ""

    class Meta:
        abstract = True

    def derive(self) -> None:
        """Compute the fields that are functions of others. Called before every write but `update`."""

    @classmethod
    def resolve_after(cls, pks: Iterable[int], left: Iterable[int] = ()) -> None:
        """Resolve again the embargo of the abstracts that depend on the rows `pks`, and of the abstracts `left`."""

    @classmethod
    def leaves_behind(cls, pks: Iterable[int]) -> list[int]:
        """Abstracts that depend on the rows `pks` and may not, once these are changed."""
        return []

    @classmethod
    def after_change(cls, pks: Iterable[int], left: Iterable[int] = ()) -> None:
        """To be called in the transaction that changed the rows `pks`, with what `leaves_behind` said before."""
        pks = list(pks)
        ArchiveState.move_on()
        if cls.RESOLVES:
            cls.resolve_after(pks, left)
        DocumentChange.record(cls.documents_of(pks))

    @classmethod
    def documents_of(cls, pks: Iterable[int]) -> set[int | None]:
        """Primary keys of the abstracts whose searchable documents the rows `pks` are part of."""
        if not cls.DOCUMENT:
            return set()
        if cls.DOCUMENT == "pk":
            return set(pks)
        found: set[int | None] = set()
        for chunk in in_chunks(pks):
            rows = models.QuerySet(cls).filter(pk__in=chunk).order_by()
            found.update(rows.values_list(cls.DOCUMENT, flat=True))
        return found

    def derived_fields(self) -> set[str]:
        """Derive; the names of the fields that this changed."""
        before = dict(self.__dict__)
        self.derive()
        fields = self._meta.concrete_fields
        return {f.name for f in fields if self.__dict__.get(f.attname) != before.get(f.attname)}

    def save(self, *args, update_fields=None, **kwargs):
        derived = self.derived_fields()
        if update_fields is not None:
            update_fields = {*update_fields, *derived}
        with transaction.atomic():
            left = self.leaves_behind([self.pk]) if self.pk else []
            moved = self.documents_of([self.pk]) if self.pk and hasattr(self, "abstract_id") else ()
            super().save(*args, update_fields=update_fields, **kwargs)
            self.after_change([self.pk], left)
            DocumentChange.record(moved)


def after_delete(sender: type[ArchiveModel], instance: ArchiveModel, **kwargs) -> None:
    """Receiver of post_delete: runs inside the deletion's transaction, for cascades and querysets too."""
    if abstract := getattr(instance, "abstract_id", None) if sender.RESOLVES else None:
        instance._meta.get_field("abstract").related_model.resolve_after([abstract])
    ArchiveState.move_on()
    if sender.DOCUMENT:
        DocumentChange.record([instance.pk if sender.DOCUMENT == "pk" else getattr(instance, "abstract_id", None)])
