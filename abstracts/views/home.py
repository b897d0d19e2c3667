"""The front page, and the former site's addresses that begin there."""

import datetime as dt
from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..describing import site_tags
from ..models import Abstract, AbstractKeyword, Meeting
from ..reading.program import outline
from ..visibility import ArchiveRequest, Level, Viewer
from ..words.query_strings import clean_query

LATEST = 6
KEYWORDS = 24


class FormerAddressForm(forms.Form):
    """`?p=` and `?s=` of the former site. The search page judges the words of `s`."""

    p = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    s = forms.CharField(required=False)


@require_safe
def home(request: ArchiveRequest) -> HttpResponse:
    """The newest meeting, a search box, other meetings and keywords to begin with."""
    if "p" in request.GET or "s" in request.GET:
        return _former_address(request)
    meetings = list(Meeting.objects.visible_to(request.viewer).newest_first()[: LATEST + 1])
    current = meetings[0] if meetings else None
    context = {"current": current, "latest": meetings[1:], "tags": site_tags()}
    if current:
        context["outline"] = outline(current, request.viewer)
        context["keywords"] = _frequent_keywords(current, request.viewer, request.at)
    return render(request, "abstracts/home.html", context)


def _frequent_keywords(meeting: Meeting, viewer: Viewer, at: dt.datetime) -> list[dict]:
    """The keywords that most of the meeting's visible abstracts have: name, address, count; by name."""
    links = AbstractKeyword.objects.visible_to(viewer, at).filter(abstract__meeting=meeting).order_by()
    counts = links.values_list("keyword__name", "keyword__slug").annotate(n=Count("pk")).order_by("-n", "keyword__name")
    keywords = [{"name": name, "url": reverse("keyword", args=[slug]), "n": n} for name, slug, n in counts[:KEYWORDS]]
    return sorted(keywords, key=lambda keyword: keyword["name"].lower())


def _former_address(request: ArchiveRequest) -> HttpResponse:
    form = FormerAddressForm(clean_query(request.GET))
    if not form.is_valid():
        raise Http404
    if not (legacy_id := form.cleaned_data["p"]):
        return redirect(f"{reverse('search')}?{urlencode({'q': form.cleaned_data['s']})}", permanent=True)
    rows = Abstract.objects.visible_to(request.viewer, request.at).select_related("meeting")
    abstract = rows.filter(legacy_id=legacy_id).first()
    if not abstract or not (url := abstract.get_absolute_url()):
        raise Http404
    # A shell's address is its number only until its title is public.
    return redirect(url, permanent=abstract.public_level >= Level.TITLED)
