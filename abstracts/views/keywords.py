"""The keyword index and the pages of keywords.

A keyword exists for a viewer where one of its abstracts does, at least as a listing.
"""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from .. import reading
from ..models import Abstract, AbstractKeyword, Keyword, KeywordSynonym
from ..models.keyword import keyword_key
from ..reading.ordering import NEWEST_FIRST
from ..visibility import Level, Viewer
from ..words.text import strip_controls
from .alphabet import GROUPS, LABELS, first_keys, group_of, within
from .listing import by_meeting
from .paging import paginate

PER_PAGE = 300
# Names of other letters that the page holds for filtering as one types; above that it asks the server.
MOST_NAMES = 1500


class IndexForm(forms.Form):
    letter = forms.ChoiceField(choices=LABELS.items(), required=False)
    q = forms.CharField(max_length=300, required=False)


@dataclass(frozen=True)
class Entry:
    """A line of the index. `count` is of the abstracts that the viewer may see."""

    name: str
    slug: str
    count: int


def visible_keywords(viewer: Viewer, at: dt.datetime) -> QuerySet[Keyword]:
    """The keywords that exist for `viewer`."""
    links = AbstractKeyword.objects.visible_to(viewer, at).filter(keyword=OuterRef("pk"))
    return Keyword.objects.filter(Exists(links))


@require_safe
def keyword_list(request: HttpRequest) -> HttpResponse:
    form = IndexForm({name: strip_controls(value) for name, value in request.GET.items()})
    if not form.is_valid():
        raise BadRequest("keywords")
    visible = visible_keywords(request.viewer, request.at)
    letters = first_keys(visible, "key", GROUPS)
    words = keyword_key(form.cleaned_data["q"])
    letter = "" if words else form.cleaned_data["letter"] or next(iter(letters), "")
    if words:
        shown = visible.filter(key__contains=words)
    else:
        shown = visible.filter(within(letter, "key")) if letter else visible.none()
    page = paginate(request, shown.order_by("key"), PER_PAGE)
    context = {
        "letters": [(group, LABELS[group], group in letters) for group in GROUPS],
        "letter": letter,
        "q": form.cleaned_data["q"],
        "page": page,
        "entries": _entries(page.object_list, request.viewer, request.at),
        "others": [] if words else _other_names(visible, letter, page),
        "canonical_path": f"{request.path}?letter={letter}" if form.cleaned_data["letter"] else request.path,
    }
    return render(request, "abstracts/keyword_list.html", context)


def _entries(keywords, viewer: Viewer, at: dt.datetime) -> list[Entry]:
    keywords = list(keywords)
    links = AbstractKeyword.objects.visible_to(viewer, at).filter(keyword__in=[k.pk for k in keywords])
    counts = dict(links.order_by().values_list("keyword").annotate(n=Count("pk")))
    return [Entry(k.name, k.slug, counts.get(k.pk, 0)) for k in keywords]


def _other_names(visible: QuerySet[Keyword], letter: str, page) -> list[tuple[str, str]]:
    if page.has_other_pages() or not letter:
        return []
    names = list(visible.order_by("key").values_list("key", "name", "slug")[: MOST_NAMES + 1])
    if len(names) > MOST_NAMES:
        return []
    return [(name, slug) for key, name, slug in names if group_of(key) != letter]


@require_safe
def keyword(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_keywords(request.viewer, request.at).filter(slug=slug).first()
    if not found:
        return redirect(_of_former_slug(request, slug), permanent=True)
    links = AbstractKeyword.objects.visible_to(request.viewer, request.at).filter(keyword=found)
    abstracts = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED)
    abstracts = abstracts.filter(pk__in=links.values("abstract")).select_related("meeting").order_by(*NEWEST_FIRST)
    page = paginate(request, abstracts)
    rows = reading.rows(page.object_list)
    synonyms = KeywordSynonym.objects.filter(keyword=found).values_list("name", flat=True)
    context = {"keyword": found, "synonyms": list(synonyms[:20]), "page": page, "groups": by_meeting(rows)}
    return render(request, "abstracts/keyword.html", context)


@require_safe
def by_tag(request: HttpRequest, slug: str) -> HttpResponse:
    """The former site's address of a keyword."""
    found = visible_keywords(request.viewer, request.at).filter(slug=slug).first()
    return redirect(found or _of_former_slug(request, slug), permanent=True)


def _of_former_slug(request: HttpRequest, slug: str) -> Keyword:
    synonym = get_object_or_404(KeywordSynonym, slug=slug)
    found = visible_keywords(request.viewer, request.at).filter(pk=synonym.keyword_id).first()
    if not found:
        raise Http404
    return found
