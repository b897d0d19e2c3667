"""The page of lists: naming, sharing and deleting them, and undoing earlier changes."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abstracts.views.origin import same_origin_only
from abstracts.visibility import ArchiveRequest

from .. import favorites
from ..favorites import owner_of
from ..favorites.forms import NameForm
from ..models import FavoritesList
from .queries import address_of


@require_safe
def overview(request: ArchiveRequest) -> HttpResponse:
    return _page(request, NameForm())


@same_origin_only
@require_POST
def create(request: ArchiveRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            favorites_list = favorites.create_list(owner_of(request), form.cleaned_data["name"])
        except favorites.NameTaken:
            form.add_error("name", _("You have a list of that name."))
        except favorites.TooManyLists:
            most = favorites.MOST_LISTS
            form.add_error("name", _("You have %(most)s lists; delete one to make another.") % {"most": most})
        else:
            messages.success(request, _("List “%(name)s” made.") % {"name": favorites_list.name})
            return redirect("favorites-lists")
    return _page(request, form)


@same_origin_only
@require_POST
def rename(request: ArchiveRequest, pk: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    favorites_list, form = _named(request, pk), NameForm(request.POST)
    if form.is_valid():
        try:
            favorites.rename_list(owner_of(request), favorites_list, form.cleaned_data["name"])
        except favorites.NameTaken:
            form.add_error("name", _("You have a list of that name."))
        else:
            messages.success(request, _("The list is called “%(name)s” now.") % {"name": favorites_list.name})
            return redirect("favorites-lists")
    return _page(request, NameForm(), renaming=(pk, form))


@same_origin_only
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ArchiveRequest, pk: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    favorites_list = _named(request, pk)
    if request.method == "POST":
        favorites.delete_list(owner_of(request), favorites_list)
        return redirect("favorites-lists")
    context = {
        "favorites_list": favorites_list,
        "count": favorites.visible_on(owner_of(request), favorites_list).count(),
        "back": address_of(favorites_list),
    }
    return render(request, "favorites/delete.html", context)


@same_origin_only
@require_POST
def share(request: ArchiveRequest, pk: int) -> HttpResponse:
    return _change_link(request, pk, favorites.share)


@same_origin_only
@require_POST
def stop_sharing(request: ArchiveRequest, pk: int) -> HttpResponse:
    return _change_link(request, pk, favorites.stop_sharing)


def to_sign_in(request: ArchiveRequest) -> HttpResponse:
    """Redirects to the sign-in page, and from there to the favorites: for requests whose session has ended."""
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': reverse('favorites')})}")


def _change_link(request: ArchiveRequest, pk: int, change) -> HttpResponse:
    if not request.user.is_authenticated:
        return to_sign_in(request)
    favorites_list = favorites.list_of(owner_of(request), pk)
    if not favorites_list:
        raise Http404
    change(owner_of(request), favorites_list)
    messages.success(
        request,
        _("The list has a new link. A former one leads nowhere any more.")
        if favorites_list.share_token
        else _("The link was revoked: it leads nowhere any more."),
    )
    return redirect(f"{reverse('favorites-lists')}#list-{favorites_list.pk}")


def _named(request: ArchiveRequest, pk: int) -> FavoritesList:
    favorites_list = favorites.list_of(owner_of(request), pk)
    if not favorites_list or not favorites_list.name:
        raise Http404
    return favorites_list


def _page(request: ArchiveRequest, form: NameForm, renaming: tuple[int, NameForm] | None = None) -> HttpResponse:
    saved = favorites.Saved(owner_of(request))
    lists = list(favorites.lists_of(owner_of(request)))
    home = next((favorites_list for favorites_list in lists if not favorites_list.name), None)
    if request.user.is_authenticated and not home:
        # It is created with the first favorite; an empty one is shown until then.
        lists.insert(0, FavoritesList(user=request.user))
    context = {
        "favorites": saved,
        "lists": [
            (favorites_list, address_of(favorites_list), saved.by_list[favorites_list.pk]) for favorites_list in lists
        ],
        "form": form,
        "renaming": renaming,
        "changes": favorites.changes_of(home),
    }
    return render(request, "favorites/lists.html", context)
