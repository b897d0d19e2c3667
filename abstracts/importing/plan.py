"""Decides what is to be done about each entry, and says it in the report."""

from typing import Any

from ..models import Abstract, AbstractSource
from . import existing
from .entries import Entry, check
from .figures import FigureFiles
from .merge import merge
from .options import ImportOptions
from .report import ImportReport, Outcome, RowReport
from .sections import promised_instant
from .sessions import session_key
from .targets import Target
from .write import Plan


class Planner:
    """Plans the entries of a run, batch by batch, and reports them."""

    def __init__(self, options: ImportOptions, report: ImportReport, files: FigureFiles | None):
        self.options, self.report, self.files = options, report, files
        self.legacy_ids: dict[int, int] = {}
        self.names_files = False

    def plan(self, target: Target, entries: list[Entry]) -> list[Plan]:
        """Plans for the valid entries; all entries are in the report afterwards."""
        found = existing.find(target.meeting.pk, entries)
        abstracts = {a.pk: a for a in found.values()}
        ours = existing.values_of(list(abstracts.values()))
        sources = AbstractSource.objects.in_bulk(list(abstracts))
        self._check_legacy_ids(entries, found)
        plans = []
        for entry in entries:
            abstract = _abstract_of(entry, found)
            images = self._validate(target, entry, abstract)
            if entry.errors:
                self.refuse(entry)
                continue
            source = sources.get(abstract.pk) if abstract else None
            plan = self._merged(target, entry, abstract, ours, source)
            plan.images = images
            plans.append(plan)
        return plans

    def refuse(self, entry: Entry) -> None:
        """Report an invalid entry."""
        self.report.rows.append(self._row(entry, Outcome.INVALID, entry.errors))

    def _row(self, entry: Entry, outcome: Outcome, messages: list[str], fields: list[str] | None = None) -> RowReport:
        meeting = "" if self.options.meeting else entry.meeting
        return RowReport(entry.line, entry.name, outcome, fields or [], messages, meeting)

    # Validity

    def _validate(self, target: Target, entry: Entry, abstract: Abstract | None) -> dict[int, Any]:
        check(entry)
        self._choose_tier(target, entry)
        for value in entry.values.get("sessions", []):
            if wrong := target.sessions.contradiction(value, entry.line):
                entry.errors.append(wrong)
        keys = [session_key(value) for value in entry.values.get("sessions", [])]
        if len(keys) != len(set(keys)):
            entry.errors.append("names the same session twice")
        if abstract and (before := target.seen.setdefault(abstract.pk, entry.line)) != entry.line:
            entry.errors.append(f"is the same abstract as line {before}")
        return self._images(entry)

    def _choose_tier(self, target: Target, entry: Entry) -> None:
        if entry.tier and not target.has_tier(entry.tier):
            entry.errors.append(
                f"{target.meeting} has no embargo tier “{entry.tier}”; it has: {', '.join(target.tiers)}"
            )
        elif entry.tier:
            entry.values["tier"] = entry.tier
        elif self.options.tier and not entry.promise:
            entry.values["tier"] = target.tier.name

    def _images(self, entry: Entry) -> dict[int, Any]:
        found = {}
        for place, name in entry.images.items():
            if not self.files:
                self.names_files = True
                continue
            try:
                found[place] = self.files.prepared(name)
            except ValueError as error:
                entry.errors.append(str(error))
                continue
            file = name.replace("\\", "/").rpartition("/")[2][:300]
            entry.values["figures"][place] |= {"file": file, "digest": found[place].digest}
        return found

    def _check_legacy_ids(self, entries: list[Entry], found: dict[tuple[str, str], Abstract]) -> None:
        ids = {entry.values.get("legacy_id") for entry in entries} - {None}
        taken = dict(Abstract.unfiltered.filter(legacy_id__in=ids).values_list("legacy_id", "pk")) if ids else {}
        for entry in entries:
            if (legacy := entry.values.get("legacy_id")) is None:
                continue
            abstract = _abstract_of(entry, found)
            if legacy in taken and (not abstract or taken[legacy] != abstract.pk):
                entry.errors.append(f"the id {legacy} of the former site belongs to another abstract")
            if (line := self.legacy_ids.setdefault(legacy, entry.line)) != entry.line:
                entry.errors.append(f"the id {legacy} of the former site is on line {line} already")

    # Merging

    def _merged(
        self,
        target: Target,
        entry: Entry,
        abstract: Abstract | None,
        ours: dict[int, dict[str, Any]],
        source: AbstractSource | None,
    ) -> Plan:
        if abstract is None:
            return self._new(target, entry)
        base = source.imported if source else {}
        if entry.promise and ours[abstract.pk]["sections"]:
            return self._still_promised(entry, abstract, source)
        theirs = self._theirs(target, entry, base)
        _keep_images(theirs, ours[abstract.pk]["figures"])
        merged = merge(theirs, ours[abstract.pk], base, self.options.overwrite_edits)
        if entry.values.get("sections"):
            merged.imported.pop("promise", None)
        self._sessions_of(target, merged.changes, entry, known="sessions" in base)
        entry.messages += [f"kept the staff's edit of {name}; the file says otherwise" for name in merged.kept]
        outcome = Outcome.CHANGED if merged.changes else Outcome.SKIPPED if merged.kept else Outcome.UNCHANGED
        self.report.rows.append(self._row(entry, outcome, entry.messages, sorted(merged.changes)))
        return Plan(entry, abstract, merged.changes, merged.imported, source)

    def _new(self, target: Target, entry: Entry) -> Plan:
        values = dict(entry.values)
        if entry.promise:
            values |= self._shell(target, entry)
        self._sessions_of(target, values, entry, known=False)
        self.report.rows.append(self._row(entry, Outcome.NEW, entry.messages))
        imported = {"tier": target.tier.name} | values | ({"promise": entry.promise} if entry.promise else {})
        return Plan(entry, None, values, imported)

    def _theirs(self, target: Target, entry: Entry, base: dict[str, Any]) -> dict[str, Any]:
        theirs = dict(entry.values)
        if entry.number:
            theirs["number"] = entry.number
        if entry.promise:
            return theirs | self._shell(target, entry)
        if base.get("promise") and theirs.get("sections"):
            # It was a row without text until now. (An export of it has none either, and lifts no embargo.)
            theirs = {"tier": target.tier.name, "override": None} | theirs
        return theirs

    def _sessions_of(self, target: Target, changes: dict[str, Any], entry: Entry, known: bool) -> None:
        """Bring sessions up to date where the last import wrote them; elsewhere they are staff's."""
        for value in changes.get("sessions", []):
            if known or self.options.overwrite_edits:
                target.sessions.update(value)
            elif target.sessions.differs(value):
                entry.messages.append(f"session “{value['title']}” is kept as it is here; the file says otherwise")

    # Rows without text

    def _shell(self, target: Target, entry: Entry) -> dict[str, Any]:
        instant = promised_instant(entry.promise, target.meeting.year, target.meeting.zone)
        when = f", understood as {instant.astimezone(target.meeting.zone):%Y-%m-%d %H:%M %Z}" if instant else ""
        entry.messages.append(f"has no text yet, only “{entry.promise}”{when}")
        if self.options.shell_tier:
            entry.messages.append(f"put under the embargo tier “{self.options.shell_tier}”")
            return {"tier": self.options.shell_tier, "override": None}
        override = target.shell_override()
        shows = f"from {override['listed_from']} on its number shows" if override else "nothing of it shows"
        entry.messages.append(
            f"held by an override of its own, whatever its tier: {shows}; import its full row to fill it"
        )
        return {"tier": "", "override": override}

    def _still_promised(self, entry: Entry, abstract: Abstract, source: AbstractSource | None) -> Plan:
        entry.messages.append(f"the file only promises its text (“{entry.promise}”), but it has one here: left alone")
        self.report.rows.append(self._row(entry, Outcome.SKIPPED, entry.messages))
        return Plan(entry, abstract, {}, source.imported if source else {}, source)


def _keep_images(theirs: dict[str, Any], ours: list[dict[str, str]]) -> None:
    """A figure for which the file brings no image keeps the one it has: that is no change."""
    for value, mine in zip(theirs.get("figures", []), ours, strict=False):
        if not value["digest"]:
            value |= {"file": mine["file"], "digest": mine["digest"]}


def _abstract_of(entry: Entry, found: dict[tuple[str, str], Abstract]) -> Abstract | None:
    for kind, value in (("number", entry.number), ("reference", entry.reference), ("slug", entry.slug)):
        if value and (abstract := found.get((kind, value))):
            return abstract
    return None
