"""Releases at a clock time that comes twice, or never, because clocks change that night."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from typing import NamedTuple

from ...models import EmbargoStep, Meeting, Session
from ...models.embargo import Rules
from ...words.counts import counted
from ..embargo import both_zones
from ..steps import clock_time, in_order, name_of
from .base import Embargo, MeetingWarning, abstract_links, meeting_link, rows_of, session_link, tier_link


class Local(NamedTuple):
    """A clock time in a zone."""

    date: dt.date
    time: dt.time
    zone: zoneinfo.ZoneInfo

    @classmethod
    def of(cls, instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> "Local":
        local = instant.astimezone(zone)
        return cls(local.date(), local.time(), zone)

    @property
    def instants(self) -> tuple[dt.datetime, dt.datetime]:
        """Its two readings (UTC): equal unless clocks change."""
        local = dt.datetime.combine(self.date, self.time, self.zone)
        return local.replace(fold=0).astimezone(dt.UTC), local.replace(fold=1).astimezone(dt.UTC)

    @property
    def is_twice(self) -> bool:
        first, second = self.instants
        return first < second

    @property
    def is_skipped(self) -> bool:
        first, second = self.instants
        return first > second

    def sentence(self, what: str, instant: dt.datetime) -> str:
        """What really happens: `what` (“it releases”) at `instant`. "" if clocks do not change then."""
        named = f"{clock_time(self.time)} on {self.date:%b} {self.date.day}, {self.date.year}"
        really = both_zones(instant, self.zone)
        if self.is_skipped:
            return f"{named} never comes, because clocks jump over it; {what} at {really}."
        if self.is_twice:
            which = "first" if instant == self.instants[0] else "second"
            return f"{named} occurs twice; {what} at the {which}, {really}."
        return ""


def clock_changes(embargo: Embargo) -> list[MeetingWarning]:
    warnings = []
    for rules in embargo.rules.values():
        for step in in_order(rules.steps):
            warnings += _of_step(embargo, rules, step)
    return [*warnings, *_of_sessions(embargo), *_of_overrides(embargo), *_of_news(embargo)]


def _of_step(embargo: Embargo, rules: Rules, step: EmbargoStep) -> Iterator[MeetingWarning]:
    zone, groups = step.zone(embargo.meeting), embargo.groups_of(rules)
    instants = {group.instants[step.shows] for group in groups}
    dates = {step.Rule.FIXED: step.date, step.Rule.FIRST_DAY: embargo.meeting.starts_on}
    dates[step.Rule.LAST_DAY] = embargo.meeting.ends_on
    if step.rule in dates:
        instants = {step.instant_on(dates[step.Rule(step.rule)], embargo.meeting)}
    for instant in sorted(instant for instant in instants if instant and instant > embargo.at):
        local = Local.of(instant, zone)
        if step.rule in step.TIMED and step.time:
            local = local._replace(time=step.time)
        sentence = local.sentence(f"“{name_of(step.shows)}” of the tier “{rules.tier}” comes", instant)
        if sentence:
            rows = rows_of(group for group in groups if group.instants[step.shows] == instant)
            yield MeetingWarning("clocks", sentence, tier_link(rules.tier), abstract_links(rows))


def _of_sessions(embargo: Embargo) -> Iterator[MeetingWarning]:
    """Sessions that decide about a release, and whose start or end clocks jump over."""
    sessions = {
        talk.session.pk: talk.session
        for group in embargo.groups
        if any(step.rule in step.OFFSET for step in group.steps)
        for talk in group.talks
    }
    for session in sessions.values():
        for what, local, instant in _times_of(session, embargo.meeting):
            if local.is_skipped and instant > embargo.at:
                sentence = local.sentence(f"the session “{session}” {what}", instant)
                yield MeetingWarning("clocks", sentence, session_link(session), [])


def _times_of(session: Session, meeting: Meeting) -> Iterator[tuple[str, Local, dt.datetime]]:
    if session.date and session.start_time and session.starts_at:
        yield "starts", Local(session.date, session.start_time, meeting.zone), session.starts_at
        if session.end_time and session.ends_at:
            day = session.date + dt.timedelta(session.end_time < session.start_time)
            yield "ends", Local(day, session.end_time, meeting.zone), session.ends_at


def _of_overrides(embargo: Embargo) -> Iterator[MeetingWarning]:
    for group in embargo.groups:
        for what, instant in (
            ("lists it", group.override.override_listed_from),
            ("releases it", group.override.override_released_from),
        ):
            sentence = _of_instant(
                f"the override of {counted(len(group.abstracts), 'abstract')} {what}", instant, embargo
            )
            if sentence:
                links = abstract_links(group.abstracts)
                yield MeetingWarning("clocks", sentence, links[0], links)


def _of_news(embargo: Embargo) -> Iterator[MeetingWarning]:
    if sentence := _of_instant("the meeting's news embargo ends", embargo.meeting.news_embargo_at, embargo):
        yield MeetingWarning("clocks", sentence, meeting_link(embargo.meeting, "News embargo of the meeting"), [])


def _of_instant(what: str, instant: dt.datetime | None, embargo: Embargo) -> str:
    if instant is None or instant <= embargo.at:
        return ""
    return Local.of(instant, embargo.meeting.zone).sentence(what, instant)
