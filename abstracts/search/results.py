"""Found abstracts, as a paginator takes them."""

import datetime as dt
from collections.abc import Sequence

from ..models import Abstract
from ..visibility import Viewer


class Results(Sequence[Abstract]):
    """Primary keys in order; a slice of it loads those abstracts through the law, in one query."""

    def __init__(self, pks: Sequence[int], viewer: Viewer, at: dt.datetime):
        self._pks, self._viewer, self._at = pks, viewer, at

    def __len__(self) -> int:
        return len(self._pks)

    def __getitem__(self, key):
        if isinstance(key, int):
            return self[key : key + 1 or None][0]
        pks = self._pks[key]
        rows = Abstract.objects.visible_to(self._viewer, self._at).filter(pk__in=pks).select_related("meeting")
        found = {abstract.pk: abstract for abstract in rows} if pks else {}
        return [found[pk] for pk in pks if pk in found]
