"""Meetings and their embargo tiers."""

import datetime as dt
import functools
import hashlib
import json
import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from ..visibility import OpenManager, Role, Viewer
from ..words.addresses import address
from ..words.identifiers import number_prefix, number_prefixes, validate_number_prefixes
from ..words.text import page_html, slugify, squeeze
from .base import ArchiveModel, ArchiveQuerySet
from .former_states import open_history


@functools.cache
def known_timezones() -> frozenset[str]:
    """The IANA time zones of this machine."""
    return frozenset(zoneinfo.available_timezones())


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name not in known_timezones():
        raise ValidationError("“%(name)s” is not a time zone; write one like America/Chicago.", params={"name": name})


class MeetingQuerySet(ArchiveQuerySet):
    def visible_to(self, viewer: Viewer) -> "MeetingQuerySet":
        """The published meetings; for staff, all meetings."""
        return self if viewer.role is Role.STAFF else self.filter(is_published=True)

    def newest_first(self) -> "MeetingQuerySet":
        """By the menu order that staff set, then by date."""
        return self.order_by("menu_order", F("starts_on").desc(nulls_last=True), "-year", "name")


class Meeting(ArchiveModel):
    """One scientific meeting: a year's convergence, a symposium."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", "Annual meeting"
        SYMPOSIUM = "symposium", "Symposium"
        OTHER = "other", "Other meeting"

    EMBARGO_PATHS = ("abstract", "tiers__abstract", "sessions__presentation__abstract")
    DOCUMENT_PATH = "abstract"
    # HTML that staff write.
    PAGE_TEXTS = ("embargo_policy", "embargo_policy_es", "press_terms", "press_terms_es")

    name = models.CharField("printed name", max_length=500)
    slug = models.SlugField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ANNUAL)
    year = models.PositiveSmallIntegerField()
    starts_on = models.DateField("first day", null=True, blank=True)
    ends_on = models.DateField("last day", null=True, blank=True)
    city = models.CharField(max_length=200, blank=True)
    is_virtual = models.BooleanField("virtual", default=False)
    timezone = models.CharField(
        "time zone",
        max_length=64,
        default="America/New_York",
        validators=[validate_timezone],
        help_text="IANA name, such as America/Chicago. All times of the program are in it.",
    )
    journal = models.CharField(max_length=200, blank=True, help_text="As cited: “Arthritis Rheumatol”.")
    volume = models.CharField(max_length=20, blank=True)
    supplement = models.CharField(max_length=40, blank=True, help_text="As cited: “suppl 9”.")
    citation_year = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Where it is not the year.")
    is_published = models.BooleanField(
        "published", default=True, help_text="Off: nobody but staff sees the meeting or anything in it."
    )
    menu_order = models.IntegerField(default=0, help_text="Small numbers come first; equal ones newest first.")
    menu_group = models.CharField(
        max_length=100, blank=True, help_text="Folds the meeting under this line of the menu: “2020–2009 Meetings”."
    )
    embargo_policy = models.TextField(blank=True, help_text="HTML; shown on the meeting's embargo page.")
    embargo_policy_es = models.TextField(
        "embargo policy in Spanish", blank=True, default="", db_default="", help_text="Blank: the English one is shown."
    )
    press_terms = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="HTML; the press accept them, beside the terms of the site, before they read ahead of release.",
    )
    press_terms_es = models.TextField(
        "press terms in Spanish", blank=True, default="", db_default="", help_text="Blank: the English ones are shown."
    )
    news_embargo_at = models.DateTimeField(
        "news embargo until",
        null=True,
        blank=True,
        help_text="Information beyond the abstract is under embargo until then. It is printed; it hides nothing.",
    )

    objects = OpenManager.from_queryset(MeetingQuerySet)()
    unfiltered = ArchiveQuerySet.as_manager()
    history = open_history()

    class Meta:
        ordering = ["menu_order", F("starts_on").desc(nulls_last=True), "-year", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="meeting_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.name = squeeze(self.name)
        self.slug = self.slug or slugify(self.name, 100)
        for name in self.PAGE_TEXTS:
            setattr(self, name, page_html(getattr(self, name)))

    def clean(self) -> None:
        if self.ends_on and not self.starts_on:
            raise ValidationError({"starts_on": "A meeting with a last day needs a first day."})
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "The last day is before the first."})

    def get_absolute_url(self) -> str:
        return address("meeting", self.slug)

    def is_over(self, at: dt.datetime) -> bool:
        """Whether its last day (without days: its year) is over at `at` in every zone."""
        last = self.ends_on or self.starts_on or dt.date(self.year, 12, 31)
        return last + dt.timedelta(days=1) < at.date()

    def text_in(self, name: str, language: str) -> tuple[str, str]:
        """The page text `name` in `language` or else in English, and the language that it is in."""
        translated = getattr(self, f"{name}_{language}", "")
        return (translated, language) if translated else (getattr(self, name), settings.CONTENT_LANGUAGE)

    @property
    def terms_version(self) -> str:
        """Another one whenever the press terms are others, in any language."""
        return hashlib.sha256(json.dumps([self.press_terms, self.press_terms_es]).encode()).hexdigest()[:16]

    def is_far(self, date: dt.date, margin: dt.timedelta = dt.timedelta(0)) -> bool:
        """Whether `date` is more than `margin` outside of its days; without days, of its year."""
        first = self.starts_on or dt.date(self.year, 1, 1)
        last = self.ends_on or self.starts_on or dt.date(self.year, 12, 31)
        return not first - margin <= date <= last + margin

    @property
    def days(self) -> str:
        """Its days, in words: 2031-10-24 to 2031-10-29; its year if they are not known."""
        if not self.starts_on:
            return str(self.year)
        return f"{self.starts_on} to {self.ends_on}" if self.ends_on else str(self.starts_on)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def cited_year(self) -> int:
        """The year in citations of its abstracts."""
        return self.citation_year or self.year


class EmbargoTier(ArchiveModel):
    """A group of abstracts of one meeting with the same embargo: regular, late-breaking, plenary …

    What shows when, its steps say (`EmbargoStep`). Without steps nothing of its abstracts ever shows.
    """

    class Decides(models.TextChoices):
        FIRST = "first", "The first"
        LAST = "last", "The last"
        FIRST_OF_TYPE = "first_of_type", "The first in a session of this type:"

    EMBARGO_PATHS = ("abstract",)

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="tiers")
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    number_prefixes = models.CharField(
        "numbers that start with",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        validators=[validate_number_prefixes],
        help_text=(
            "New abstracts with such numbers get this tier when they are imported: LB, L, PP. "
            "It is all letters before the digits that count (L does not take LB24). 0-9: numbers without letters."
        ),
    )
    decides = models.CharField(
        "of several presentations",
        max_length=20,
        choices=Decides,
        default=Decides.LAST,
        help_text="Which one decides where a step names the session or the talk of an abstract.",
    )
    decides_type = models.CharField("session type", max_length=120, blank=True, help_text="As sessions have it.")

    objects = OpenManager.from_queryset(ArchiveQuerySet)()
    unfiltered = ArchiveQuerySet.as_manager()
    history = open_history()

    class Meta:
        # `meeting.tiers.add()` writes by it, and passes the gate.
        base_manager_name = "unfiltered"
        ordering = ["meeting", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "name"], name="tier_unique_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.decides == self.Decides.FIRST_OF_TYPE and not self.decides_type:
            raise ValidationError({"decides_type": "Say which type of session decides."})
        if self.decides_type and self.decides != self.Decides.FIRST_OF_TYPE:
            raise ValidationError({"decides_type": "It is not used with this choice: clear it, or choose the other."})

    def derive(self) -> None:
        self.number_prefixes = ", ".join(number_prefixes(self.number_prefixes))
        self.decides_type = squeeze(self.decides_type)

    def takes(self, number: str) -> bool:
        """Whether the number of a new abstract is one of its `number_prefixes`."""
        return number_prefix(number) in number_prefixes(self.number_prefixes)


def to_instant(date: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The UTC instant at which clocks in `zone` show `date` and `time`.

    If clocks skip that time or show it twice, it is the later of the two possible instants, so that no embargo ends
    early.
    """
    local = dt.datetime.combine(date, time)
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
