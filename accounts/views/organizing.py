"""Changes of the items of a list: notes, places, and moving, copying or removing several at once."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from abstracts.models import Abstract
from abstracts.views.origin import same_origin_only
from abstracts.views.paging import PageForm
from abstracts.visibility import ArchiveRequest
from abstracts.words.query_strings import cleaned_data, is_valid

from .. import favorites
from ..favorites import owner_of
from ..favorites.forms import ArrangeForm, ListingForm, NoteForm, PlaceForm
from ..models import FavoritesList
from .listing import Listing
from .lists import to_sign_in
from .queries import address_of, named_list


@same_origin_only
@require_POST
def note(request: ArchiveRequest) -> HttpResponse:
    """Saves the note, and the abstract if it is not on the list (any more)."""
    form = NoteForm(request.POST)
    is_note_valid = is_valid(form)
    if form.cleaned_data["list"] and not request.user.is_authenticated:
        return to_sign_in(request)
    favorites_list = named_list(request, form.cleaned_data["list"])
    abstract = get_object_or_404(
        Abstract.objects.visible_to(request.viewer, request.at), key=form.cleaned_data["abstract"]
    )
    if is_note_valid:
        favorites.save_note(owner_of(request), favorites_list, abstract.pk, form.cleaned_data["note"])
    context = {
        "abstract": abstract,
        "favorites_list": favorites_list,
        "note": form.cleaned_data.get("note", form["note"].value()),
        "note_field": form.fields["note"],
        "note_errors": form.errors.get("note"),
        "favorite_next": form.cleaned_data["next"],
        "said": _("Note saved.") if is_note_valid else "",
    }
    if request.htmx:
        return render(request, "favorites/_note_swap.html", context)
    if not is_note_valid:
        return render(request, "favorites/note.html", context)
    return redirect(f"{form.cleaned_data['next'].partition('#')[0]}#note-{abstract.key}")


@same_origin_only
@require_POST
def place(request: ArchiveRequest) -> HttpResponse:
    form = PlaceForm(request.POST)
    if not is_valid(form):
        messages.error(request, str(form.errors["position"][0]))
    favorites_list = _named_or_home(request, form.cleaned_data["list"])
    if not favorites_list:
        return to_sign_in(request)
    key = form.cleaned_data["abstract"]
    pks = favorites.abstracts_on(owner_of(request), favorites_list, [key])
    now = favorites.place(owner_of(request), favorites_list, pks[0], _mover(form)) if pks else None
    if not request.htmx:
        page = cleaned_data(PageForm(request.GET))["page"] or 1
        return redirect(_organizing(favorites_list, page, key))
    context = Listing(
        request, ListingForm({"list": favorites_list.pk if favorites_list.name else None, "organize": True})
    ).context()
    said = _("Moved to place %(place)s of %(count)s.") % {"place": now, "count": context["count"]} if now else ""
    return render(request, "favorites/_organize_swap.html", {**context, "said": said})


@same_origin_only
@require_POST
def arrange(request: ArchiveRequest) -> HttpResponse:
    cleaned = cleaned_data(ArrangeForm(request.POST))
    favorites_list = _named_or_home(request, cleaned["list"])
    if not favorites_list:
        return to_sign_in(request)
    pks = favorites.abstracts_on(owner_of(request), favorites_list, cleaned["abstract"])
    if not cleaned["abstract"]:
        messages.warning(request, _("Nothing was checked. Check the abstracts first."))
    elif cleaned["action"] == "remove":
        favorites.remove_from(owner_of(request), favorites_list, pks)
    elif not cleaned["to"]:
        messages.warning(request, _("Choose the list first."))
    else:
        _carry(request, favorites_list, _named_or_home(request, cleaned["to"]), cleaned["action"], pks)
    return redirect(_organizing(favorites_list))


def _carry(
    request: ArchiveRequest, favorites_list: FavoritesList, target: FavoritesList | None, action: str, pks: list[int]
) -> None:
    if not target:
        raise Http404
    change = favorites.move if action == "move" else favorites.copy
    change(owner_of(request), favorites_list, pks, target)
    count = len(pks)
    message = (
        ngettext("%(count)s abstract moved to “%(list)s”.", "%(count)s abstracts moved to “%(list)s”.", count)
        if action == "move"
        else ngettext("%(count)s abstract copied to “%(list)s”.", "%(count)s abstracts copied to “%(list)s”.", count)
    )
    messages.success(request, message % {"count": count, "list": target.name or _("Favorites")})


def _mover(form: PlaceForm) -> Callable[[int], int]:
    to, wanted = form.cleaned_data["to"], form.cleaned_data.get("position")
    if to == "up":
        return lambda now: now - 1
    if to == "down":
        return lambda now: now + 1
    return lambda now: wanted or now


def _named_or_home(request: ArchiveRequest, pk: int | None) -> FavoritesList | None:
    """The list `pk` of the visitor (None: the home list); None where the session has ended. Others' lists are 404."""
    favorites_list = favorites.list_of(owner_of(request), pk)
    if not favorites_list and request.user.is_authenticated:
        raise Http404
    return favorites_list


def _organizing(favorites_list: FavoritesList, page: int = 1, key: str = "") -> str:
    fields = {"organize": "1", **({"page": str(page)} if page > 1 else {})}
    address = address_of(favorites_list)
    anchor = f"#row-{key}" if key else ""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(fields)}{anchor}"
