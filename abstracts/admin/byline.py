"""Bylines in the admin: author lines and numbered affiliations, linked by typing numbers."""

import itertools
import re

from django import forms
from django.core.exceptions import ValidationError

from ..importing.people import PersonIndex, person_lookup
from ..models import Affiliation, AuthorAffiliation, AuthorLine
from .base import Inline
from .positions import MOST, PositionForm, PositionFormSet, is_changed


class AffiliationForm(PositionForm):
    class Meta:
        model = Affiliation
        fields = ["position", "text", "institution", "country"]
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "cols": 60})}

    position = forms.IntegerField(
        label="Number",
        min_value=1,
        max_value=MOST,
        required=False,
        help_text="Blank: the next one.",
        widget=forms.NumberInput(attrs={"class": "vSmall"}),
    )


class AffiliationFormSet(PositionFormSet):
    """Author lines name affiliations by number, so two affiliations with one number are an error."""

    def clean(self):
        super().clean()
        self.place_blank()
        numbers = [form.cleaned_data["position"] for form in self.kept_forms()]
        if repeated := sorted({number for number in numbers if numbers.count(number) > 1}):
            raise ValidationError(f"Two affiliations have the number {repeated[0]}.")


class AffiliationInline(Inline):
    model = Affiliation
    form = AffiliationForm
    formset = AffiliationFormSet
    verbose_name_plural = "affiliations"


class NumbersField(forms.CharField):
    """“1, 3” as [1, 3]: each number once, in the order typed."""

    def __init__(self, **kwargs):
        super().__init__(max_length=300, **kwargs)

    def to_python(self, value) -> list[int]:
        text = super().to_python(value) or ""
        if not re.fullmatch(r"[\d\s,;]*", text, re.ASCII):
            raise ValidationError("Write the numbers of affiliations, such as 1, 3.")
        numbers = [int(number) for number in re.findall(r"\d+", text)]
        if any(number > MOST for number in numbers):
            raise ValidationError("There is no affiliation with such a number.")
        return list(dict.fromkeys(numbers))

    def run_validators(self, value):
        """Nothing: the validators of CharField are for text."""

    def has_changed(self, initial, data) -> bool:
        return re.findall(r"\w+", initial or "") != re.findall(r"\w+", data or "")


class AuthorForm(PositionForm):
    affiliations = NumbersField(
        required=False,
        help_text="Numbers from the list of affiliations: 1, 3. Left as it is, the author keeps the affiliations.",
        widget=forms.TextInput(attrs={"class": "vNumbers"}),
    )

    class Meta:
        model = AuthorLine
        fields = [
            "position", "name", "family", "given", "affiliations", "orcid", "is_presenter", "is_group", "person",
        ]  # fmt: skip

    def clean_orcid(self) -> str:
        return (self.cleaned_data["orcid"] or "").strip().upper()

    def clean_affiliations(self) -> list[int]:
        return self.cleaned_data["affiliations"] or []


class AuthorFormSet(PositionFormSet):
    """Author lines. The admin sets `affiliation_formset`, which has the numbers after saving."""

    affiliation_formset: AffiliationFormSet | None = None

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if form.instance.pk and "affiliations" in form.fields:
            form.initial["affiliations"] = ", ".join(map(str, self._numbers().get(form.instance.pk, [])))

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        self._spread_positions()
        if self.affiliation_formset is None or not self.affiliation_formset.is_valid():
            return
        numbers = {form.cleaned_data["position"] for form in self.affiliation_formset.kept_forms()}
        for form in self.kept_forms():
            unknown = [n for n in form.cleaned_data.get("affiliations", []) if n not in numbers]
            if unknown and is_changed(form, "affiliations"):
                form.add_error("affiliations", f"There is no affiliation {unknown[0]}.")

    def save(self, commit=True):
        assign_persons([form.instance for form in self.kept_forms() if not form.instance.person_id])
        saved = super().save(commit)
        numbers = None
        for form in self.kept_forms():
            if is_changed(form, "affiliations"):
                numbers = numbers or dict(
                    Affiliation.unfiltered.filter(abstract=self.instance).values_list("position", "pk")
                )
                link(form.instance, [numbers[n] for n in form.cleaned_data["affiliations"]])
        return saved

    save.alters_data = True  # type: ignore[attr-defined]

    def _spread_positions(self) -> None:
        """If two rows have one position, the row whose position was typed gets it; the others keep their order."""
        self.place_blank()
        rows = self.kept_forms()
        if len({form.cleaned_data["position"] for form in rows}) == len(rows):
            return
        moved = [form for form in rows if "position" in form.changed_data]
        rest = sorted((form for form in rows if form not in moved), key=lambda form: form.cleaned_data["position"])
        taken: set[int] = set()
        for form in sorted(moved, key=lambda form: form.cleaned_data["position"]):
            form.place(next(n for n in itertools.count(form.cleaned_data["position"]) if n not in taken))
            taken.add(form.cleaned_data["position"])
        held = {form.initial.get("position") for form in self.initial_forms} - {None}
        free = sorted(held - taken)
        after = itertools.count(max(held | taken) + 1)
        for form, position in zip(rest, itertools.chain(free, after), strict=False):
            form.place(position)

    def _numbers(self) -> dict[int, list[int]]:
        if not hasattr(self, "_numbers_by_author"):
            self._numbers_by_author: dict[int, list[int]] = {}
            links = AuthorAffiliation.unfiltered.filter(author__abstract=self.instance.pk)
            for author, number in links.order_by("affiliation__position").values_list(
                "author", "affiliation__position"
            ):
                self._numbers_by_author.setdefault(author, []).append(number)
        return self._numbers_by_author


def link(author: AuthorLine, affiliations: list[int]) -> None:
    """Link `author` to exactly these affiliations (primary keys, of the same abstract)."""
    links = AuthorAffiliation.unfiltered.filter(author=author)
    links.exclude(affiliation__in=affiliations).delete()
    linked = set(links.values_list("affiliation", flat=True))
    AuthorAffiliation.unfiltered.bulk_create(
        AuthorAffiliation(author=author, affiliation_id=pk) for pk in affiliations if pk not in linked
    )


def assign_persons(lines: list[AuthorLine]) -> None:
    """Link `lines` to persons as an import does: by ORCID or name. Unknown persons are created."""
    authors = [
        {"name": line.name, "given": line.given, "family": line.family, "orcid": line.orcid or ""} for line in lines
    ]
    persons = PersonIndex().get_or_create(authors)
    for line, author in zip(lines, authors, strict=True):
        line.person_id = persons.get(person_lookup(author))


class AuthorInline(Inline):
    model = AuthorLine
    form = AuthorForm
    formset = AuthorFormSet
    autocomplete_fields = ["person"]
    offers_add = False  # A blank person is looked up by name, or created.
    verbose_name = "author"
    verbose_name_plural = "authors"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("person")
