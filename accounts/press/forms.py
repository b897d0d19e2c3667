"""Forms of the press."""

from django import forms

from ..people.forms import NextForm


class AcceptForm(NextForm):
    """`version`: of the terms that were shown."""

    version = forms.CharField(max_length=16, widget=forms.HiddenInput)


class MailsForm(forms.Form):
    releases = forms.BooleanField(required=False)
