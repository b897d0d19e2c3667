"""The rule for slips and tampering."""

import pytest
from django import forms
from django.core.exceptions import BadRequest
from django.http import QueryDict

from abstracts.words.query_strings import clean_query, cleaned_data, is_valid
from abstracts.words.text import strip_controls


class SampleForm(forms.Form):
    words = forms.CharField(max_length=5, required=False)
    year = forms.IntegerField(min_value=1900, required=False)
    day = forms.DateField(required=False)
    order = forms.ChoiceField(choices=[("new", "New")], required=False)
    tags = forms.MultipleChoiceField(choices=[("a", "A")], required=False)
    key = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self):
        if self.cleaned_data.get("words") == "never":
            raise forms.ValidationError("Never.")


@pytest.mark.parametrize("query", ["", "words=gout&year=2020&day=2025-02-28&order=new&tags=a&key=1", "unknown=1"])
def test_valid(query):
    form = SampleForm(QueryDict(query))
    assert is_valid(form)
    assert cleaned_data(form) == form.cleaned_data


@pytest.mark.parametrize("query", ["words=overlong", "year=abc", "year=1", "day=2025-02-30", "words=never"])
def test_wrong_text_in_a_field_that_people_type_into_is_a_slip(query):
    form = SampleForm(QueryDict(query))
    assert not is_valid(form)
    assert form.errors


@pytest.mark.parametrize("query", ["order=old", "tags=b", "key=abc", "order=old&words=overlong", "order=new%00"])
def test_a_wrong_choice_or_hidden_value_is_tampering(query):
    with pytest.raises(BadRequest):
        is_valid(SampleForm(QueryDict(query)))


@pytest.mark.parametrize("query", ["words=overlong", "order=old", "key=x"])
def test_forms_that_no_page_shows_again_refuse_every_error(query):
    with pytest.raises(BadRequest):
        cleaned_data(SampleForm(QueryDict(query)))


def test_names_and_values_are_cleaned_and_several_stay_several():
    data = clean_query(QueryDict("q%00=%00a%0B++b&t=1&t=%1F2"))
    assert list(data.lists()) == [("q", ["a b"]), ("t", ["1", "2"])]


def test_white_space_stays_where_only_control_characters_are_removed():
    assert clean_query(QueryDict("q=a%00++b"), strip_controls)["q"] == "a  b"
