"""Forms of the pages of favorites. People type names, notes, words and places; links and buttons set all else."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from ..people.forms import NextForm

LONGEST_NOTE = 4000


class KeyField(forms.IntegerField):
    """The primary key of a list, or of a change, in a hidden field."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


# Also the numbers that pages of before had, until they are loaded again: they are not found.
_is_key = RegexValidator(r"\A(?:[0-9a-f]{16}|[0-9]{1,18})\Z")


class AbstractField(forms.CharField):
    """The key of an abstract, in a hidden field."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(validators=[_is_key], **kwargs)


class AbstractsField(forms.MultipleChoiceField):
    """The keys of any number of abstracts."""

    def validate(self, value):
        for key in value:
            _is_key(key)


class ListForm(forms.Form):
    """One of the visitor's lists; by default the one that stars add to."""

    list = KeyField(required=False)


class ListingForm(ListForm):
    """How a list is shown: its order, and which of its items."""

    BY_MEETING, BY_DATE_ADDED, OWN = "meeting", "added", "own"
    ORDERS = [
        (BY_MEETING, _("Meeting, session and number")),
        (BY_DATE_ADDED, _("Date added")),
        (OWN, _("My order")),
    ]

    order = forms.ChoiceField(choices=ORDERS, required=False)
    q = forms.CharField(required=False, max_length=200, label=_("Find in this list"))
    meeting = forms.SlugField(required=False, max_length=120, widget=forms.HiddenInput)
    organize = forms.BooleanField(required=False)

    def clean_order(self) -> str:
        return self.cleaned_data["order"] or self.BY_MEETING


class PrintedForm(ListingForm):
    """How a list is printed: compact, with the abstracts one after the other, or each on a page of its own."""

    COMPACT, ABSTRACTS, PAGES = "compact", "abstracts", "pages"
    LAYOUTS = [
        (COMPACT, _("Compact list")),
        (ABSTRACTS, _("List with abstracts")),
        (PAGES, _("One abstract per page")),
    ]

    layout = forms.ChoiceField(choices=LAYOUTS, required=False)

    def clean_layout(self) -> str:
        return self.cleaned_data["layout"] or self.PAGES


class SharedForm(forms.Form):
    """How a shared list is ordered. The dates on which its owner added items stay private."""

    ORDERS = [(ListingForm.BY_MEETING, _("Meeting, session and number")), (ListingForm.OWN, _("The list's own order"))]

    order = forms.ChoiceField(choices=ORDERS, required=False)

    def clean_order(self) -> str:
        return self.cleaned_data["order"] or ListingForm.BY_MEETING


class NoteForm(ListForm, NextForm):
    abstract = AbstractField()
    note = forms.CharField(
        required=False, max_length=LONGEST_NOTE, label=_("Private note"), widget=forms.Textarea(attrs={"rows": 3})
    )


class PlaceForm(ListForm):
    """The new place of an item in its list: one up, one down, or (by default) a place counted from 1."""

    abstract = AbstractField()
    to = forms.ChoiceField(choices=[("up", "up"), ("down", "down"), ("position", "position")], required=False)
    position = forms.IntegerField(required=False, min_value=1, max_value=10**6)


class ArrangeForm(ListForm):
    """What to do with the checked items of a list."""

    action = forms.ChoiceField(choices=[("move", "move"), ("copy", "copy"), ("remove", "remove")])
    abstract = AbstractsField(required=False)
    to = KeyField(required=False)


class RestoreForm(NextForm):
    change = KeyField(required=False)


class NameForm(forms.Form):
    name = forms.CharField(max_length=80, label=_("Name of the list"))
    name.widget.attrs["autocomplete"] = "off"


class StarForm(NextForm):
    """What a star sends. `next` is the page of the star."""

    abstract = AbstractField()
