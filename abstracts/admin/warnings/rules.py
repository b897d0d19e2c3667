"""Rules that may not do what was meant: without steps or data, never reached, or with news before the text."""

from collections.abc import Iterator

from ...models import EmbargoStep
from ...models.embargo import Rules
from ...visibility import Status
from ...words.counts import counted
from ..embargo import both_zones
from ..outcomes import Group
from ..steps import in_order, in_words, lack_of
from .base import Embargo, MeetingWarning, abstract_links, list_link, meeting_link, rows_of, tier_link

Shows, Rule = EmbargoStep.Shows, EmbargoStep.Rule
# The columns of `Resolved` that say from when each level shows.
COLUMNS = {
    Shows.NUMBER: "numbered_from",
    Shows.TITLE: "titled_from",
    Shows.LISTING: "listed_from",
    Shows.EVERYTHING: "released_from",
}


def rules_that_fail(embargo: Embargo) -> list[MeetingWarning]:
    warnings = []
    for rules in embargo.rules.values():
        warnings += _never_everything(embargo, rules)
        for step in in_order(rules.steps):
            warnings += _lacking(embargo, rules, step)
            warnings += _never_reached(embargo, rules, step)
    return [*warnings, *_without_tier(embargo), *_news_before_text(embargo)]


def _never_everything(embargo: Embargo, rules: Rules) -> Iterator[MeetingWarning]:
    """A tier without steps, or of which none says when everything shows."""
    if not rules.is_held:
        return
    rows = rows_of(group for group in embargo.groups_of(rules) if not group.override.override_released_from)
    about = f" It has {counted(len(rows), 'abstract')}." if rows else " It has no abstracts yet."
    if not rules.steps:
        text = f"The tier “{rules.tier}” has no steps: nothing of its abstracts ever shows."
    elif any(step.shows == Shows.EVERYTHING for step in rules.steps):
        text = f"The tier “{rules.tier}” is held: the text of its abstracts shows only once its step has another rule."
    else:
        text = f"The tier “{rules.tier}” has no step for everything: the text of its abstracts never shows."
    yield MeetingWarning("steps", text + about, tier_link(rules.tier), abstract_links(rows))


def _lacking(embargo: Embargo, rules: Rules, step: EmbargoStep) -> Iterator[MeetingWarning]:
    """A step that gives no instant, because a day, a session or a time is missing."""
    if step.rule == Rule.HELD:
        return
    meeting, tier = embargo.meeting, rules.tier
    groups = [group for group in embargo.groups_of(rules) if group.instants[step.shows] is None]
    rows = rows_of(group for group in groups if not _is_overridden(group, step))
    lacks_day = (step.rule == Rule.FIRST_DAY and not meeting.starts_on) or (
        step.rule == Rule.LAST_DAY and not meeting.ends_on
    )
    if lacks_day:
        text = f"“{in_words(step)}” of the tier “{tier}” never comes, because {lack_of(step, tier)}."
        yield MeetingWarning("data", text, meeting_link(meeting, "Days of the meeting"), [])
    elif rows:
        text = (
            f"“{in_words(step)}” of the tier “{tier}” gives no instant for {counted(len(rows), 'abstract')}, "
            f"because {lack_of(step, tier)}."
        )
        yield MeetingWarning("data", text, list_link(meeting, tier), abstract_links(rows))


def _is_overridden(group: Group, step: EmbargoStep) -> bool:
    """Whether the override says instead of `step` when that shows."""
    if step.shows == Shows.EVERYTHING:
        return group.override.override_released_from is not None
    return step.shows in step.LEVELS and group.override.override_listing_level is not None


def _never_reached(embargo: Embargo, rules: Rules, step: EmbargoStep) -> Iterator[MeetingWarning]:
    """A step after one that shows more already."""
    if step.shows not in COLUMNS:
        return
    rows = []
    for group in embargo.groups_of(rules):
        instant = group.instants[step.shows]
        is_overridden = group.override.override_listing_level is not None or group.override.override_released_from
        if instant and not is_overridden and instant > getattr(group.resolved, COLUMNS[Shows(step.shows)]):
            rows += group.abstracts
    if rows:
        text = (
            f"“{in_words(step)}” of the tier “{rules.tier}” changes nothing for {counted(len(rows), 'abstract')}: "
            f"a later step, which shows more, comes first."
        )
        yield MeetingWarning("order", text, tier_link(rules.tier), abstract_links(rows))


def _without_tier(embargo: Embargo) -> Iterator[MeetingWarning]:
    groups = [group for group in embargo.groups if group.rules is None]
    rows = rows_of(group for group in groups if group.override.override_released_from is None)
    if rows:
        text = f"Never released, as they have no embargo tier and no override: {counted(len(rows), 'abstract')}."
        yield MeetingWarning("steps", text, list_link(embargo.meeting), abstract_links(rows))


def _news_before_text(embargo: Embargo) -> Iterator[MeetingWarning]:
    """The news embargo ends while the text itself is under embargo."""
    early: dict[tuple, list[Group]] = {}
    for group in embargo.groups:
        of_tier, released = group.resolved.news_embargo_at, group.resolved.released_from
        until = of_tier or embargo.meeting.news_embargo_at
        if until and released and until < released:
            early.setdefault((group.rules.tier if of_tier and group.rules else None, until), []).append(group)
    for (tier, until), groups in early.items():
        rows = [row for row in rows_of(groups) if row.status != Status.WITHDRAWN]
        if rows:
            whose = f"The news embargo of the tier “{tier}”" if tier else "The meeting's news embargo"
            text = (
                f"{whose} ends at {both_zones(until, embargo.meeting.zone)}, before the text of "
                f"{counted(len(rows), 'abstract')} is released."
            )
            fix = tier_link(tier) if tier else meeting_link(embargo.meeting, "News embargo of the meeting")
            yield MeetingWarning("news", text, fix, abstract_links(rows))
