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
        self.starts_at, self.ends_at = session_instants(self, self.meeting)

    def get_absolute_url(self) -> str:
        return address("session", self.meeting.slug, self.slug)


Instants = tuple[dt.datetime | None, dt.datetime | None]


def session_instants(session: Session, meeting: Meeting) -> Instants:
    """Start and end (UTC) of `session`, by the zone data of this process; None for what is not known.

    Pages, prints, calendars and structured data take them from here, and not from the stored columns, which may be
    by older zone data (`manage.py resolve_zones`).
    """
    return _instants(session.date, session.start_time, session.end_time, meeting)


def talk_instants(session: Session, start: dt.time | None, end: dt.time | None, meeting: Meeting) -> Instants:
    """Start and end (UTC) of a talk at local times in `session`; None for what is not known.

    In a session that begins late, times after midnight are on the next day.
    """
    is_past_midnight = start and session.start_time and _is_past_midnight(session.start_time, start)
    day = session.date + dt.timedelta(1) if session.date and is_past_midnight else session.date
    return _instants(day, start, end, meeting)


def _is_past_midnight(session_start: dt.time, start: dt.time) -> bool:
    if start >= session_start:
        return False
    day = dt.date(2000, 1, 1)
    later = dt.datetime.combine(day + dt.timedelta(1), start) - dt.datetime.combine(day, session_start)
    return later <= LONGEST_OVER_MIDNIGHT


def _instants(date: dt.date | None, start: dt.time | None, end: dt.time | None, meeting: Meeting) -> Instants:
    if not (date and start):
        return None, None
    starts_at = to_instant(date, start, meeting.zone)
    if not end:
        return starts_at, None
    return starts_at, max(starts_at, to_instant(date + dt.timedelta(end < start), end, meeting.zone))


def base_of_slug(session: Session) -> str:
    """The slug that `session` gets if no other one of its meeting has it."""
    return slugify(f"{session.code} {session.title}", 120) or "session"


def free_session_slug(session: Session) -> str:
    """A slug for `session` that no other one of its meeting has. (Sessions show with their meeting, all or none.)"""
    base = base_of_slug(session)
    others = Session.objects.filter(meeting=session.meeting, slug__startswith=base).exclude(pk=session.pk)
    return first_free(base, others.values_list("slug", flat=True))
