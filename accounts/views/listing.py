"""What the page of a list shows."""

import datetime as dt
from typing import Any

from abstracts import reading
from abstracts.models import Abstract, Meeting
from abstracts.views.paging import paginate
from abstracts.visibility import ArchiveRequest, LawfulQuerySet

from .. import favorites
from ..favorites import owner_of
from ..favorites.forms import ListingForm, NoteForm
from ..models import FavoritesChange
from .queries import address_of, grouped, in_order, named_list, selected

PER_PAGE = 100
# A list shorter than this is looked through faster than it is searched.
WORTH_SEARCHING = 10
# So long the page itself offers to undo the last change; the page of lists keeps more of them.
UNDO_OFFERED = dt.timedelta(hours=1)


class Listing:
    """A list as `form` asks for it. A slip in its words shows the whole list, with a message."""

    def __init__(self, request: ArchiveRequest, form: ListingForm):
        self.request, self.form = request, form
        self.has_slip = not form.is_valid()
        self.cleaned = {"q": "", **form.cleaned_data}
        self.owner = owner_of(request)
        self.saved = favorites.Saved(self.owner)
        self.lists = list(favorites.lists_of(self.owner))
        self.favorites_list = named_list(request, self.cleaned["list"])
        self.home = next((each for each in self.lists if not each.name), None)

    def context(self) -> dict[str, Any]:
        added = favorites.visible_on(self.owner, self.favorites_list)
        organize = self.cleaned["organize"]
        order = ListingForm.OWN if organize else self.cleaned["order"]
        if organize:
            abstracts = in_order(self.request, added, order)
        else:
            abstracts = selected(self.request, self.cleaned, self.favorites_list)
        page = paginate(self.request, abstracts, PER_PAGE)
        rows = reading.rows(page.object_list)
        shown = self.favorites_list or self.home
        count = self.saved.by_list[shown.pk] if shown else 0
        return {
            "favorites": self.saved,
            "favorites_list": self.favorites_list,
            "list_address": address_of(self.favorites_list),
            "lists": [(favorites_list, self.saved.by_list[favorites_list.pk]) for favorites_list in self.lists],
            "others": [favorites_list for favorites_list in self.lists if shown and favorites_list.pk != shown.pk],
            "count": count,
            "page": page,
            "offset": max(page.start_index() - 1, 0),
            "groups": grouped(rows, order),
            "rows": rows,
            "notes": dict(added.filter(abstract__in=[row.abstract.pk for row in rows]).values_list("abstract", "note")),
            "note_field": NoteForm().fields["note"],
            "order": order,
            "orders": ListingForm.ORDERS,
            "organize": organize,
            "form": self.form,
            "meetings": self._meetings(added) if self._can_filter(count) and not organize else [],
            "is_filtered": bool(self.cleaned["q"] or self.cleaned["meeting"]),
            "can_filter": self._can_filter(count),
            "undo": self._undo(),
            "is_ahead_of_release": any(row.is_ahead_of_release for row in rows),
        }

    def _can_filter(self, count: int) -> bool:
        return count > WORTH_SEARCHING or self.has_slip or bool(self.cleaned["q"] or self.cleaned["meeting"])

    def _meetings(self, added: LawfulQuerySet) -> list[Meeting]:
        """The meetings on the list, newest first."""
        abstracts = Abstract.objects.visible_to(self.request.viewer, self.request.at)
        abstracts = abstracts.filter(pk__in=added.values("abstract"))
        return list(Meeting.objects.filter(pk__in=abstracts.values("meeting")).newest_first())

    def _undo(self) -> FavoritesChange | None:
        last = favorites.last_change(self.home)
        return last if last and last.at > self.request.at - UNDO_OFFERED else None
