"""The meetings and embargo tiers of an import: looked up, or planned."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from .. import clock
from ..models import EmbargoStep, EmbargoTier, Meeting
from ..models.embargo import Rules, opens_of, rules_of
from ..models.meeting import to_instant, validate_timezone
from ..visibility import Level
from ..words.text import slugify, squeeze
from .bulk import Keys
from .existing import override_value
from .options import BadInput, ImportOptions
from .sessions import SessionIndex
from .values import parse_date

DEFAULT_TIER = "Regular"


class Target:
    """One meeting into which rows are imported, with its tiers and sessions.

    `seen` has the abstracts that the file named so far: primary key -> line. `new_tiers` and their steps do not exist
    yet, nor does the meeting if it `is_new`; they have primary keys already.
    """

    def __init__(
        self, meeting: Meeting, tier_name: str, release: dt.datetime | str | None, keys: Keys, is_new: bool = False
    ):
        self.meeting = meeting
        self.keys = keys
        self.new_tiers: list[Rules] = []
        self.release = release
        self.is_new = is_new
        self.notes: list[str] = []
        self.tiers = {
            tier.name: tier for tier in EmbargoTier.objects.filter(meeting=meeting).order_by("position", "pk")
        }
        for tier in self.tiers.values():
            tier.meeting = meeting
        self._rules = rules_of(self.tiers.values())
        self.chosen = self._chosen_tier(tier_name)
        self.sessions = SessionIndex(meeting, keys)
        self.seen: dict[int, int] = {}

    def _chosen_tier(self, name: str) -> EmbargoTier | None:
        """The tier of new abstracts whose numbers no rule takes; a meeting without tiers gets one. None: no choice."""
        if self.tiers and not name:
            if self.release:
                self.notes.append("--release was not used: the meeting has embargo tiers, and no --tier was named.")
            return None
        if tier := self.tiers.get(name):
            if self.release:
                self.notes.append(f"The tier “{tier.name}” is there already: --release was not used on it.")
            return tier
        if self.tiers and not self.release:
            raise BadInput(
                f"{self.meeting} has no embargo tier “{name}”; it has: {', '.join(self.tiers)}. "
                "(With --release, the tier is created.)"
            )
        return self._plan_tier(name or DEFAULT_TIER)

    def _plan_tier(self, name: str) -> EmbargoTier:
        rules = new_tier(self.meeting, name, len(self.tiers), self.release, self.keys)
        self.tiers[name] = rules.tier
        self.new_tiers.append(rules)
        return rules.tier

    def rules(self) -> dict[int, Rules]:
        """The rules of all tiers, by primary key."""
        return self._rules | {rules.tier.pk: rules for rules in self.new_tiers}

    def has_tier(self, name: str) -> bool:
        """Whether the meeting has the tier `name`. One that the import creates gets each tier that a row names."""
        if name not in self.tiers and self.is_new and len(name) <= 100:
            self._plan_tier(name)
        return name in self.tiers

    def tier_of_new(self, number: str) -> EmbargoTier | None:
        """The tier of a new abstract: that of the only number rule that takes it, else the chosen one.

        None: there is neither, or several rules take it.
        """
        takers = [tier for tier in self.tiers.values() if tier.takes(number)]
        if takers:
            return takers[0] if len(takers) == 1 else None
        return self.chosen


def shell_override(target: Target, tier: EmbargoTier) -> dict[str, Any] | None:
    """The override of a row without text: its number shows from when `tier` shows others; it is never released.

    None where that instant depends on sessions or on staff: nothing of it shows then.
    """
    opens = opens_of(target.rules()[tier.pk], target.meeting)
    listed_from = opens[Level.SHELL]
    return override_value(Level.SHELL, listed_from) if listed_from else None


def new_tier(meeting: Meeting, name: str, position: int, release: dt.datetime | str | None, keys: Keys) -> Rules:
    """A tier that is held, or released at `release`: "now", an instant, or a local time of the meeting."""
    tier = EmbargoTier(meeting=meeting, name=name, position=position)
    keys.give([tier])
    step = EmbargoStep(tier=tier, shows=EmbargoStep.Shows.EVERYTHING, rule=EmbargoStep.Rule.HELD)
    if release:
        now = clock.now().replace(microsecond=0)
        local = now.astimezone(meeting.zone) if isinstance(release, str) else release
        local = local.astimezone(meeting.zone) if local.tzinfo else local
        step.rule, step.date, step.time = EmbargoStep.Rule.FIXED, local.date(), local.time()
        if isinstance(release, str) and to_instant(step.date, step.time, meeting.zone) > now:
            # In the hour in which clocks are set back, only UTC is unambiguous.
            step.timezone, step.date, step.time = "UTC", now.date(), now.time()
    return Rules(tier, (step,))


class Targets:
    """The targets of an import, planned when a row names them. Raises BadInput for options that make no sense."""

    def __init__(self, options: ImportOptions, keys: Keys):
        self.options, self.keys = options, keys
        self.known: dict[str, Target] = {}
        self.listed = read_meetings(options.meetings) if options.meetings else {}
        _check_timezone(options.timezone)
        if options.start and options.end and options.end < options.start:
            raise BadInput("The last day (--end) is before the first (--start).")
        if options.create and not options.meeting:
            raise BadInput("--create needs --meeting SLUG.")
        if options.meeting:
            self._add_single()

    def __getitem__(self, slug: str) -> Target:
        """The target of a row that names the meeting `slug`, or "". Raises ValueError with a message for the row."""
        if self.options.meeting:
            if slug and slug != self.options.meeting:
                raise ValueError(f"belongs to the meeting {slug}, but the import goes to {self.options.meeting}")
            return self.known[self.options.meeting]
        if not slug:
            raise ValueError("names no meeting")
        if slug not in self.known:
            existing = Meeting.objects.filter(slug=slug).first()
            if not (meeting := existing or self._plan_listed(slug)):
                raise ValueError(f"there is no meeting {slug}")
            self.known[slug] = self._target(meeting, existing)
        return self.known[slug]

    def _target(self, meeting: Meeting, existing: Meeting | None) -> Target:
        if existing is None:
            self.keys.give([meeting])
        return Target(meeting, self.options.tier, self.options.release, self.keys, is_new=existing is None)

    def _add_single(self) -> None:
        options = self.options
        existing = Meeting.objects.filter(slug=options.meeting).first()
        meeting = existing or self._plan_from_options() or self._plan_listed(options.meeting)
        if not meeting:
            slugs = ", ".join(Meeting.objects.order_by("-year").values_list("slug", flat=True)[:10]) or "none yet"
            raise BadInput(
                f"There is no meeting {options.meeting}. Meetings: {slugs}. "
                "Create it: --create “Printed name” --start …"
            )
        target = self._target(meeting, existing)
        self.known[options.meeting] = target
        if existing and options.create:
            target.notes.insert(0, f"The meeting {meeting.slug} is there already: --create was not used.")
        if options.shell_tier and options.shell_tier not in target.tiers:
            raise BadInput(f"{meeting} has no embargo tier “{options.shell_tier}”; it has: {', '.join(target.tiers)}.")

    def _plan_from_options(self) -> Meeting | None:
        options = self.options
        if not options.create:
            return None
        if slugify(options.meeting, 100) != options.meeting:
            raise BadInput(
                f"“{options.meeting}” is no address; write it as {slugify(options.meeting, 100) or 'acr-2025'}."
            )
        year_in_name = re.search(r"(?:19|20)\d\d", options.create)
        if not (options.start or year_in_name):
            raise BadInput("In which year is the meeting? Say --start YYYY-MM-DD.")
        if options.end and not options.start:
            raise BadInput("A meeting with a last day (--end) needs a first day (--start).")
        year = options.start.year if options.start else int(year_in_name[0]) if year_in_name else 0
        dates = {"starts_on": options.start, "ends_on": options.end}
        return _plan_meeting(options.meeting, options.timezone, name=options.create, year=year, **dates)

    def _plan_listed(self, slug: str) -> Meeting | None:
        """Plan the meeting `slug` of the file of `--meetings`; None if it is not in there."""
        if slug not in self.listed:
            return None
        fields = dict(self.listed[slug])
        zone = fields.pop("timezone") or self.options.timezone
        return _plan_meeting(slug, zone, kind=Meeting.Kind.OTHER, **fields)


def _plan_meeting(slug: str, zone: str, **fields: Any) -> Meeting:
    """A new meeting; without a `zone` it has the default one. Raises BadInput."""
    meeting = Meeting(slug=slug, **fields)
    meeting.timezone = zone or meeting.timezone
    try:
        meeting.full_clean()
    except ValidationError as error:
        problems = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise BadInput(f"The meeting {meeting.slug} cannot be created: {problems}") from None
    meeting.derive()
    return meeting


def _check_timezone(name: str) -> None:
    if not name:
        return
    try:
        validate_timezone(name)
    except ValidationError as error:
        raise BadInput(error.messages[0]) from None


def read_meetings(path: Path) -> dict[str, dict[str, Any]]:
    """The meetings of a JSON Lines file, by slug: the values of their fields."""
    meetings: dict[str, dict[str, Any]] = {}
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The meetings cannot be read: {error}.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                slug, info = _meeting_info(json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise BadInput(f"{Path(path).name}, line {number}, is no meeting: {error}.") from None
            if slug in meetings:
                raise BadInput(f"{Path(path).name}, line {number}: the meeting {slug} stands there twice.")
            meetings[slug] = info
    return meetings


def _meeting_info(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    slug, name, year = data["meeting"], squeeze(data["name"]), data["year"]
    if slugify(slug, 120) != slug or not name or not isinstance(year, int):
        raise ValueError("meeting, name or year")
    _check_timezone(data.get("timezone") or "")
    start, end = (parse_date(data[key]) if data.get(key) else None for key in ("start", "end"))
    texts = {key: squeeze(data.get(key) or "") for key in ("city", "timezone")}
    return slug, {"name": name, "year": year, "starts_on": start, "ends_on": end, **texts}
