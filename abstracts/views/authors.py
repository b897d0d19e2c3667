"""The author index and the pages of authors.

An author exists for a viewer where one of the author's lines does. The index is one long list, read from any name
on: each page costs the same, however many authors there are.
"""

import datetime as dt
from dataclasses import dataclass
from string import ascii_lowercase
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from .. import reading
from ..models import Abstract, AuthorAffiliation, AuthorLine, Person, PersonName
from ..reading.ordering import NEWEST_FIRST
from ..visibility import Level, Viewer
from ..words.text import fold, sort_key, strip_controls
from .alphabet import GROUPS, LABELS, OTHERS, first_keys, group_of
from .listing import by_meeting
from .paging import paginate

PER_PAGE = 100


class IndexForm(forms.Form):
    """`start`: from which name on. `id`: where several have that name, from which of them on."""

    start = forms.CharField(max_length=300, required=False)
    id = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


@dataclass(frozen=True)
class Entry:
    """A line of the index. `count` is of the abstracts that the viewer may see."""

    name: str
    slug: str
    count: int


@dataclass(frozen=True)
class Stretch:
    """The part of the index on one page; the queries of the pages before and after it ("" where there is none)."""

    persons: list[Person]
    before: str | None
    after: str | None


def visible_persons(viewer: Viewer, at: dt.datetime) -> QuerySet[Person]:
    """The persons that exist for `viewer`."""
    return Person.objects.filter(Exists(AuthorLine.objects.visible_to(viewer, at).filter(person=OuterRef("pk"))))


@require_safe
def author_list(request: HttpRequest) -> HttpResponse:
    form = IndexForm({name: strip_controls(value) for name, value in request.GET.items()})
    if not form.is_valid():
        raise BadRequest("authors")
    start = sort_key(form.cleaned_data["start"])
    visible = visible_persons(request.viewer, request.at)
    letters = first_keys(visible, "sort_key", GROUPS)
    stretch = stretch_from(visible, start, form.cleaned_data["id"])
    first = stretch.persons[0].sort_key if stretch.persons else ""
    letter = group_of(first) if first else ""
    pairs = _pairs(visible, letter)
    context = {
        "letters": [(LABELS[g], _start_of(g, letters[g]) if g in letters else None, g == letter) for g in GROUPS],
        "pairs": [(pair.capitalize(), pair, first.startswith(pair)) for pair in pairs],
        "stretch": stretch,
        "entries": _entries(stretch.persons, request.viewer, request.at),
        "start": form.cleaned_data["start"],
        "canonical_path": f"{request.path}?{urlencode({'start': start})}" if start else request.path,
    }
    return render(request, "abstracts/author_list.html", context)


def stretch_from(persons: QuerySet[Person], key: str, pk: int | None) -> Stretch:
    """`PER_PAGE` persons from the sort key `key` on (and among equal ones from `pk` on), in 2 queries."""
    since, until = Q(sort_key__gte=key), Q(sort_key__lt=key)
    if pk:
        since &= ~Q(sort_key=key, pk__lt=pk)
        until = Q(sort_key__lte=key) & ~Q(sort_key=key, pk__gte=pk)
    found = list(persons.filter(since).order_by("sort_key", "pk")[: PER_PAGE + 1])
    earlier = persons.filter(until).order_by("-sort_key", "-pk") if key else persons.none()
    before = list(earlier[:PER_PAGE])
    return Stretch(
        found[:PER_PAGE],
        _query(before[-1]) if before else None,
        _query(found[-1]) if len(found) > PER_PAGE else None,
    )


def _query(person: Person) -> str:
    return urlencode({"start": person.sort_key, "id": person.pk})


def _start_of(group: str, first_key: str) -> str:
    if group == OTHERS:
        return first_key[0]
    return group if group in ascii_lowercase else "0"


def _pairs(persons: QuerySet[Person], letter: str) -> list[str]:
    if letter not in ascii_lowercase or not letter:
        return []
    pairs = [letter + second for second in ascii_lowercase]
    return list(first_keys(persons, "sort_key", pairs))


def _entries(persons: list[Person], viewer: Viewer, at: dt.datetime) -> list[Entry]:
    lines = AuthorLine.objects.visible_to(viewer, at).filter(person__in=[p.pk for p in persons])
    counts = dict(lines.order_by().values_list("person").annotate(n=Count("abstract", distinct=True)))
    return [Entry(p.index_name, p.slug, counts.get(p.pk, 0)) for p in persons]


@require_safe
def author(request: HttpRequest, slug: str) -> HttpResponse:
    person = visible_persons(request.viewer, request.at).filter(slug=slug).first()
    if not person:
        return redirect(_of_former_slug(request, slug), permanent=True)
    lines = AuthorLine.objects.visible_to(request.viewer, request.at).filter(person=person)
    abstracts = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED)
    abstracts = abstracts.filter(pk__in=lines.values("abstract")).select_related("meeting").order_by(*NEWEST_FIRST)
    page = paginate(request, abstracts)
    rows = reading.rows(page.object_list)
    typed = list(lines.order_by("pk").values_list("name", "orcid"))
    context = {
        "person": person,
        "names": [name for name in dict.fromkeys(name for name, _ in typed) if name != person.name],
        "orcid": next((orcid for _, orcid in typed if orcid), ""),
        "affiliations": affiliations_of(person, request.viewer, request.at),
        "page": page,
        "groups": by_meeting(rows),
    }
    return render(request, "abstracts/author.html", context)


def affiliations_of(person: Person, viewer: Viewer, at: dt.datetime) -> list[str]:
    """The affiliations of `person` as given, each once, those of the newest meeting first."""
    links = AuthorAffiliation.objects.visible_to(viewer, at).filter(author__person=person)
    texts = links.order_by(
        F("author__abstract__meeting__year").desc(),
        F("author__abstract__meeting__starts_on").desc(nulls_last=True),
        "author__abstract__number_key",
        "affiliation__position",
    ).values_list("affiliation__text", flat=True)
    distinct: dict[str, str] = {}
    for text in texts:
        distinct.setdefault(fold(text), text)
    return list(distinct.values())


def _of_former_slug(request: HttpRequest, slug: str) -> Person:
    former = get_object_or_404(PersonName, slug=slug)
    person = visible_persons(request.viewer, request.at).filter(pk=former.person_id).first()
    if not person:
        raise Http404
    return person
