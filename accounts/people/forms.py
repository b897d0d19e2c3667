"""Forms of the account's own pages, and of every button that leads back to where it was pressed."""

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from abstracts.words.identifiers import normalize_orcid

from ..models import User


class NextForm(forms.Form):
    """`next` is the path of this site to redirect to; anything else is replaced by that of the favorites."""

    next = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def clean_next(self) -> str:
        address = self.cleaned_data["next"]
        if address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
            return address
        return reverse("favorites")


class SignupForm(AllauthSignupForm):
    """Hashes the password even if the address has an account, so that the time of the answer does not disclose it."""

    def try_save(self, request):
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ProfileForm(forms.ModelForm):
    """Name and ORCID, which may be typed as an address."""

    orcid = forms.CharField(
        label="ORCID", max_length=60, required=False, help_text=_("As in 0000-0002-1825-0097. Nobody else sees it.")
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "orcid"]
        labels = {"first_name": _("Given name"), "last_name": _("Family name")}

    def clean_orcid(self) -> str:
        return normalize_orcid(self.cleaned_data["orcid"])


class DeletionForm(forms.Form):
    """Asks for the e-mail address again, so that nobody deletes an account by accident."""

    email = forms.EmailField(
        label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}), max_length=254
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if email.lower() != self.user.email.lower():
            raise ValidationError(_("This is not the address of this account."))
        return email

    def clean(self) -> None:
        if self.user.is_staff:
            raise ValidationError(_("Accounts of staff are deleted in the admin, by somebody else."))
