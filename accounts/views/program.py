"""My program, its iCalendar file, and the private address at which calendars read it."""

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from abstracts import reading
from abstracts.models import Abstract
from abstracts.reading.ordering import MEETINGS_NEWEST_FIRST
from abstracts.views.origin import same_origin_only
from abstracts.visibility import ANONYMOUS, ArchiveRequest, LawfulQuerySet, Viewer
from abstracts.words.query_strings import cleaned_data

from .. import favorites
from ..favorites import owner_of
from ..favorites.calendars import calendar_of
from ..favorites.forms import ListForm
from ..favorites.program import program_of
from ..favorites.sharing import new_calendar_address, public_on_calendar, with_secret_address
from ..models import CalendarAddress
from .lists import to_sign_in
from .queries import address_of, named_list


@require_safe
def program(request: ArchiveRequest) -> HttpResponse:
    favorites_list = named_list(request, cleaned_data(ListForm(request.GET))["list"])
    saved = favorites.Saved(owner_of(request))
    lists = list(favorites.lists_of(owner_of(request)).exclude(name=""))
    rows = _rows(_added(request, favorites_list), request.viewer, request.at)
    address = _address(request)
    context = {
        "favorites": saved,
        "favorites_list": favorites_list,
        "list_address": address_of(favorites_list),
        "lists": [(each, saved.by_list[each.pk]) for each in lists],
        "meetings": program_of(rows),
        "address": f"{settings.SITE_URL}{address}" if address else "",
        "webcal": f"webcal://{settings.SITE_URL.partition('://')[2]}{address}" if address else "",
        "is_ahead_of_release": any(row.is_ahead_of_release for row in rows),
    }
    return render(request, "favorites/program.html", context)


@require_safe
def download(request: ArchiveRequest) -> HttpResponse:
    """The calendar file of the visitor's favorites, as the public may see them: people pass files on."""
    favorites_list = named_list(request, cleaned_data(ListForm(request.GET))["list"])
    response = _file(_added(request, favorites_list), request.at)
    response["Content-Disposition"] = 'attachment; filename="my-program.ics"'
    return response


@require_safe
def subscription(request: ArchiveRequest, token: str) -> HttpResponse:
    added = public_on_calendar(token, request.at)
    if added is None:
        raise Http404
    return with_secret_address(_file(added, request.at))


@same_origin_only
@require_POST
def new_address(request: ArchiveRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    new_calendar_address(request.user)
    messages.success(request, _("Your calendar has a new address. A former one leads nowhere any more."))
    return redirect(f"{reverse('favorites-program')}#calendar")


@same_origin_only
@require_POST
def revoke_address(request: ArchiveRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    CalendarAddress.objects.filter(user=request.user).delete()
    messages.success(request, _("The calendar's address was revoked: it leads nowhere any more."))
    return redirect(f"{reverse('favorites-program')}#calendar")


def _added(request: ArchiveRequest, favorites_list) -> LawfulQuerySet:
    """The favorites of the program: those of one list, or all."""
    return (
        favorites.visible_on(owner_of(request), favorites_list)
        if favorites_list
        else favorites.visible_favorites(owner_of(request))
    )


def _rows(added: LawfulQuerySet, viewer: Viewer, at: dt.datetime) -> list[reading.Row]:
    abstracts = Abstract.objects.visible_to(viewer, at).select_related("meeting")
    abstracts = abstracts.filter(pk__in=added.values("abstract"))
    return reading.rows(abstracts.order_by(*MEETINGS_NEWEST_FIRST, "number_key", "pk"))


def _file(added: LawfulQuerySet, at: dt.datetime) -> HttpResponse:
    rows = _rows(added, ANONYMOUS, at)
    dates = dict(added.order_by("-added_at").values_list("abstract", "added_at"))
    with override(None):
        name = f"{settings.SITE_NAME}: my program"
        content = calendar_of(rows, dates, name, settings.SITE_NAME, settings.SITE_URL)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers={"X-Robots-Tag": "noindex"})


def _address(request: ArchiveRequest) -> str:
    if not request.user.is_authenticated:
        return ""
    address = CalendarAddress.objects.filter(user=request.user).first()
    return reverse("calendar", args=[address.token]) if address and address.token else ""
