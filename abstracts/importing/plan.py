"""Decides what to do with each incoming abstract, and reports it. It only reads: see `write`."""

import copy
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from ..models import Abstract, AbstractSource, Session
from ..models.imaging import PreparedImage
from ..visibility import Status
from . import existing
from .decided import late_fields, state_of
from .fields import STORED
from .figures import FigureFiles
from .incoming import IncomingAbstract, check, check_note
from .merge import merge
from .options import ImportOptions
from .report import ImportReport, Outcome, RowReport
from .sections import promised_instant
from .sessions import session_key
from .targets import Target, shell_override


@dataclass
class Plan:
    """What to do with one incoming abstract.

    `abstract` is as it is stored, None for a new one; `row` is as it will be, without derived fields. `redirects` are
    addresses that are to lead to it. `sessions` are those of the changed field of that name.
    """

    target: Target
    incoming: IncomingAbstract
    abstract: Abstract | None
    row: Abstract
    changes: dict[str, Any]
    imported: dict[str, Any]
    report: RowReport
    source: AbstractSource | None = None
    images: dict[int, PreparedImage] = field(default_factory=dict)
    redirects: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)


class Planner:
    """Plans the incoming abstracts of a run, batch by batch, and reports them."""

    def __init__(self, options: ImportOptions, report: ImportReport, files: FigureFiles | None):
        self.options, self.report, self.files = options, report, files
        self.legacy_ids: dict[int, int] = {}
        self.misses_files = False
        # Lines of the rows that stay without text, as they only promise it.
        self.promises: set[int] = set()

    def plan(self, target: Target, batch: list[IncomingAbstract]) -> list[Plan]:
        """Plans for the valid abstracts of `batch`; all of them are in the report afterwards."""
        by_key = existing.find(target.meeting.pk, batch)
        matches = {incoming.line: _match(incoming, by_key) for incoming in batch}
        abstracts = list({abstract.pk: abstract for abstract in by_key.values()}.values())
        stored = existing.values_of(abstracts)
        sources = AbstractSource.unfiltered.in_bulk([abstract.pk for abstract in abstracts])
        self._check_legacy_ids(batch, matches)
        plans = []
        for incoming in batch:
            abstract = matches[incoming.line]
            source = sources.get(abstract.pk) if abstract else None
            self._choose_tier(target, incoming, is_new=abstract is None or _fills_promise(incoming, source))
            images = self._check(target, incoming, abstract)
            if incoming.errors:
                self.refuse(incoming)
                continue
            plan: Plan | None
            if abstract is None:
                plan = self._plan_new(target, incoming)
            else:
                plan = self._plan_known(target, incoming, abstract, stored[abstract.pk], source)
            if plan is None:
                continue
            plan.images = images
            plan.sessions = target.sessions.get_or_plan(plan.changes.get("sessions", []))
            plans.append(plan)
        return plans

    def refuse(self, incoming: IncomingAbstract) -> None:
        """Report an invalid abstract."""
        self._report(incoming, Outcome.INVALID, incoming.errors)

    def _report(
        self,
        incoming: IncomingAbstract,
        outcome: Outcome,
        messages: list[str],
        fields: list[str] | None = None,
    ) -> RowReport:
        meeting = "" if self.options.meeting else incoming.meeting
        row = RowReport(incoming.line, incoming.name, outcome, fields or [], messages, meeting)
        self.report.rows.append(row)
        return row

    # Validity

    def _check(self, target: Target, incoming: IncomingAbstract, abstract: Abstract | None) -> dict[int, PreparedImage]:
        """Add errors to `incoming`; returns its images."""
        check(incoming)
        if abstract is None:
            check_note(incoming, incoming.values, {"status": Status.PUBLISHED, "status_note": ""})
        sessions = incoming.values.get("sessions", [])
        for value in sessions:
            if error := target.sessions.contradiction(value, incoming.line):
                incoming.errors.append(error)
        if len({session_key(value) for value in sessions}) != len(sessions):
            incoming.errors.append("names the same session twice")
        checked = self.options.checked
        if abstract is None and checked and checked.rows.get(str(incoming.line)):
            incoming.errors.append("was deleted here after the check")
        if abstract and (line := target.seen.setdefault(abstract.pk, incoming.line)) != incoming.line:
            incoming.errors.append(f"is the same abstract as line {line}")
        return self._prepare_images(incoming)

    def _choose_tier(self, target: Target, incoming: IncomingAbstract, is_new: bool) -> None:
        """The tier that the row names; for a new abstract else the one of a number rule, else the chosen one."""
        if incoming.tier and not target.has_tier(incoming.tier):
            incoming.errors.append(
                f"{target.meeting} has no embargo tier “{incoming.tier}”; it has: {', '.join(target.tiers)}"
            )
        elif incoming.tier:
            incoming.values["tier"] = incoming.tier
        elif is_new and "tier" not in incoming.values and not (incoming.promise and self.options.shell_tier):
            if tier := target.tier_of_new(incoming.number):
                incoming.values["tier"] = tier.name
            else:
                incoming.errors.append(_no_tier(incoming.number))

    def _prepare_images(self, incoming: IncomingAbstract) -> dict[int, PreparedImage]:
        images = {}
        for place, name in incoming.images.items():
            if not self.files:
                self.misses_files = True
                continue
            try:
                images[place] = self.files.prepare(name)
            except ValueError as error:
                incoming.errors.append(str(error))
                continue
            file = name.replace("\\", "/").rpartition("/")[2][:300]
            incoming.values["figures"][place] |= {"file": file, "digest": images[place].digest}
        return images

    def _check_legacy_ids(self, batch: list[IncomingAbstract], matches: dict[int, Abstract | None]) -> None:
        ids = {incoming.values.get("legacy_id") for incoming in batch} - {None}
        owners = dict(Abstract.unfiltered.filter(legacy_id__in=ids).values_list("legacy_id", "pk"))
        for incoming in batch:
            if (legacy_id := incoming.values.get("legacy_id")) is None:
                continue
            abstract = matches[incoming.line]
            if legacy_id in owners and (not abstract or owners[legacy_id] != abstract.pk):
                incoming.errors.append(f"the id {legacy_id} of the former site belongs to another abstract")
            if (line := self.legacy_ids.setdefault(legacy_id, incoming.line)) != incoming.line:
                incoming.errors.append(f"the id {legacy_id} of the former site is on line {line} already")

    # Plans

    def _plan_new(self, target: Target, incoming: IncomingAbstract) -> Plan:
        values = dict(incoming.values)
        if incoming.promise:
            values |= self._shell_values(target, incoming)
        self._update_sessions(target, values, incoming, was_imported=False)
        report = self._report(incoming, Outcome.NEW, incoming.messages)
        imported = values | ({"promise": incoming.promise} if incoming.promise else {})
        row = Abstract(meeting=target.meeting, number=incoming.number or None)
        _fill(row, target, values)
        return Plan(target, incoming, None, row, values, imported, report)

    def _plan_known(
        self,
        target: Target,
        incoming: IncomingAbstract,
        abstract: Abstract,
        stored: dict[str, Any],
        source: AbstractSource | None,
    ) -> Plan | None:
        """None for a row that turns out to be invalid."""
        imported = source.imported if source else {}
        if incoming.promise and stored["sections"]:
            incoming.messages.append(
                f"the file only promises its text (“{incoming.promise}”), but it has one here: left alone"
            )
            report = self._report(incoming, Outcome.SKIPPED, incoming.messages)
            return Plan(target, incoming, abstract, abstract, {}, imported, report, source)
        values = self._values_for(target, incoming, source)
        _keep_images(values, stored["figures"])
        late = self._late_fields(incoming, abstract, stored)
        merged = merge(values, stored, imported, self.options.overwrite_edits, late)
        check_note(incoming, merged.changes, stored)
        if incoming.errors:
            self.refuse(incoming)
            return None
        if incoming.values.get("sections"):
            merged.imported.pop("promise", None)
        self._update_sessions(target, merged.changes, incoming, was_imported="sessions" in imported)
        incoming.messages += [f"kept the staff's edit of {name}; the file says otherwise" for name in merged.edits]
        incoming.messages += [f"kept {name} as it is here: it was changed after the check" for name in merged.late]
        kept = merged.edits or merged.late
        outcome = Outcome.CHANGED if merged.changes else Outcome.SKIPPED if kept else Outcome.UNCHANGED
        report = self._report(incoming, outcome, incoming.messages, sorted(merged.changes))
        row = copy.copy(abstract)
        _fill(row, target, {name: value for name, value in merged.changes.items() if name != "slug"})
        return Plan(target, incoming, abstract, row, merged.changes, merged.imported, report, source)

    def _late_fields(self, incoming: IncomingAbstract, abstract: Abstract, stored: dict[str, Any]) -> set[str]:
        """The fields that staff decided after the check of this file; a check remembers the state for that."""
        state = self.report.states.rows[str(incoming.line)] = state_of(abstract, stored)
        checked = self.options.checked
        return late_fields(state, checked.rows.get(str(incoming.line))) if checked else set()

    def _values_for(self, target: Target, incoming: IncomingAbstract, source: AbstractSource | None) -> dict[str, Any]:
        """The values of `incoming` for an abstract that exists."""
        values = dict(incoming.values)
        if incoming.number:
            values["number"] = incoming.number
        if incoming.promise:
            return values | self._shell_values(target, incoming)
        if _fills_promise(incoming, source):
            return {"override": None} | values
        return values

    def _update_sessions(
        self, target: Target, changes: dict[str, Any], incoming: IncomingAbstract, was_imported: bool
    ) -> None:
        """Change sessions as the file says if the last import wrote them; other sessions are the staff's."""
        sessions, checked = target.sessions, self.options.checked
        for value in changes.get("sessions", []):
            if not (was_imported or self.options.overwrite_edits):
                reason = "the file says otherwise"
            elif checked and sessions.is_late(value, checked):
                reason = "it was changed after the check"
            else:
                sessions.change(value, incoming.line)
                continue
            if sessions.differs(value):
                incoming.messages.append(f"session “{value['title']}” is kept as it is here; {reason}")

    # Rows without text

    def _shell_values(self, target: Target, incoming: IncomingAbstract) -> dict[str, Any]:
        """Tier and override of a row that only promises its text; messages say what they are."""
        self.promises.add(incoming.line)
        instant = promised_instant(incoming.promise, target.meeting.year, target.meeting.zone)
        when = f", understood as {instant.astimezone(target.meeting.zone):%Y-%m-%d %H:%M %Z}" if instant else ""
        incoming.messages.append(f"has no text yet, only “{incoming.promise}”{when}")
        if self.options.shell_tier:
            incoming.messages.append(f"put under the embargo tier “{self.options.shell_tier}”")
            return {"tier": self.options.shell_tier, "override": None}
        name = incoming.values.get("tier")
        tier = target.tiers[name] if name else target.tier_of_new(incoming.number)
        if not tier:
            # Only of one that is stored: it stays as it is.
            return {}
        override = shell_override(target, tier)
        shows = f"from {override['listed_from']} on its number shows" if override else "nothing of it shows"
        incoming.messages.append(
            f"held by an override of its own, whatever its tier: {shows}; import its full row to fill it"
        )
        return {"tier": "", "override": override}


