"""Applications of the press: for which meetings, and the form."""

import datetime as dt

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from abstracts.models import Meeting
from abstracts.visibility import ANONYMOUS

from ..models import PressApplication, User


def open_meetings(at: dt.datetime) -> list[Meeting]:
    """The published meetings that are not over at `at`."""
    return [meeting for meeting in Meeting.objects.visible_to(ANONYMOUS).newest_first() if not meeting.is_over(at)]


class ApplicationForm(forms.ModelForm):
    """Who asks; the e-mail address only of somebody without an account. It looks nothing up, and so tells nothing."""

    work = forms.URLField(
        label=_("A link to your work"),
        max_length=500,
        assume_scheme="https",
        help_text=_("An article of yours, or your page at the outlet."),
    )

    class Meta:
        model = PressApplication
        fields = ["name", "email", "outlet", "work", "statement"]
        labels = {
            "name": _("Your name"),
            "email": _("Your e-mail address at work"),
            "outlet": _("Outlet"),
            "statement": _("What you do, and what you need access for"),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "outlet": forms.TextInput(attrs={"autocomplete": "organization"}),
            "statement": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args, user: User | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        if user:
            del self.fields["email"]
            self.initial["name"] = user.get_full_name()

    def store(self, meeting: Meeting, at: dt.datetime) -> PressApplication:
        application = self.save(commit=False)
        application.meeting, application.user, application.made_at = meeting, self.user, at
        application.language = get_language() or settings.LANGUAGE_CODE
        if self.user:
            application.email = self.user.email
        application.save()
        return application
