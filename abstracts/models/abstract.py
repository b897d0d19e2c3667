"""Abstracts, presentations, sections, and former addresses of abstracts."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from ..visibility import Guarded, LawfulManager, Level, Status, UnfilteredManager
from ..words.addresses import address
from ..words.identifiers import number_key, validate_doi
from ..words.text import block_html, inline_html, plain_text, slug_token, slug_with, slugify, squeeze
from . import gate
from .base import ArchiveModel, ArchiveQuerySet, in_chunks, writing
from .effects import Standing
from .former_states import hidden_history
from .keys import KeyField
from .meeting import EmbargoTier, Meeting
from .session import Session, problem_of_times
from .step import fixed_release

LISTING_LEVELS = [(level.value, level.label) for level in (Level.HIDDEN, Level.SHELL, Level.TITLED, Level.LISTED)]
# The columns that abstracts.models.embargo writes.
RESOLVED = ("numbered_from", "titled_from", "listed_from", "released_from", "press_from", "news_embargo_at")
PUBLISHED_WITH_NOTE = "A published abstract has no note: clear it, or choose Corrected, Withdrawn or Retracted."


class Abstract(Guarded, ArchiveModel):
    """One abstract of one meeting.

    `unfiltered` is for importing, curating and resolving. Code that shows anything to anyone starts with
    `Abstract.objects.visible_to(viewer, at)`.
    """

    EMBARGO_PATHS = ("pk",)
    DOCUMENT_PATH = "pk"
    STANDING = frozenset(Standing._fields)
    GUARDED = {
        "title": Level.TITLED,
        "title_text": Level.TITLED,
        "slug": Level.TITLED,
        "status_note": Level.NOTED,
        "disclosures": Level.FULL,
        "trial_ids": Level.FULL,
        "doi": Level.FULL,
        "first_published": Level.FULL,
    }
    GUARDED_RELATIONS = {
        "authorline": Level.LISTED,
        "affiliation": Level.LISTED,
        "abstractkeyword": Level.LISTED,
        "slugredirect": Level.TITLED,
        "section": Level.FULL,
        "figure": Level.FULL,
    }

    key = KeyField()
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="+", related_query_name="abstract")
    number = models.CharField(max_length=40, null=True, blank=True, help_text="As printed: 0489, L17, LB24, PP01.")
    number_key = models.CharField(max_length=160, editable=False, default="")
    title = models.TextField(help_text="HTML: i, em, b, strong, sub and sup.")
    title_text = models.TextField("title, plain", editable=False, default="")
    slug = models.SlugField(max_length=220, unique=True, blank=True, help_text="A changed one keeps redirecting.")
    tier = models.ForeignKey(
        EmbargoTier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        related_query_name="abstract",
        verbose_name="embargo tier",
        help_text="Without a tier and without an override the abstract is never released.",
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.PUBLISHED)
    status_note = models.TextField(
        "public note", blank=True, help_text="Why it was withdrawn, retracted or corrected; shown with the title."
    )
    hides_title = models.BooleanField(
        "hide the title too",
        default=False,
        help_text="Of a withdrawn abstract: the public then sees its number, its session and the note only.",
    )
    disclosures = models.TextField(blank=True, help_text="HTML.")
    trial_ids = models.CharField("trial ids", max_length=300, blank=True, help_text="Separated by spaces.")
    doi = models.CharField("DOI", max_length=200, blank=True, validators=[validate_doi])
    first_published = models.DateField("first published on", null=True, blank=True)
    legacy_id = models.PositiveIntegerField(
        "id on the former site", null=True, blank=True, unique=True, help_text="/?p=… leads here."
    )

    override_listing_level = models.PositiveSmallIntegerField(
        "override: before release", choices=LISTING_LEVELS, null=True, blank=True
    )
    override_listed_from = models.DateTimeField("override: shown from", null=True, blank=True)
    override_released_from = models.DateTimeField("override: released from", null=True, blank=True)

    # Written by abstracts.models.embargo; read by the law. `news_embargo_at` hides nothing.
    numbered_from = models.DateTimeField(null=True, editable=False)
    titled_from = models.DateTimeField(null=True, editable=False)
    listed_from = models.DateTimeField(null=True, editable=False)
    released_from = models.DateTimeField(null=True, editable=False)
    press_from = models.DateTimeField(null=True, editable=False)
    news_embargo_at = models.DateTimeField("news embargo until", null=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    unfiltered = UnfilteredManager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager()
    history = hidden_history(but=["key"])

    class Meta:
        default_manager_name = "unfiltered"
        base_manager_name = "unfiltered"
        ordering = ["meeting", "number_key", "pk"]
        permissions = [
            ("lift_embargo", "Can release abstracts and bring their release forward"),
        ]
        indexes = [
            models.Index(fields=["meeting", "number_key", "id"]),
            models.Index(fields=["released_from"]),
            models.Index(fields=["listed_from"]),
            models.Index(fields=["titled_from"]),
            models.Index(fields=["numbered_from"]),
            models.Index(fields=["news_embargo_at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="abstract_unique_number"),
            models.CheckConstraint(condition=~Q(number=""), name="abstract_number_absent_is_null"),
            models.CheckConstraint(condition=~Q(slug=""), name="abstract_has_slug"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="abstract_status_known"),
            models.CheckConstraint(
                condition=Q(override_listing_level__isnull=True)
                | Q(override_listing_level__in=[level for level, _ in LISTING_LEVELS]),
                name="abstract_override_level",
            ),
            models.CheckConstraint(
                condition=Q(override_listing_level__isnull=True)
                | Q(override_listing_level=Level.HIDDEN)
                | Q(override_listed_from__isnull=False),
                name="abstract_override_listing_has_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or '–'} {self.title_text}".strip()

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._stored_slug = instance.__dict__.get("slug")
        return instance

    def clean(self) -> None:
        errors = {}
        if self.tier and self.meeting_id and self.tier.meeting_id != self.meeting_id:
            errors["tier"] = "This tier belongs to another meeting."
        if self.override_listing_level and not self.override_listed_from:
            errors["override_listed_from"] = "Say from when it shows."
        if self.override_listed_from and not self.override_listing_level:
            errors["override_listing_level"] = "Say what shows from then on, or clear the date and time."
        elif self._is_listed_after_release():
            errors["override_listed_from"] = "It would be listed after it is released."
        if self.status in (Status.WITHDRAWN, Status.RETRACTED, Status.CORRECTED) and not self.status_note.strip():
            errors["status_note"] = "Readers need a note that says why."
        if self.hides_title and self.status != Status.WITHDRAWN:
            errors["hides_title"] = "Only a withdrawn abstract can hide its title: clear it, or choose Withdrawn."
        if self.status == Status.PUBLISHED and self.status_note.strip():
            errors["status_note"] = PUBLISHED_WITH_NOTE
        if errors:
            raise ValidationError(errors)

    def _is_listed_after_release(self) -> bool:
        """Whether the override lists it later than the override, or else its tier, releases it."""
        release = self.override_released_from or (fixed_release(self.tier) if self.tier else None)
        return bool(self.override_listed_from and release and self.override_listed_from > release)

    def derive(self) -> None:
        self.number = squeeze(self.number or "") or None
        self.number_key = number_key(self.number or "")
        self.title = inline_html(self.title)
        self.title_text = plain_text(self.title)
        self.disclosures = block_html(self.disclosures)
        self.slug = self.slug or new_slug(self)

    @classmethod
    def note_standing(cls, pks: Iterable[int]) -> None:
        if not gate.is_watching():
            return
        for chunk in in_chunks(pks):
            rows = cls.unfiltered.filter(pk__in=chunk).order_by()
            for pk, meeting, number, *columns in rows.values_list("pk", "meeting__slug", "number", *Standing._fields):
                gate.note({pk: Standing(*columns)}, {pk: (meeting, number or "")})

    def save(self, *args, **kwargs):
        with writing():
            super().save(*args, **kwargs)
            self._reload_embargo()
            former = getattr(self, "_stored_slug", None)
            if former != self.slug:
                SlugRedirect.unfiltered.filter(slug=self.slug).delete()
            if former and former != self.slug:
                SlugRedirect.unfiltered.update_or_create(slug=former, defaults={"abstract": self})
            self._stored_slug = self.slug

    def get_absolute_url(self) -> str:
        """Its page: by slug if the title may be shown (the slug contains it), else by number, else ""."""
        if self.slug:
            return address("abstract", self.slug)
        if self.number:
            return address("abstract-by-number", self.meeting.slug, self.number)
        return ""

    def _reload_embargo(self) -> None:
        stored = Abstract.unfiltered.filter(pk=self.pk).values(*RESOLVED).get()
        for name in RESOLVED:
            setattr(self, name, stored[name])

    @property
    def trial_id_list(self) -> list[str]:
        return self.trial_ids.split()


# With a token (six characters and a hyphen) it is still no longer than the column.
LONGEST_NEW_SLUG = 200


def new_slug(abstract: Abstract) -> str:
    """An address for `abstract`, which has none. Only if somebody typed this very address for another one, or it was
    another one's before its number changed, a token is added."""
    slug = own_slug(abstract)
    return f"{slug}-{slug_token()}" if taken_slugs([slug], abstract.pk) else slug