def _fills_promise(incoming: IncomingAbstract, source: AbstractSource | None) -> bool:
    """Whether `incoming` brings the text of an abstract whose row had none until now.

    (A row of an export may have none either, and lifts no embargo.)
    """
    return bool(source and source.imported.get("promise") and incoming.values.get("sections"))


def _no_tier(number: str) -> str:
    rule = f"no rule of the meeting takes the number {number}" if number else "it has no number that a rule could take"
    return f"no embargo tier: {rule}; choose a tier"


def _fill(abstract: Abstract, target: Target, changes: dict[str, Any]) -> None:
    for stored in STORED:
        if stored.name in changes:
            stored.load(abstract, changes[stored.name])
    if "tier" in changes:
        abstract.tier = target.tiers[changes["tier"]] if changes["tier"] else None
    if "override" in changes:
        override = changes["override"] or {"level": None, "listed_from": None}
        abstract.override_listing_level = override["level"]
        listed_from = override["listed_from"]
        abstract.override_listed_from = dt.datetime.fromisoformat(listed_from) if listed_from else None


def _keep_images(values: dict[str, Any], stored: list[dict[str, str]]) -> None:
    """A figure for which the file brings no image keeps the one it has: that is no change."""
    for figure, old in zip(values.get("figures", []), stored, strict=False):
        if not figure["digest"]:
            figure |= {"file": old["file"], "digest": old["digest"]}


def _match(incoming: IncomingAbstract, by_key: dict[tuple[str, str], Abstract]) -> Abstract | None:
    return next((by_key[key] for key in incoming.keys if key in by_key), None)
