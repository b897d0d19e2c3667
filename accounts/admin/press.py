"""Applications of the press, decided here, and the accesses that come of them."""

import datetime as dt
from functools import partial

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.db import transaction

from abstracts import clock
from abstracts.admin.base import PlainAdmin, log
from abstracts.admin.forms import InstantField, ZonedForm
from abstracts.models import Meeting
from abstracts.models.meeting import to_instant

from ..models import PressAccess, PressApplication, User
from ..press import deciding
from ..press.approval_mail import mail_approval

UNCONFIRMED = "Whoever made the account with this address never confirmed it. They have to, or it has to be deleted."


def is_unconfirmed(email: str) -> bool:
    """Whether an account has `email`, and nobody has shown to read its mail: anybody may have chosen its password."""
    return EmailAddress.objects.filter(user__email__iexact=email, email__iexact=email, verified=False).exists()


class PeriodForm(ZonedForm):
    """A form with `starts_at` and `ends_at`, typed in the zone of the meeting."""

    def zone_of_form(self):
        return self.instance.meeting.zone if self.instance.meeting_id else None

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if start and end and end <= start and self.gives_access:
            self.add_error("ends_at", "This is not after the beginning.")
        return cleaned

    @property
    def gives_access(self) -> bool:
        return True


class DecisionForm(PeriodForm):
    decision = forms.ChoiceField(
        choices=[("", "Not yet"), ("approve", "Approve"), ("decline", "Decline (no e-mail is sent)")], required=False
    )
    starts_at = InstantField(label="from", required=False, help_text="Blank: from now on. UTC.")
    ends_at = InstantField(label="until", required=False)
    may_export = forms.BooleanField(
        label="may export", required=False, help_text=PressAccess._meta.get_field("may_export").help_text
    )

    class Meta:
        model = PressApplication
        fields = ["note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["ends_at"] = _after(self.instance.meeting)

    def clean(self):
        self.cleaned_data["starts_at"] = self.cleaned_data.get("starts_at") or clock.now()
        cleaned = super().clean()
        if self.gives_access and not cleaned.get("ends_at") and "ends_at" not in self.errors:
            self.add_error("ends_at", "Say until when.")
        if self.gives_access and not self.instance.user_id and is_unconfirmed(self.instance.email):
            self.add_error("decision", UNCONFIRMED)
        return cleaned

    @property
    def gives_access(self) -> bool:
        return self.cleaned_data.get("decision") == "approve"


def _after(meeting: Meeting) -> dt.datetime | None:
    """The end of the meeting's last day."""
    last = meeting.ends_on or meeting.starts_on
    return to_instant(last + dt.timedelta(days=1), dt.time(0), meeting.zone) if last else None


@admin.register(PressApplication)
class PressApplicationAdmin(PlainAdmin):
    form = DecisionForm
    list_display = ["name", "outlet", "meeting", "email", "made_at", "state", "decided_by"]
    list_filter = ["state", "meeting"]
    list_select_related = ["meeting", "decided_by"]
    search_fields = ["name", "outlet", "email"]
    ordering = ["-made_at", "-pk"]
    asked = ["name", "outlet", "email", "user", "meeting", "statement", "work", "language", "made_at"]
    decided = ["state", "decided_by", "decided_at"]

    def get_readonly_fields(self, request, obj=None):
        return [*self.asked, *self.decided]

    def get_fieldsets(self, request, obj=None):
        is_waiting = obj is not None and obj.state == PressApplication.State.WAITING
        decision = ["decision", "starts_at", "ends_at", "may_export"] if is_waiting else self.decided
        return [(None, {"fields": self.asked}), ("Decision", {"fields": [*decision, "note"]})]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        is_decided = obj is not None and obj.state != PressApplication.State.WAITING
        return super().has_change_permission(request, obj) and not is_decided

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        given, at = form.cleaned_data, clock.now()
        if given["decision"] == "approve":
            period = {name: given[name] for name in ("starts_at", "ends_at", "may_export")}
            access = deciding.approve(obj, request.user, at, **period)
            transaction.on_commit(partial(tell, self, request, access))
        elif given["decision"] == "decline":
            deciding.decline(obj, request.user, at)


class AccessForm(PeriodForm):
    email = forms.EmailField(label="e-mail address of the account", required=False)

    class Meta:
        model = PressAccess
        fields = ["meeting", "starts_at", "ends_at", "may_export", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "meeting" in self.fields:
            # The e-mail about it names the meeting.
            self.fields["meeting"].queryset = Meeting.objects.filter(is_published=True).newest_first()

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if not self.instance.pk and not User.objects.filter(email=email).exists():
            raise forms.ValidationError("No account has this address.")
        if is_unconfirmed(email):
            raise forms.ValidationError(UNCONFIRMED)
        return email


@admin.register(PressAccess)
class PressAccessAdmin(PlainAdmin):
    form = AccessForm
    list_display = ["user", "meeting", "starts_at", "ends_at", "may_export", "accepted_at", "revoked_at"]
    list_filter = ["meeting", "may_export"]
    list_select_related = ["user", "meeting"]
    search_fields = ["user__email"]
    ordering = ["-ends_at", "-pk"]
    actions = ["revoke"]
    about = ["user", "meeting", "accepted_at", "approved_by", "approved_at", "revoked_by", "revoked_at"]

    def get_fieldsets(self, request, obj=None):
        given = ["starts_at", "ends_at", "may_export", "language"]
        return [(None, {"fields": [*self.about, *given] if obj else ["email", "meeting", *given]})]

    def get_readonly_fields(self, request, obj=None):
        return self.about if obj else []

    def save_model(self, request, obj, form, change):
        if not change:
            obj.user = User.objects.get(email=form.cleaned_data["email"])
            obj.approved_by = request.user
            obj.mailed_entry = deciding.last_entry()
            transaction.on_commit(partial(tell, self, request, obj))
        super().save_model(request, obj, form, change)

    @admin.action(description="Revoke: ends at once", permissions=["change"])
    def revoke(self, request, accesses):
        for access in accesses.filter(revoked_at=None):
            PressAccess.objects.filter(pk=access.pk).update(revoked_at=clock.now(), revoked_by=request.user)
            log(request, access, "Revoked.")
            self.message_user(request, f"{access}: revoked.")


def tell(page: PlainAdmin, request, access: PressAccess) -> None:
    """Mail the person, and tell the officer whether that worked."""
    try:
        mail_approval(access)
    except OSError:
        failed = f"The mail server did not take the e-mail to {access.user.email}. Tell them yourself."
        page.message_user(request, failed, messages.ERROR)
    else:
        page.message_user(request, f"{access.user.email} was told by e-mail.")