def own_slug(abstract: Abstract) -> str:
    """The address that follows from the title, meeting and number of `abstract`; without a number it ends in a token.

    It depends on no other row. An address that did ("…-2") would tell that a hidden abstract has the same title.
    """
    title = plain_text(abstract.title)
    suffix = slug_suffix(abstract)
    if not suffix:
        title, suffix = title if slugify(title) else "abstract", slug_token()
    return slug_with(title, suffix, LONGEST_NEW_SLUG)


def slug_suffix(abstract: Abstract) -> str:
    """What follows the title in the address of `abstract`; "" without a number."""
    number = slugify(abstract.number or "")
    return f"{abstract.meeting.slug}-{number}" if number else ""


def taken_slugs(slugs: list[str], but: int | None = None) -> set[str]:
    """Those of `slugs` that are or were addresses of abstracts, other than the one with the primary key `but`."""
    present = Abstract.unfiltered.filter(slug__in=slugs).exclude(pk=but or 0).order_by()
    former = SlugRedirect.unfiltered.filter(slug__in=slugs).exclude(abstract=but or 0)
    return {*present.values_list("slug", flat=True), *former.values_list("slug", flat=True)}


class SlugRedirect(ArchiveModel):
    """A former slug of an abstract. It redirects viewers who may see the title."""

    slug = models.SlugField(max_length=220, unique=True)
    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="slugredirect")

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("abstract__", Level.TITLED)

    class Meta:
        default_manager_name = "unfiltered"

    def __str__(self) -> str:
        return self.slug


