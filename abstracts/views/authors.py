"""The author index and the pages of authors.

The index is one long list, read from any name on: each page costs the same, however many authors there are.
"""

from dataclasses import dataclass
from string import ascii_lowercase
from urllib.parse import urlencode

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ..models import AuthorAffiliation, Person
from ..visibility import ArchiveRequest
from ..words.query_strings import clean_query, is_valid
from ..words.text import fold, sort_key
from .alphabet import GROUPS, LABELS, OTHERS, first_keys, group_of
from .indexes import AUTHORS

PER_PAGE = 100


class AuthorIndexForm(forms.Form):
    """`start`: the first name of the page. `author`: the slug of its first person, where several have it."""

    start = forms.CharField(
        label=_("Go to a family name, or its beginning"),
        max_length=300,
        required=False,
        widget=forms.SearchInput(attrs={"id": "author-start", "autocomplete": "off"}),
    )
    author = forms.SlugField(max_length=160, required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Stretch:
    """One page of the index, and the query strings of the pages before and after (None where there is none)."""

    persons: list[Person]
    before: str | None
    after: str | None


@require_safe
def author_list(request: ArchiveRequest) -> HttpResponse:
    """The authors from a name on."""
    form = AuthorIndexForm(clean_query(request.GET))
    is_valid(form)
    text = form.cleaned_data.get("start", "")
    start = sort_key(text)
    visible = AUTHORS.visible(request.viewer, request.at)
    groups = first_keys(visible, "sort_key", GROUPS)
    stretch = stretch_from(visible, start, form.cleaned_data["author"])
    first = stretch.persons[0].sort_key if stretch.persons else ""
    letter = group_of(first) if first else ""
    pairs = _letter_pairs(visible, letter)
    context = {
        "address": "author",
        "field": form["start"],
        "letters": [(LABELS[g], _query_of(g, groups[g]) if g in groups else None, g == letter) for g in GROUPS],
        "pairs": [(pair.capitalize(), f"start={pair}", first.startswith(pair)) for pair in pairs],
        "stretch": stretch,
        "lines": AUTHORS.lines(stretch.persons, request),
        "start": text,
        "canonical_path": f"{request.path}?{urlencode({'start': start})}" if start else request.path,
    }
    return render(request, "abstracts/author_list.html", context)


def stretch_from(persons: QuerySet[Person], key: str, slug: str) -> Stretch:
    """`PER_PAGE` persons from the sort key `key` on (and among equal ones from `slug` on), in 2 queries.

    Not by primary key: persons are made when an abstract first names them, and that one may be hidden.
    """
    since, until = Q(sort_key__gte=key), Q(sort_key__lt=key)
    if slug:
        since &= ~Q(sort_key=key, slug__lt=slug)
        until = Q(sort_key__lte=key) & ~Q(sort_key=key, slug__gte=slug)
    rows = list(persons.filter(since).order_by("sort_key", "slug")[: PER_PAGE + 1])
    earlier = persons.filter(until).order_by("-sort_key", "-slug") if key else persons.none()
    before = list(earlier[:PER_PAGE])
    return Stretch(
        rows[:PER_PAGE],
        _query_from(before[-1]) if before else None,
        _query_from(rows[-1]) if len(rows) > PER_PAGE else None,
    )


def _query_from(person: Person) -> str:
    return urlencode({"start": person.sort_key, "author": person.slug})


def _query_of(group: str, first_key: str) -> str:
    start = group if group in ascii_lowercase else "0"
    return urlencode({"start": first_key[0] if group == OTHERS else start})


def _letter_pairs(persons: QuerySet[Person], letter: str) -> list[str]:
    if letter not in ascii_lowercase or not letter:
        return []
    pairs = [letter + second for second in ascii_lowercase]
    return list(first_keys(persons, "sort_key", pairs))


@require_safe
def author(request: ArchiveRequest, slug: str) -> HttpResponse:
    """An author's abstracts and affiliations; a former address redirects."""
    person = AUTHORS.entry(request, slug)
    if not person:
        return redirect(AUTHORS.entry_of_former_slug(request, slug), permanent=True)
    author_lines = AUTHORS.links_of(person, request)
    context = AUTHORS.abstracts_context(request, author_lines)
    typed = list(author_lines.order_by("pk").values_list("name", "orcid"))
    context |= {
        "entry": person,
        "names": [name for name in dict.fromkeys(name for name, _ in typed) if name != person.name],
        "orcid": next((orcid for _, orcid in typed if orcid), ""),
        "affiliations": affiliations_of(person, request),
    }
    return render(request, "abstracts/author.html", context)


def affiliations_of(person: Person, request: ArchiveRequest) -> list[str]:
    """The affiliations of `person` as given, each once, those of the newest meeting first."""
    links = AuthorAffiliation.objects.visible_to(request.viewer, request.at).filter(author__person=person)
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
