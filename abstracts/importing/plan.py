"""Decides what to do with each incoming abstract, and reports it."""

from dataclasses import dataclass, field
from typing import Any

from ..models import Abstract, AbstractSource
from ..models.imaging import PreparedImage
from . import existing
from .figures import FigureFiles
from .incoming import IncomingAbstract, check
from .merge import merge
from .options import ImportOptions
from .report import ImportReport, Outcome, RowReport
from .sections import promised_instant
from .sessions import session_key
from .targets import Target, shell_override


@dataclass
class Plan:
    """What to do with one incoming abstract. `abstract` is None until a new one is created."""

    incoming: IncomingAbstract
    abstract: Abstract | None
    changes: dict[str, Any]
    imported: dict[str, Any]
    source: AbstractSource | None = None
    images: dict[int, PreparedImage] = field(default_factory=dict)

    @property
    def row(self) -> Abstract:
        """The abstract, which exists by now."""
        assert self.abstract is not None
        return self.abstract


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
        sources = AbstractSource.objects.in_bulk([abstract.pk for abstract in abstracts])
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
            if abstract is None:
                plan = self._plan_new(target, incoming)
            else:
                plan = self._plan_known(target, incoming, abstract, stored[abstract.pk], source)
            plan.images = images
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
    ) -> None:
        meeting = "" if self.options.meeting else incoming.meeting
        self.report.rows.append(RowReport(incoming.line, incoming.name, outcome, fields or [], messages, meeting))

    # Validity

    def _check(self, target: Target, incoming: IncomingAbstract, abstract: Abstract | None) -> dict[int, PreparedImage]:
        """Add errors to `incoming`; returns its images."""
        check(incoming)
        sessions = incoming.values.get("sessions", [])
        for value in sessions:
            if error := target.sessions.contradiction(value, incoming.line):
                incoming.errors.append(error)
        if len({session_key(value) for value in sessions}) != len(sessions):
            incoming.errors.append("names the same session twice")
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
        self._report(incoming, Outcome.NEW, incoming.messages)
        imported = values | ({"promise": incoming.promise} if incoming.promise else {})
        return Plan(incoming, None, values, imported)

    def _plan_known(
        self,
        target: Target,
        incoming: IncomingAbstract,
        abstract: Abstract,
        stored: dict[str, Any],
        source: AbstractSource | None,
    ) -> Plan:
        imported = source.imported if source else {}
        if incoming.promise and stored["sections"]:
            incoming.messages.append(
                f"the file only promises its text (“{incoming.promise}”), but it has one here: left alone"
            )
            self._report(incoming, Outcome.SKIPPED, incoming.messages)
            return Plan(incoming, abstract, {}, imported, source)
        values = self._values_for(target, incoming, source)
        _keep_images(values, stored["figures"])
        merged = merge(values, stored, imported, self.options.overwrite_edits)
        if incoming.values.get("sections"):
            merged.imported.pop("promise", None)
        self._update_sessions(target, merged.changes, incoming, was_imported="sessions" in imported)
        incoming.messages += [f"kept the staff's edit of {name}; the file says otherwise" for name in merged.edits]
        outcome = Outcome.CHANGED if merged.changes else Outcome.SKIPPED if merged.edits else Outcome.UNCHANGED
        self._report(incoming, outcome, incoming.messages, sorted(merged.changes))
        return Plan(incoming, abstract, merged.changes, merged.imported, source)

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
        """Update sessions from the file if the last import wrote them; other sessions are the staff's."""
        for value in changes.get("sessions", []):
            if was_imported or self.options.overwrite_edits:
                target.sessions.update(value)
            elif target.sessions.differs(value):
                incoming.messages.append(f"session “{value['title']}” is kept as it is here; the file says otherwise")

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
        override = shell_override(tier)
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


def _keep_images(values: dict[str, Any], stored: list[dict[str, str]]) -> None:
    """A figure for which the file brings no image keeps the one it has: that is no change."""
    for figure, old in zip(values.get("figures", []), stored, strict=False):
        if not figure["digest"]:
            figure |= {"file": old["file"], "digest": old["digest"]}


def _match(incoming: IncomingAbstract, by_key: dict[tuple[str, str], Abstract]) -> Abstract | None:
    return next((by_key[key] for key in incoming.keys if key in by_key), None)
