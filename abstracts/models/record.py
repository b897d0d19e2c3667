"""The record of what the public saw, and when and why that changed: written by the gate, never changed.

Each entry contains the digest of the one before it, so that a missing or changed entry shows (`broken_links`).
Triggers of the database refuse UPDATE and DELETE; they are made again after each `migrate`, which may drop them.
Nothing here is a foreign key: an entry stays as it was written when the user, the abstract or the meeting is gone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.utils import timezone

from .. import clock
from ..visibility import OpenManager, Status
from .effects import Effect, Standing
from .gate import Bypass, Decision

BATCH = 500
# Columns of lines that were written since there are steps, and before.
STEP_COLUMNS = tuple(
    f"{side}_{name}" for side in ("old", "new") for name in ("hides_title", "numbered_from", "titled_from")
)
FORMER_COLUMNS = ("old_listing_level", "new_listing_level")


class RecordHead(models.Model):
    """One row: the number and the digest of the last entry. Writers queue for it, so that the chain never forks."""

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    began_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="record_head_single_row")]

    def __str__(self) -> str:
        return f"entry {self.number}"


class EmbargoRecord(models.Model):
    """One change: who made it, when, why and by which door. Its lines say what it did to each abstract."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField("by", max_length=254, blank=True)
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_by_name = models.CharField("proposed by", max_length=254, blank=True)
    door = models.CharField("what was done", max_length=300, blank=True)
    reason = models.TextField(blank=True)
    abstracts = models.PositiveIntegerField(default=0)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    objects = OpenManager()

    class Meta:
        ordering = ["-number"]
        verbose_name = "entry of the embargo record"
        verbose_name_plural = "embargo record"

    def __str__(self) -> str:
        return f"{self.number}: {self.door}"

    @classmethod
    def write(cls, effects: Iterable[Effect], policy: Decision | Bypass | None) -> EmbargoRecord:
        """Add an entry with a line for each effect. Call it last in the transaction."""
        decision = policy if isinstance(policy, Decision) else None
        entry = cls(
            at=clock.now(),
            by_id=decision.by.pk if decision and decision.by else None,
            by_name=_name(decision.by) if decision else "",
            proposed_by_id=decision.proposed_by.pk if decision and decision.proposed_by else None,
            proposed_by_name=_name(decision.proposed_by) if decision else "",
            door=(decision.door if decision else "")[:300],
            reason=policy.why if isinstance(policy, Bypass) else decision.reason if decision else "",
        )
        lines = [RecordLine.of(effect) for effect in effects]
        entry.abstracts = len(lines)
        RecordHead.objects.get_or_create(pk=1)
        head = RecordHead.objects.select_for_update().get(pk=1)
        entry.number, entry.previous = head.number + 1, head.digest
        for line in lines:
            line.entry_id = entry.number
        entry.digest = entry.computed_digest(lines)
        entry.save(force_insert=True)
        RecordLine.objects.bulk_create(lines, batch_size=BATCH)
        RecordHead.objects.filter(pk=1).update(number=entry.number, digest=entry.digest)
        return entry

    def computed_digest(self, lines: Iterable[RecordLine]) -> str:
        """SHA-256, in hexadecimal digits, of the entry, its `lines` and the digest of the entry before."""
        names = [f.attname for f in self._meta.concrete_fields if f.name not in ("digest", "number", "previous")]
        head = [self.number, self.previous, *(_plain(getattr(self, name)) for name in names)]
        rows = sorted(line.as_row() for line in lines)
        return hashlib.sha256(json.dumps([head, rows], ensure_ascii=True).encode()).hexdigest()

    def as_dict(self, lines: Iterable[RecordLine]) -> dict[str, Any]:
        """For JSON: everything, in words that need no database to be read."""
        entry = {f.attname: _plain(getattr(self, f.attname)) for f in self._meta.concrete_fields}
        return entry | {"lines": [line.as_dict() for line in lines]}


