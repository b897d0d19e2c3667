"""The steps of embargo tiers in words: what they say, and what they do."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Case, Q, Value, When

from ..models import EmbargoStep, EmbargoTier
from ..models.embargo import rules_of
from ..words.counts import counted
from .embargo import both_zones
from .outcomes import Group, groups_of

Rule = EmbargoStep.Rule
RULES = {
    Rule.SESSION_START: "when its session starts",
    Rule.SESSION_END: "when its session ends",
    Rule.TALK_START: "when its own talk starts",
    Rule.TALK_END: "when its own talk ends",
    Rule.SESSION_DAY: "on the day of its session",
    Rule.FIRST_DAY: "on the first day of the meeting",
    Rule.LAST_DAY: "on the last day of the meeting",
    Rule.HELD: "held until staff choose a rule",
}
# In the order in which an abstract goes through them.
NATURAL_ORDER = Case(*(When(shows=shows, then=Value(place)) for place, shows in enumerate(EmbargoStep.Shows)))
NO_STEPS = "None: nothing ever shows"
NAMES = {
    EmbargoStep.Shows.PRESS: "Everything, to the press",
    EmbargoStep.Shows.NEWS: "End of the news embargo",
}


def name_of(shows: str) -> str:
    """What a step shows, without the explanation that its label gives."""
    return NAMES.get(EmbargoStep.Shows(shows), str(EmbargoStep.Shows(shows).label))


def in_order(steps: Iterable[EmbargoStep]) -> list[EmbargoStep]:
    return sorted(steps, key=lambda step: list(EmbargoStep.Shows).index(EmbargoStep.Shows(step.shows)))


def in_words(step: EmbargoStep) -> str:
    """“Title: 30 minutes after its session starts”."""
    rule = RULES.get(Rule(step.rule), "")
    if step.rule in step.OFFSET and step.minutes:
        side = "after" if step.minutes > 0 else "before"
        rule = f"{counted(abs(step.minutes), 'minute')} {side} {rule.removeprefix('when ')}"
    elif step.rule == Rule.FIXED:
        rule = f"{step.date:%b} {step.date.day}, {step.date.year}, {clock_time(step.time)}"
    elif step.rule in step.TIMED:
        rule = f"{clock_time(step.time)} {rule}"
    zone = f" ({step.timezone})" if step.timezone else ""
    return f"{name_of(step.shows)}: {rule}{zone}"


def clock_time(time: dt.time) -> str:
    """“10:00 AM”, with seconds unless they are 0."""
    return f"{time:%I:%M{':%S' if time.second else ''} %p}".removeprefix("0")


def effects_of(tier: int) -> dict[int, str]:
    """What each stored step of `tier` (primary key) does, by the primary key of the step."""
    stored = EmbargoTier.objects.select_related("meeting").get(pk=tier)
    rules = rules_of([stored])
    groups = groups_of(stored.meeting, Q(tier=tier), rules)
    return {step.pk: effect_of(step, stored, groups) for step in rules[tier].steps}


def effect_of(step: EmbargoStep, tier: EmbargoTier, groups: Iterable[Group]) -> str:
    """From when a stored step counts, as instants: one, or the first and the last of the abstracts of `groups`."""
    meeting = tier.meeting
    if step.rule == Rule.HELD:
        return "Never, until another rule is chosen."
    if step.rule in (Rule.FIXED, Rule.FIRST_DAY, Rule.LAST_DAY):
        return _instant_of_all(step, tier)
    counts: dict[dt.datetime | None, int] = {}
    for group in groups:
        instant = group.instants.get(step.shows)
        counts[instant] = counts.get(instant, 0) + len(group.abstracts)
    lacking = counts.pop(None, 0)
    sentences = []
    if counts:
        first, last = (both_zones(instant, step.zone(meeting)) for instant in (min(counts), max(counts)))
        when = f"at {first}" if first == last else f"the first at {first}, the last at {last}"
        sentences.append(f"{counted(sum(counts.values()), 'abstract')}: {when}.")
    if lacking:
        sentences.append(f"{counted(lacking, 'abstract')}: never, because {lack_of(step, tier)}.")
    return " ".join(sentences) or "No abstracts yet."


def _instant_of_all(step: EmbargoStep, tier: EmbargoTier) -> str:
    meeting = tier.meeting
    dates = {Rule.FIXED: step.date, Rule.FIRST_DAY: meeting.starts_on, Rule.LAST_DAY: meeting.ends_on}
    instant = step.instant_on(dates[Rule(step.rule)], meeting)
    return f"At {both_zones(instant, step.zone(meeting))}." if instant else f"Never, because {lack_of(step, tier)}."


def lack_of(step: EmbargoStep, tier: EmbargoTier) -> str:
    """Why the rule of a step gives no instant."""
    match step.rule:
        case Rule.FIRST_DAY:
            return "the meeting has no first day"
        case Rule.LAST_DAY:
            return "the meeting has no last day"
    presentation = _presentation_of(tier)
    missing = {
        Rule.SESSION_START: "session with a start",
        Rule.SESSION_END: "session with an end",
        Rule.TALK_START: "start of their own talk",
        Rule.TALK_END: "end of their own talk",
        Rule.SESSION_DAY: "session with a date",
    }
    return f"they have no {missing[Rule(step.rule)]}{presentation}"


def _presentation_of(tier: EmbargoTier) -> str:
    if tier.decides == tier.Decides.LAST:
        return " (all of their presentations need one, as the last decides)"
    return f" of the type “{tier.decides_type}”" if tier.decides == tier.Decides.FIRST_OF_TYPE else ""
