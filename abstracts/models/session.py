"""Sessions of a meeting's program."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from ..visibility import OpenManager, Role, Viewer
from ..words.addresses import address
from ..words.text import first_free, slugify, squeeze
from .base import ArchiveModel, ArchiveQuerySet
from .former_states import open_history
from .meeting import Meeting, to_instant

# What ends before it starts ends on the next day: only at night, where it lasts no longer than this, else it is a slip.
LONGEST_OVER_MIDNIGHT = dt.timedelta(hours=6)


def problem_of_times(start: dt.time | None, end: dt.time | None) -> str:
    """What is wrong with local clock times, in words; "" where nothing is."""
    if not (start and end) or end >= start:
        return ""
    day = dt.date(2000, 1, 1)
    length = dt.datetime.combine(day + dt.timedelta(1), end) - dt.datetime.combine(day, start)
    if length <= LONGEST_OVER_MIDNIGHT:
        return ""
    return f"ends at {end:%H:%M}, before it starts at {start:%H:%M} (over midnight it lasts six hours at most)"


class SessionQuerySet(ArchiveQuerySet):
    def visible_to(self, viewer: Viewer) -> "SessionQuerySet":
        """Sessions of the meetings that `viewer` may see.

        The program is public with its meeting; the law decides on the abstracts in a session.
        """
        return self if viewer.role is Role.STAFF else self.filter(meeting__is_published=True)

    def in_program_order(self) -> "SessionQuerySet":
        """By day, start and code; sessions without a date last."""
        return self.order_by(F("date").asc(nulls_last=True), F("starts_at").asc(nulls_last=True), "code", "title", "pk")


class Session(ArchiveModel):
    """One session. Date and times are local, as printed; the instants are derived with the meeting's time zone."""

    EMBARGO_PATHS = ("presentation__abstract",)
    DOCUMENT_PATH = "presentation__abstract"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sessions")
    code = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=500, help_text="As printed.")
    slug = models.SlugField(max_length=160, blank=True)
    type = models.CharField("session type", max_length=120, blank=True, help_text="“Poster Session”, “Plenary” …")
    date = models.DateField(null=True, blank=True)
    start_time = models.TimeField("start", null=True, blank=True)
    end_time = models.TimeField("end", null=True, blank=True, help_text="Before the start: on the next day.")
    place = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField(null=True, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)

    objects = OpenManager.from_queryset(SessionQuerySet)()
    unfiltered = ArchiveQuerySet.as_manager()
    history = open_history()

    class Meta:
        # `meeting.sessions.add()` writes by it, and passes the gate.
        base_manager_name = "unfiltered"
        ordering = [F("date").asc(nulls_last=True), F("starts_at").asc(nulls_last=True), "code", "title", "pk"]
        indexes = [models.Index(fields=["meeting", "date", "starts_at"])]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "slug"], name="session_unique_slug"),
            models.UniqueConstraint(fields=["meeting", "code"], condition=~Q(code=""), name="session_unique_code"),
            models.CheckConstraint(
                condition=Q(start_time__isnull=True) | Q(date__isnull=False), name="session_start_has_date"
            ),
            models.CheckConstraint(
                condition=Q(end_time__isnull=True) | Q(start_time__isnull=False), name="session_end_has_start"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.start_time and not self.date:
            raise ValidationError({"date": "A session with a start needs a date."})
        if self.end_time and not self.start_time:
            raise ValidationError({"start_time": "A session with an end needs a start."})
        if problem := problem_of_times(self.start_time, self.end_time):
            raise ValidationError({"end_time": f"The session {problem}."})

    def derive(self) -> None:
        self.title = squeeze(self.title)
        self.slug = self.slug or free_session_slug(self)
        zone = self.meeting.zone
        self.starts_at = self.ends_at = None
        if self.date and self.start_time:
            self.starts_at = to_instant(self.date, self.start_time, zone)
            if self.end_time:
                days = 1 if self.end_time < self.start_time else 0
                end = to_instant(self.date + dt.timedelta(days), self.end_time, zone)
                self.ends_at = max(end, self.starts_at)

    def get_absolute_url(self) -> str:
        return address("session", self.meeting.slug, self.slug)


def free_session_slug(session: Session) -> str:
    """A slug for `session` that no other session of its meeting has."""
    base = slugify(f"{session.code} {session.title}", 120) or "session"
    others = Session.objects.filter(meeting=session.meeting, slug__startswith=base).exclude(pk=session.pk)
    return first_free(base, others.values_list("slug", flat=True))
