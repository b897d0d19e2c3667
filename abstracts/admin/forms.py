"""Forms of the admin: they say what sanitizing removed, check derived keys, and take instants in a named zone."""

import datetime as dt
import html
import re
import zoneinfo
from collections.abc import Callable
from html.parser import HTMLParser

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from ..models import EmbargoTier
from ..models.meeting import to_instant
from ..reading.wording import zone_name
from ..words.text import plain_text, squeeze

HTML_NOTE = "Anything else is removed on saving; a message says what was removed."


def date_input() -> forms.DateInput:
    """The browser's date field. Django's date picker is a script that uses the zone of the browser."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M:%S", attrs={"type": "time", "step": "1"})


class NearDate(forms.DateField):
    """A date that can be added to others without leaving the range of databases and calendars."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.validators.append(validate_near)


def validate_near(date: dt.date) -> None:
    """Raise ValidationError for a date that can only be a slip."""
    if not 1900 <= date.year <= 2200:
        raise ValidationError("This date is out of range.")


class InstantWidget(forms.SplitDateTimeWidget):
    def __init__(self):
        super().__init__(attrs=None)
        self.widgets = [date_input(), time_input()]


class InstantField(forms.SplitDateTimeField):
    """Date and clock time in `zone` (UTC unless set), as an instant.

    If local clocks skip the time, or show it twice, the result is the later instant, as in every embargo rule.
    """

    widget = InstantWidget
    zone: dt.tzinfo = dt.UTC

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", "UTC.")
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return value.astimezone(self.zone).replace(tzinfo=None) if isinstance(value, dt.datetime) else value

    def compress(self, data_list) -> dt.datetime | None:
        if not data_list:
            return None
        date, time = data_list
        if date in self.empty_values or time in self.empty_values:
            raise ValidationError("Give both a date and a time.")
        validate_near(date)
        if self.zone is dt.UTC:
            return dt.datetime.combine(date, time, dt.UTC)
        return to_instant(date, time, self.zone)

    def has_changed(self, initial, data) -> bool:
        return super().has_changed(self.widget.decompress(self.prepare_value(initial)), data)


class ZonedForm(forms.ModelForm):
    """Its instants are typed in the time zone that `zone_of_form` returns; their help texts name the zone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zone = self.zone_of_form()
        for field in self.fields.values():
            if isinstance(field, InstantField) and zone:
                field.zone = zone
                field.help_text = f"{field.help_text.removesuffix('UTC.')} Time in {zone.key}.".strip()

    def zone_of_form(self) -> zoneinfo.ZoneInfo | None:
        """The zone; None for UTC."""
        raise NotImplementedError


class SanitizedForm(forms.ModelForm):
    """`sanitized` maps fields to the functions of their model's `derive`; `removed` lists what these removed."""

    sanitized: dict[str, Callable[[str], str]] = {}

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        self.removed = {
            name: removed
            for name, sanitize in self.sanitized.items()
            if name in self.changed_data and (removed := removed_by(sanitize, cleaned.get(name) or ""))
        }
        return cleaned


class UniqueKeyForm(forms.ModelForm):
    """Checks that the `key` and the `slug` that the model derives from the name are unique."""

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            self.instance.derive()
            self.check_unique()

    def check_unique(self) -> None:
        """Add an error for each derived value that another row has."""
        others = type(self.instance)._default_manager.exclude(pk=self.instance.pk)
        names = {field.name for field in self.instance._meta.fields} & {"key", "slug"}
        for name in sorted(names):
            value = getattr(self.instance, name)
            if value and (other := others.filter(**{name: value}).first()):
                self.add_error("slug" if name == "slug" and "slug" in self.fields else "name", f"Taken by “{other}”.")


TIERS = EmbargoTier.objects.select_related("meeting").order_by("-meeting_id", "position", "name")


class TierChoice(forms.ModelChoiceField):
    """Tiers, with the name of the meeting if there are tiers of several meetings."""

    with_meeting = True

    def label_from_instance(self, tier):
        return f"{tier.meeting}: {tier}" if self.with_meeting else str(tier)


class FixedMeetingForm(forms.ModelForm):
    """The form of a stored row has no field for the meeting, but values must still be unique within it."""

    def _get_validation_exclusions(self):
        excluded = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"meeting"} if self.instance.pk else excluded


class _Markup(HTMLParser):
    """The tags and attributes of markup, in order, once each."""

    def __init__(self, markup: str):
        super().__init__()
        self.names: dict[str, None] = {}
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.names[f"<{tag}>"] = None
        for name, _ in attrs:
            self.names[f"{name} of <{tag}>"] = None


def removed_by(sanitize: Callable[[str], str], markup: str) -> list[str]:
    """What `sanitize` removes from `markup`, in words for the curator."""
    clean = sanitize(markup)
    remaining = _Markup(clean).names
    removed = [name for name in _Markup(markup).names if name not in remaining]
    removed = [name for name in removed if not any(name.endswith(f" of {tag}") for tag in removed)]
    if _visible_text(markup) != squeeze(plain_text(clean)).replace(" ", ""):
        removed.append("some text (type &lt; for a less-than sign)")
    return removed


def _visible_text(markup: str) -> str:
    shown = re.sub(r"<(script|style)\b.*?</\1>", " ", markup, flags=re.I | re.S)
    return squeeze(html.unescape(re.sub(r"<[^<>]*>", " ", shown))).replace(" ", "")


FORMFIELDS = {
    models.DateField: {"form_class": NearDate, "widget": date_input()},
    models.TimeField: {"widget": time_input()},
    models.DateTimeField: {"form_class": InstantField, "widget": InstantWidget()},
}


def in_zone(instant: dt.datetime | None, zone: dt.tzinfo) -> str:
    """“Oct 25, 2025, 10:00 AM CDT”, with seconds unless they are 0; a dash for None."""
    if instant is None:
        return "–"
    local = timezone.localtime(instant, zone)
    seconds = ":%S" if local.second else ""
    clock = f"{local:%I:%M{seconds} %p} {zone_name(instant, zone)}".removeprefix("0")
    return f"{local:%b} {local.day}, {local.year}, {clock}"
