"""Persons: the entries of the author index."""

from django import forms
from django.contrib import admin
from django.db.models import Count

from ..models import AuthorLine, Person, PersonName
from ..models.byline import person_key
from .base import Inline
from .forms import UniqueKeyForm
from .merging import IndexAdmin, Refused


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ["name", "family", "given", "orcid", "slug"]

    def clean_orcid(self):
        return (self.cleaned_data["orcid"] or "").strip().upper() or None


class NameForm(UniqueKeyForm):
    class Meta:
        model = PersonName
        fields = ["name", "slug"]

    def check_unique(self):
        super().check_unique()
        if self.instance.slug and (other := Person.unfiltered.filter(slug=self.instance.slug).first()):
            self.add_error("slug", f"This is the address of “{other}”.")


class NameInline(Inline):
    model = PersonName
    form = NameForm
    verbose_name = "name"
    verbose_name_plural = "names under which imports find the person, and former addresses"


@admin.register(Person)
class PersonAdmin(IndexAdmin):
    form = PersonForm
    inlines = [NameInline]
    list_display = ["index_name", "orcid", "slug", "abstracts"]
    search_fields = ["name", "orcid"]
    search_help_text = "Words of the name or of a former name, or an ORCID."
    link = AuthorLine._meta.get_field("person")
    former_names = PersonName
    key = "sort_key"
    merge_unit = "author lines"

    def get_search_results(self, request, queryset, search_term):
        """An ORCID, or words of the names."""
        orcid = search_term.strip().upper()
        if "-" in orcid and orcid.replace("-", "").rstrip("X").isdigit():
            return queryset.filter(orcid=orcid), False
        return super().get_search_results(request, queryset, search_term)

    def merge_label(self, row):
        orcid = f", ORCID {row.orcid}" if row.orcid else ""
        return f"{row.index_name} ({row.abstracts} abstracts{orcid})"

    def merge_warnings(self, rows):
        lines = AuthorLine.unfiltered.filter(person__in=rows).order_by()
        persons = lines.values("abstract").annotate(n=Count("person", distinct=True))
        together = persons.filter(n__gt=1).count()
        if not together:
            return []
        noun = "abstract" if together == 1 else "abstracts"
        return [f"Some of them are authors of the same {noun} ({together}): probably different people."]

    def take_over(self, source, target, user):
        return AuthorLine.unfiltered.filter(person=source).update(person=target)

    def leave_name(self, source, target):
        leave_name(source, target)

    def merge(self, request, sources, target):
        orcid = common_orcid([target, *sources])
        message = super().merge(request, sources, target)
        if orcid != target.orcid:
            target = Person.unfiltered.get(pk=target.pk)
            target.orcid = orcid
            target.save()
        return message


def common_orcid(persons: list[Person]) -> str | None:
    """The ORCID of those who have one, or None. Raises `Refused` for two different ones: they are two people."""
    orcids = sorted({person.orcid for person in persons if person.orcid})
    if len(orcids) > 1:
        raise Refused(
            f"Not merged: they have different ORCIDs ({', '.join(orcids)}), so they are different people. "
            "If one ORCID is wrong, remove it first."
        )
    return orcids[0] if orcids else None


def leave_name(source: Person, target: Person) -> None:
    """Delete `source`; its names and its address become names of `target`."""
    PersonName.unfiltered.filter(person=source).update(person=target)
    name, slug, key = source.name, source.slug, person_key(source.name)
    source.delete()
    same = PersonName.unfiltered.filter(key=key).first()
    if same and same.slug is None and same.person_id == target.pk:
        PersonName.unfiltered.filter(pk=same.pk).update(slug=slug)
    else:
        # A name has one address. The address of a second person of that name is stored under a longer name.
        PersonName(person=target, name=f"{name} ({slug})" if same else name, slug=slug).save()