class RecordLine(models.Model):
    """What one change did to one abstract: its columns and the public's level before and after."""

    entry = models.ForeignKey(EmbargoRecord, models.PROTECT, related_name="+")
    abstract_id = models.BigIntegerField(db_index=True)
    meeting = models.CharField(max_length=120, db_index=True)
    number = models.CharField(max_length=40, blank=True)
    old_status = models.CharField(max_length=12, blank=True, choices=Status)
    old_level = models.PositiveSmallIntegerField()
    # Lines from before there were steps say what showed from `listed_from` on; later ones have NULL here.
    old_listing_level = models.PositiveSmallIntegerField(null=True)
    old_listed_from = models.DateTimeField(null=True)
    old_released_from = models.DateTimeField(null=True)
    new_status = models.CharField(max_length=12, blank=True, choices=Status)
    new_level = models.PositiveSmallIntegerField()
    new_listing_level = models.PositiveSmallIntegerField(null=True)
    new_listed_from = models.DateTimeField(null=True)
    new_released_from = models.DateTimeField(null=True)
    old_hides_title = models.BooleanField(default=False)
    old_numbered_from = models.DateTimeField(null=True)
    old_titled_from = models.DateTimeField(null=True)
    new_hides_title = models.BooleanField(default=False)
    new_numbered_from = models.DateTimeField(null=True)
    new_titled_from = models.DateTimeField(null=True)

    objects = OpenManager()

    class Meta:
        ordering = ["entry", "pk"]

    def __str__(self) -> str:
        return f"{self.meeting} {self.number or self.abstract_id}"

    @classmethod
    def of(cls, effect: Effect) -> RecordLine:
        columns = {f"old_{name}": value for name, value in effect.old._asdict().items()}
        columns |= {f"new_{name}": value for name, value in effect.new._asdict().items()}
        levels = {"old_level": effect.before.level, "new_level": effect.after.level}
        return cls(abstract_id=effect.pk or 0, meeting=effect.meeting, number=effect.number, **columns, **levels)

    @property
    def old(self) -> Standing:
        return self._standing("old")

    @property
    def new(self) -> Standing:
        return self._standing("new")

    @property
    def is_of_former_form(self) -> bool:
        return self.old_listing_level is not None

    def _standing(self, side: str) -> Standing:
        values = {name: getattr(self, f"{side}_{name}") for name in Standing._fields}
        if self.is_of_former_form:
            before = getattr(self, f"{side}_listing_level")
            released, listed = values["released_from"], values["listed_from"]
            for name, level in (("numbered_from", 1), ("titled_from", 2), ("listed_from", 2)):
                instants = [listed if before >= level else None, released]
                values[name] = min(filter(None, instants), default=None)
        return Standing(**values)

    def as_dict(self) -> dict[str, Any]:
        """Its values by column, for JSON. A line of the former form has the columns that there were then."""
        unused = STEP_COLUMNS if self.is_of_former_form else FORMER_COLUMNS
        fields = [f for f in self._meta.concrete_fields if f.name not in ("id", "entry", *unused)]
        return {f.attname: _plain(getattr(self, f.attname)) for f in fields}

    def as_row(self) -> list[str]:
        """Its values as text, in the order of the columns, for the digest."""
        return [json.dumps(value) for value in self.as_dict().values()]


def lines_by_entry(entries: Iterable[EmbargoRecord]) -> Iterator[tuple[EmbargoRecord, list[RecordLine]]]:
    """Each entry with its lines; one query for each entry, so that long records need little memory."""
    for entry in entries:
        yield entry, list(RecordLine.objects.filter(entry=entry).order_by("pk"))


def table_of(meeting: str) -> Iterator[list[str]]:
    """The record of the abstracts of `meeting` (slug) as a table with a head, oldest first."""
    entry_fields = [f.attname for f in EmbargoRecord._meta.concrete_fields if f.name != "abstracts"]
    line_fields = [f.attname for f in RecordLine._meta.concrete_fields if f.name not in ("id", "entry")]
    names = {"number": "entry", "door": "what_was_done"}
    yield [*(names.get(name, name) for name in entry_fields), *line_fields]
    lines = RecordLine.objects.filter(meeting=meeting).select_related("entry").order_by("entry_id", "pk")
    for line in lines.iterator(chunk_size=2000):
        values = [*(getattr(line.entry, name) for name in entry_fields), *(getattr(line, name) for name in line_fields)]
        yield ["" if value is None else str(_plain(value)) for value in values]


def broken_links() -> Iterator[str]:
    """What is wrong with the chain, in sentences; nothing if every entry is as it was written."""
    previous, expected = "", 0
    for entry, lines in lines_by_entry(EmbargoRecord.objects.order_by("number").iterator()):
        expected += 1
        if entry.number != expected:
            yield f"Entries {expected} to {entry.number - 1} are missing."
            expected = entry.number
        elif entry.previous != previous:
            yield f"Entry {entry.number} does not follow the entry before it."
        if entry.digest != entry.computed_digest(lines):
            yield f"Entry {entry.number} is not as it was written."
        previous = entry.digest
    head = RecordHead.objects.filter(pk=1).first()
    number, digest = (head.number, head.digest) if head else (0, "")
    if (number, digest) != (expected, previous):
        yield f"The last entry is {expected}, but {number} entries were written."


def _name(user: Any) -> str:
    return str(user)[:254] if user else ""


def _plain(value: Any) -> Any:
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds") if isinstance(value, dt.datetime) else value
