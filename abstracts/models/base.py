"""What every table of the archive shares: derived fields, embargo resolution and the archive's revision.

Whoever changes a row, by `save`, `delete`, `update` or in bulk, in the same transaction

1. has the row's derived fields computed (`derive`),
2. has the embargo instants that depend on it resolved again (`resolve_after`), and
3. moves the archive's revision on, by which caches know that they are old.
"""

from collections.abc import Iterable

from django.db import models, transaction


class ArchiveState(models.Model):
    """One row: the revision of the archive. It moves in the transaction of every change of public content."""

    revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="archive_state_single_row")]

    def __str__(self) -> str:
        return f"revision {self.revision}"

    @classmethod
    def move_on(cls) -> None:
        """Add one to the revision. Writers queue here, so commit order is revision order."""
        if not cls.objects.filter(pk=1).update(revision=models.F("revision") + 1):
            cls.objects.bulk_create([cls(pk=1, revision=1)], ignore_conflicts=True)

    @classmethod
    def current_revision(cls) -> int:
        """The revision now; 0 for an archive never written to."""
        return cls.objects.filter(pk=1).values_list("revision", flat=True).first() or 0


class ArchiveQuerySet(models.QuerySet):
    """Bulk changes keep the three promises of this module."""

    def update(self, **kwargs):
        with transaction.atomic(using=self.db):
            pks = list(self.values_list("pk", flat=True)) if self.model.RESOLVES else []
            changed = super().update(**kwargs)
            self.model.after_change(pks)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        with transaction.atomic(using=self.db):
            for obj in objs:
                obj.derive()
            created = super().bulk_create(objs, *args, **kwargs)
            self.model.after_change([obj.pk for obj in created if obj.pk])
        return created

    def bulk_update(self, objs, fields, *args, **kwargs):
        objs = list(objs)
        with transaction.atomic(using=self.db):
            for obj in objs:
                obj.derive()
            return super().bulk_update(objs, fields, *args, **kwargs)


class ArchiveModel(models.Model):
    """Base of the tables whose rows show on public pages."""

    # Whether embargo instants depend on rows of this table.
    RESOLVES = False

    class Meta:
        abstract = True

    def derive(self) -> None:
        """Compute the fields that are functions of others. Called before every write but `update`."""

    @classmethod
    def resolve_after(cls, pks: Iterable[int]) -> None:
        """Resolve again the embargo of the abstracts that depend on the rows `pks`."""

    @classmethod
    def after_change(cls, pks: Iterable[int]) -> None:
        """To be called in the transaction that changed the rows `pks`."""
        if cls.RESOLVES:
            cls.resolve_after(pks)
        ArchiveState.move_on()

    def save(self, *args, update_fields=None, **kwargs):
        self.derive()
        with transaction.atomic():
            super().save(*args, update_fields=update_fields, **kwargs)
            self.after_change([self.pk])


def after_delete(sender: type[ArchiveModel], instance: ArchiveModel, **kwargs) -> None:
    """Receiver of post_delete: runs inside the deletion's transaction, for cascades and querysets too."""
    if abstract := getattr(instance, "abstract_id", None) if sender.RESOLVES else None:
        instance._meta.get_field("abstract").related_model.resolve_after([abstract])
    ArchiveState.move_on()
