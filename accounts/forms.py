"""What the buttons of favorites and accounts send."""

from django import forms
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class NextForm(forms.Form):
    """`next` is where to go afterwards: a path of this site; anything else leads to the favorites."""

    next = forms.CharField(required=False, max_length=4000)

    def clean_next(self) -> str:
        address = self.cleaned_data["next"]
        if address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None):
            return address
        return reverse("favorites")


class StarForm(NextForm):
    """What a star sends. `next` is the page that it stands on."""

    abstract = forms.IntegerField(min_value=1, max_value=2**63 - 1)
