"""The steps of an embargo tier: how much shows, and from when."""

import datetime as dt
import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ..visibility import Level, OpenManager
from .base import ArchiveModel, ArchiveQuerySet
from .former_states import open_history
from .meeting import EmbargoTier, Meeting, to_instant, validate_timezone

LONGEST_OFFSET = 60 * 24 * 366


class EmbargoStep(ArchiveModel):
    """One step of a tier: `shows`, and the rule `rule`, with what the rule needs.

    `date` and `time` are local, in the zone of the step, else of the meeting. `minutes` come after, or if negative
    before, an instant of a session or talk.
    """

    class Shows(models.TextChoices):
        NUMBER = "number", "Number and session"
        TITLE = "title", "Title"
        LISTING = "listing", "Title, byline and keywords"
        EVERYTHING = "everything", "Everything"
        PRESS = "press", "Everything, to the press (without this step: at any time)"
        NEWS = "news", "News about it: end of the news embargo (hides nothing)"

    class Rule(models.TextChoices):
        FIXED = "fixed", "At this date and time"
        SESSION_START = "session_start", "When its session starts"
        SESSION_END = "session_end", "When its session ends"
        TALK_START = "talk_start", "When its own talk starts"
        TALK_END = "talk_end", "When its own talk ends"
        SESSION_DAY = "session_day", "At this time, on the day of its session"
        FIRST_DAY = "first_day", "At this time, on the first day of the meeting"
        LAST_DAY = "last_day", "At this time, on the last day of the meeting"
        HELD = "held", "Held until staff choose a rule"

    # What the public sees from a step on; the others are for the press and the news.
    LEVELS = {
        Shows.NUMBER: Level.SHELL,
        Shows.TITLE: Level.TITLED,
        Shows.LISTING: Level.LISTED,
        Shows.EVERYTHING: Level.FULL,
    }
    TIMED = (Rule.FIXED, Rule.SESSION_DAY, Rule.FIRST_DAY, Rule.LAST_DAY)
    OFFSET = (Rule.SESSION_START, Rule.SESSION_END, Rule.TALK_START, Rule.TALK_END)

    # Abstracts of the meeting without a tier too: a step may close them to the press.
    EMBARGO_PATHS = ("tier__abstract", "tier__meeting__abstract")
    OWNER = "tier"

    tier = models.ForeignKey(EmbargoTier, models.CASCADE, related_name="steps")
    shows = models.CharField(max_length=12, choices=Shows)
    rule = models.CharField("from when", max_length=20, choices=Rule)
    date = models.DateField(null=True, blank=True)
    time = models.TimeField(null=True, blank=True)
    minutes = models.IntegerField("minutes after", default=0, help_text="With a minus: before.")
    timezone = models.CharField(
        "time zone", max_length=64, blank=True, validators=[validate_timezone], help_text="Blank: the meeting's."
    )

    objects = OpenManager.from_queryset(ArchiveQuerySet)()
    unfiltered = ArchiveQuerySet.as_manager()
    history = open_history()

    class Meta:
        # `tier.steps.add()` writes by it, and passes the gate.
        base_manager_name = "unfiltered"
        ordering = ["tier", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tier", "shows"],
                name="step_once",
                violation_error_message="The tier has a step for this already.",
            ),
            models.CheckConstraint(
                condition=~Q(rule="fixed") | Q(date__isnull=False, time__isnull=False), name="step_fixed_has_instant"
            ),
            models.CheckConstraint(
                condition=~Q(rule__in=["session_day", "first_day", "last_day"]) | Q(time__isnull=False),
                name="step_day_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_shows_display()}: {self.get_rule_display()}"

    def clean(self) -> None:
        errors = {}
        if self.rule == self.Rule.FIXED and not self.date:
            errors["date"] = "Say on which date."
        if self.date and self.rule != self.Rule.FIXED:
            errors["date"] = "The date is not used with this rule: clear it, or choose the fixed date and time."
        if self.rule in self.TIMED and not self.time:
            errors["time"] = "Say at what time."
        if self.time and self.rule not in self.TIMED:
            errors["time"] = "The time is not used with this rule: clear it, or choose another rule."
        if self.minutes and self.rule not in self.OFFSET:
            errors["minutes"] = "Minutes count from the start or end of a session or talk only: clear them."
        elif self.minutes and abs(self.minutes) > LONGEST_OFFSET:
            errors["minutes"] = "That is more than a year."
        if errors:
            raise ValidationError(errors)

    def abstracts_of_deleted(self) -> set[int]:
        paths = ("abstract", "meeting__abstract")
        return set().union(*(EmbargoTier.abstracts_along(path, [self.tier_id]) for path in paths))

    def zone(self, meeting: Meeting) -> zoneinfo.ZoneInfo:
        """The zone of its clock times, for abstracts of `meeting`."""
        return zoneinfo.ZoneInfo(self.timezone) if self.timezone else meeting.zone

    def instant_on(self, date: dt.date | None, meeting: Meeting) -> dt.datetime | None:
        """The instant of its clock time on `date`; None if either is not known."""
        return to_instant(date, self.time, self.zone(meeting)) if date and self.time else None

    @property
    def offset(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.minutes)


def fixed_release(tier: EmbargoTier) -> dt.datetime | None:
    """The instant at which `tier` releases everything, if its rule is a fixed date and time."""
    fixed = EmbargoStep.objects.filter(tier=tier, shows=EmbargoStep.Shows.EVERYTHING, rule=EmbargoStep.Rule.FIXED)
    step = fixed.first()
    return step.instant_on(step.date, tier.meeting) if step else None
