"""The keyword index and the pages of keywords."""

from django import forms
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ..models import Keyword, KeywordSynonym
from ..models.keyword import keyword_key
from ..visibility import ArchiveRequest
from ..words.query_strings import clean_query, is_valid
from .alphabet import GROUPS, LABELS, first_keys, group_of, within
from .indexes import KEYWORDS
from .paging import paginate

PER_PAGE = 300
# The page holds up to so many names of other letters, for filtering while one types; else the server is asked.
MOST_NAMES = 1500
MOST_SYNONYMS = 20


class KeywordIndexForm(forms.Form):
    letter = forms.ChoiceField(choices=LABELS.items(), required=False)
    q = forms.CharField(
        label=_("Find a keyword"),
        max_length=300,
        required=False,
        widget=forms.SearchInput(attrs={"id": "keyword-filter", "autocomplete": "off"}),
    )


@require_safe
def keyword_list(request: ArchiveRequest) -> HttpResponse:
    """The keywords under one letter, or those with what is typed in their name."""
    form = KeywordIndexForm(clean_query(request.GET))
    is_valid(form)
    text = form.cleaned_data.get("q", "")
    visible = KEYWORDS.visible(request.viewer, request.at)
    groups = first_keys(visible, "key", GROUPS)
    key = keyword_key(text)
    letter = "" if key else form.cleaned_data["letter"] or next(iter(groups), "")
    if key:
        keywords = visible.filter(key__contains=key)
    else:
        keywords = visible.filter(within(letter, "key")) if letter else visible.none()
    page = paginate(request, keywords.order_by("key"), PER_PAGE)
    context = {
        "address": "keyword",
        "field": form["q"],
        "letters": [(LABELS[g], f"letter={g}" if g in groups else None, g == letter) for g in GROUPS],
        "letter": letter,
        "q": text,
        "page": page,
        "lines": KEYWORDS.lines(page.object_list, request),
        "others": [] if key else _names_of_other_letters(visible, letter, page),
        "canonical_path": f"{request.path}?letter={letter}" if form.cleaned_data["letter"] else request.path,
    }
    return render(request, "abstracts/keyword_list.html", context)


def _names_of_other_letters(visible: QuerySet[Keyword], letter: str, page: Page) -> list[tuple[str, str]]:
    if page.has_other_pages() or not letter:
        return []
    names = list(visible.order_by("key").values_list("key", "name", "slug")[: MOST_NAMES + 1])
    if len(names) > MOST_NAMES:
        return []
    return [(name, slug) for key, name, slug in names if group_of(key) != letter]


@require_safe
def keyword(request: ArchiveRequest, slug: str) -> HttpResponse:
    """A keyword's abstracts; a former address redirects."""
    entry = KEYWORDS.entry(request, slug)
    if not entry:
        return redirect(KEYWORDS.entry_of_former_slug(request, slug), permanent=True)
    synonyms = KeywordSynonym.objects.visible_to(request.viewer, request.at).filter(keyword=entry)
    context = KEYWORDS.abstracts_context(request, KEYWORDS.links_of(entry, request))
    context |= {"entry": entry, "synonyms": list(synonyms.values_list("name", flat=True)[:MOST_SYNONYMS])}
    return render(request, "abstracts/keyword.html", context)


@require_safe
def by_tag(request: ArchiveRequest, slug: str) -> HttpResponse:
    """The former site's address of a keyword."""
    return redirect(KEYWORDS.entry(request, slug) or KEYWORDS.entry_of_former_slug(request, slug), permanent=True)
