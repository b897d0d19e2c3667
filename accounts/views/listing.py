"""What the page of a list shows."""

import datetime as dt
from typing import Any

from abstracts import reading
from abstracts.models import Abstract, Meeting
from abstracts.views.paging import paginate
from abstracts.visibility import ArchiveRequest, LawfulQuerySet

from .. import favorites
from ..favorites.forms import ListingForm, NoteForm
from ..models import FavoritesChange
from .asking import address_of, chosen, grouped, in_order, own_list

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
        self.asked = {"q": "", **form.cleaned_data}
        self.saved = favorites.saved(request)
        self.lists = list(favorites.lists_of(request))
        self.own = own_list(request, self.asked["list"])
        self.home = next((own for own in self.lists if not own.name), None)

    def context(self) -> dict[str, Any]:
        added = favorites.visible_on(self.request, self.own)
        organize = self.asked["organize"]
        order = ListingForm.OWN if organize else self.asked["order"]
        abstracts = in_order(self.request, added, order) if organize else chosen(self.request, self.asked, self.own)
        page = paginate(self.request, abstracts, PER_PAGE)
        rows = reading.rows(page.object_list)
        shown = self.own or self.home
        count = self.saved.by_list[shown.pk] if shown else 0
        return {
            "favorites": self.saved,
            "own": self.own,
            "own_address": address_of(self.own),
            "lists": [(own, self.saved.by_list[own.pk]) for own in self.lists],
            "others": [own for own in self.lists if shown and own.pk != shown.pk],
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
            "is_filtered": bool(self.asked["q"] or self.asked["meeting"]),
            "can_filter": self._can_filter(count),
            "undo": self._undo(),
            "is_ahead_of_release": any(row.is_ahead_of_release for row in rows),
        }

    def _can_filter(self, count: int) -> bool:
        return count > WORTH_SEARCHING or self.has_slip or bool(self.asked["q"] or self.asked["meeting"])

    def _meetings(self, added: LawfulQuerySet) -> list[Meeting]:
        """The meetings on the list, newest first."""
        abstracts = Abstract.objects.visible_to(self.request.viewer, self.request.at)
        abstracts = abstracts.filter(pk__in=added.values("abstract"))
        return list(Meeting.objects.filter(pk__in=abstracts.values("meeting")).newest_first())

    def _undo(self) -> FavoritesChange | None:
        last = favorites.last_change(self.home)
        return last if last and last.at > self.request.at - UNDO_OFFERED else None
