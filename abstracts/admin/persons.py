"""Persons: the entries of the author index."""

from django import forms
from django.contrib import admin
from django.db.models import Count, Q
from simple_history.utils import bulk_update_with_history

from ..models import AuthorLine, Person, PersonName
from ..models.byline import person_key
from ..words.text import sort_key
from .base import ArchiveAdmin, Inline, number_of
from .forms import UniqueKeyForm
from .merging import MergeAdmin, Refused, note_merge


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

    def refuse_taken(self):
        super().refuse_taken()
        if self.instance.slug and (other := Person.objects.filter(slug=self.instance.slug).first()):
            self.add_error("slug", f"This is the address of “{other}”.")


class NameInline(Inline):
    model = PersonName
    form = NameForm
    verbose_name = "name"
    verbose_name_plural = "names under which imports find the person, and former addresses"


@admin.register(Person)
class PersonAdmin(MergeAdmin, ArchiveAdmin):
    form = PersonForm
    inlines = [NameInline]
    actions = ["merge_selected"]
    list_display = ["index_name", "orcid", "slug", "abstracts"]
    search_fields = ["name", "orcid"]
    search_help_text = "Words of the name or of a former name, or an ORCID."
    merge_relation = AuthorLine._meta.get_field("person")

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.path.endswith("/autocomplete/"):
            return rows
        return rows.annotate(abstracts=number_of(AuthorLine, "person"))

    def get_search_results(self, request, queryset, search_term):
        """An ORCID, or every word in the name or in one of the names left behind, whatever the accents."""
        if orcid := search_term.strip().upper():
            found = queryset.filter(orcid=orcid)
            if "-" in orcid and orcid.replace("-", "").rstrip("X").isdigit():
                return found, False
        for word in sort_key(search_term).split()[:8]:
            names = PersonName.objects.filter(key__contains=word).order_by().values("person")
            queryset = queryset.filter(Q(sort_key__contains=word) | Q(pk__in=names))
        return queryset, False

    @admin.display(description="abstracts", ordering="abstracts")
    def abstracts(self, person):
        return person.abstracts

    def merge_label(self, row):
        orcid = f", ORCID {row.orcid}" if row.orcid else ""
        return f"{row.index_name} ({row.abstracts} abstracts{orcid})"

    def merge_warnings(self, rows):
        together = (
            AuthorLine.unfiltered.filter(person__in=rows)
            .order_by()
            .values("abstract")
            .annotate(n=Count("person", distinct=True))
            .filter(n__gt=1)
            .count()
        )
        if not together:
            return []
        noun = "abstract" if together == 1 else "abstracts"
        return [f"Some of them are authors of the same {noun} ({together}): probably different people."]

    def merge(self, request, sources, target):
        if not sources:
            raise Refused("Choose at least two persons, or another one to merge into.")
        orcid = common_orcid([target, *sources])
        moved = 0
        for source in sources:
            count = move_lines(source, target, request.user)
            note_merge(request, source, target, count)
            leave_name(source, target)
            moved += count
        if orcid != target.orcid:
            target = Person.objects.get(pk=target.pk)
            target.orcid = orcid
            target.save()
        return f"Merged {len(sources)} into “{target}”; {moved} author lines moved."


def common_orcid(persons: list[Person]) -> str | None:
    """The ORCID of those who have one. Raises `Refused` where there are two: ORCIDs tell people apart."""
    orcids = sorted({person.orcid for person in persons if person.orcid})
    if len(orcids) > 1:
        raise Refused(
            f"Not merged: they have different ORCIDs ({', '.join(orcids)}), so they are different people. "
            "If one ORCID is wrong, remove it first."
        )
    return orcids[0] if orcids else None


def move_lines(source: Person, target: Person, user) -> int:
    """Give the author lines of `source` to `target`, with history; their number."""
    lines = list(AuthorLine.unfiltered.filter(person=source))
    for line in lines:
        line.person = target
    bulk_update_with_history(
        lines, AuthorLine, ["person"], batch_size=500, default_user=user, manager=AuthorLine.unfiltered
    )
    return len(lines)


def leave_name(source: Person, target: Person) -> None:
    """Delete `source` and leave its names and its address behind as names of `target`."""
    PersonName.objects.filter(person=source).update(person=target)
    name, slug, key = source.name, source.slug, person_key(source.name)
    source.delete()
    known = PersonName.objects.filter(key=key).first()
    if known and known.slug is None and known.person_id == target.pk:
        PersonName.objects.filter(pk=known.pk).update(slug=slug)
    else:
        # One name keeps one address: a second namesake's is kept under a name that tells them apart.
        PersonName(person=target, name=f"{name} ({slug})" if known else name, slug=slug).save()
