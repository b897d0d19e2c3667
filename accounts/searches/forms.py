"""Forms of saved searches."""

from django import forms

from ..models import SavedSearch


class SavedSearchForm(forms.ModelForm):
    """How a saved search is called, and what is mailed of it."""

    class Meta:
        model = SavedSearch
        fields = ["name", "alert"]
        widgets = {"alert": forms.RadioSelect}