class Presentation(ArchiveModel):
    """An abstract's position in a session, and its own time if it has one (local clock time on the session's day)."""

    EMBARGO_PATHS = ("abstract",)
    DOCUMENT_PATH = "abstract"

    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="presentation")
    session = models.ForeignKey(Session, models.CASCADE, related_name="+", related_query_name="presentation")
    position = models.PositiveIntegerField(default=0)
    start_time = models.TimeField("start", null=True, blank=True)
    end_time = models.TimeField("end", null=True, blank=True)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("abstract__", Level.SHELL)
    history = hidden_history()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["session", "position", "pk"]
        indexes = [models.Index(fields=["session", "position", "id"])]
        constraints = [models.UniqueConstraint(fields=["abstract", "session"], name="presentation_once_per_session")]

    def __str__(self) -> str:
        return f"{self.session} #{self.position}"

    def clean(self) -> None:
        if self.session_id and self.abstract_id and self.session.meeting_id != self.abstract.meeting_id:
            raise ValidationError({"session": "This session belongs to another meeting."})
        if problem := problem_of_times(self.start_time, self.end_time):
            raise ValidationError({"end_time": f"It {problem}."})


class Section(ArchiveModel):
    """One part of an abstract's text. Labels are data; a part without a label has ""."""

    DOCUMENT_PATH = "abstract"

    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="section")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=200, blank=True, help_text="As printed: Background/Purpose, Methods …")
    html = models.TextField("text", help_text="HTML: paragraphs, lists, tables, inline marks.")

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("abstract__", Level.FULL)
    history = hidden_history()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = [F("abstract").asc(), "position", "pk"]
        indexes = [models.Index(fields=["abstract", "position"])]

    def __str__(self) -> str:
        return self.label or "(no label)"

    def derive(self) -> None:
        self.label = squeeze(self.label)
        self.html = block_html(self.html)
