"""The front page, and the former site's addresses that begin there."""

from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from ..describing import site_tags
from ..models import Abstract, AbstractKeyword, Meeting
from ..reading.program import outline
from ..visibility import Level, Viewer
from .filters import no_control_characters, refuse_tampering

LATEST = 6
KEYWORDS = 24


class FormerAddressForm(forms.Form):
    """`?p=` and `?s=` of the former site."""

    p = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    s = forms.CharField(max_length=400, required=False, validators=[no_control_characters])


def home(request: HttpRequest) -> HttpResponse:
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


def _frequent_keywords(meeting: Meeting, viewer: Viewer, at) -> list[dict]:
    """The keywords that most of the meeting's visible abstracts have: name, address, count; by name."""
    links = AbstractKeyword.objects.visible_to(viewer, at).filter(abstract__meeting=meeting).order_by()
    found = links.values_list("keyword__name", "keyword__slug").annotate(n=Count("pk")).order_by("-n", "keyword__name")
    entries = [{"name": name, "url": reverse("keyword", args=[slug]), "n": n} for name, slug, n in found[:KEYWORDS]]
    return sorted(entries, key=lambda entry: entry["name"].lower())


def _former_address(request: HttpRequest) -> HttpResponse:
    form = FormerAddressForm(request.GET)
    if not form.is_valid():
        refuse_tampering(form)
        raise Http404
    if not (legacy_id := form.cleaned_data["p"]):
        return redirect(f"{reverse('search')}?{urlencode({'q': form.cleaned_data['s']})}", permanent=True)
    rows = Abstract.objects.visible_to(request.viewer, request.at).select_related("meeting")
    abstract = rows.filter(legacy_id=legacy_id).first()
    if not abstract or not (url := abstract.get_absolute_url()):
        raise Http404
    # What only shows a number for now will have its own address later.
    return redirect(url, permanent=abstract.public_level >= Level.LISTED)
