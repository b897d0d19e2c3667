"""Forms of the admin: what sanitising removes is told, derived keys are checked, instants are in a named zone."""

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

from ..models.meeting import to_instant
from ..words.text import plain_text, squeeze

HTML_NOTE = "Whatever else is typed is removed on saving, and you are told what."


def date_input() -> forms.DateInput:
    """The browser's own date field: no script, and no guess at the zone."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M:%S", attrs={"type": "time", "step": "1"})


class NearDate(forms.DateField):
    """A date of our times: sums with others stay within what databases and calendars hold."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.validators.append(near)


def near(date: dt.date) -> None:
    """Raise ValidationError for a date that is certainly a slip."""
    if not 1900 <= date.year <= 2200:
        raise ValidationError("This date is out of range.")


class InstantWidget(forms.SplitDateTimeWidget):
    def __init__(self):
        super().__init__(attrs=None)
        self.widgets = [date_input(), time_input()]


class InstantField(forms.SplitDateTimeField):
    """Date and clock time in `zone` (UTC unless set), as an instant.

    Where local clocks jump over the time typed, or show it twice, the later instant counts, as in every embargo rule.
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
        near(date)
        if self.zone is dt.UTC:
            return dt.datetime.combine(date, time, dt.UTC)
        return to_instant(date, time, self.zone)

    def has_changed(self, initial, data) -> bool:
        return super().has_changed(self.widget.decompress(self.prepare_value(initial)), data)


class ZonedForm(forms.ModelForm):
    """Its instants are typed in the time zone that `zone_of_form` finds, and their help says which."""

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


class SanitisedForm(forms.ModelForm):
    """`sanitised` maps fields to what their model's `derive` cleans them with; `removed` holds what that took."""

    sanitised: dict[str, Callable[[str], str]] = {}

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        self.removed = {
            name: taken
            for name, sanitise in self.sanitised.items()
            if name in self.changed_data and (taken := removed_by(sanitise, cleaned.get(name) or ""))
        }
        return cleaned


class UniqueKeyForm(forms.ModelForm):
    """Checks the `key` and `slug` that the model derives from the name, of which the form knows nothing."""

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            self.instance.derive()
            self.refuse_taken()

    def refuse_taken(self) -> None:
        """Add errors where another row has the derived key or slug."""
        others = type(self.instance)._default_manager.exclude(pk=self.instance.pk)
        names = {field.name for field in self.instance._meta.fields} & {"key", "slug"}
        for name in sorted(names):
            value = getattr(self.instance, name)
            if value and (other := others.filter(**{name: value}).first()):
                self.add_error("slug" if name == "slug" and "slug" in self.fields else "name", f"Taken by “{other}”.")


class FixedMeetingForm(forms.ModelForm):
    """The meeting is not on the form of a stored row, but what is unique within it has to be checked all the same."""

    def _get_validation_exclusions(self):
        excluded = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"meeting"} if self.instance.pk else excluded


class _Markup(HTMLParser):
    """Collects the tags and attributes of markup, in order, once each."""

    def __init__(self, markup: str):
        super().__init__()
        self.found: dict[str, None] = {}
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found[f"<{tag}>"] = None
        for name, _ in attrs:
            self.found[f"{name} of <{tag}>"] = None


def removed_by(sanitise: Callable[[str], str], markup: str) -> list[str]:
    """What `sanitise` takes from `markup`, in words for the curator; nothing gives []."""
    clean = sanitise(markup)
    kept = _Markup(clean).found
    gone = [name for name in _Markup(markup).found if name not in kept]
    gone = [name for name in gone if not any(name.endswith(f" of {tag}") for tag in gone)]
    if _visible(markup) != squeeze(plain_text(clean)).replace(" ", ""):
        gone.append("some text (type &lt; for a less-than sign)")
    return gone


def _visible(markup: str) -> str:
    heard = re.sub(r"<(script|style)\b.*?</\1>", " ", markup, flags=re.I | re.S)
    return squeeze(html.unescape(re.sub(r"<[^<>]*>", " ", heard))).replace(" ", "")


FORMFIELDS = {
    models.DateField: {"form_class": NearDate, "widget": date_input()},
    models.TimeField: {"widget": time_input()},
    models.DateTimeField: {"form_class": InstantField, "widget": InstantWidget()},
}


def in_zone(instant: dt.datetime | None, zone: dt.tzinfo) -> str:
    """“Oct 25, 2025, 10:00 AM CDT”; seconds where there are some; a dash for none."""
    if instant is None:
        return "–"
    local = timezone.localtime(instant, zone)
    seconds = ":%S" if local.second else ""
    clock = local.strftime(f"%I:%M{seconds} %p %Z").removeprefix("0")
    return f"{local:%b} {local.day}, {local.year}, {clock}"
