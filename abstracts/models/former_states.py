"""Former states of rows, behind the law.

`Model.history` of a guarded model only writes; `Model.history.unfiltered` reads, for staff. Former states of a model
that is not guarded can be read, but lead into no guarded table.
"""

from collections.abc import Sequence

from django.db import models
from simple_history.manager import HistoricalQuerySet, HistoryManager

from ..visibility import HiddenManager, OpenManager, OpenQuery, Unreadable
from .history import History


class _LoudHistory(HistoryManager):
    @property
    def unfiltered(self) -> HistoryManager:
        """The loud manager."""
        return HistoryManager.from_queryset(HistoricalQuerySet)(self.model, self.instance)


class HiddenHistoryManager(_LoudHistory):
    def get_queryset(self):
        raise Unreadable(f"former states ({self.model.__name__}) are never shown; for staff: .history.unfiltered")


class OpenHistoryManager(_LoudHistory):
    def get_super_queryset(self):
        return HistoricalQuerySet(self.model, query=OpenQuery(self.model), using=self._db)


class _HiddenRows(models.Model):
    unfiltered = models.Manager()
    objects = HiddenManager()

    class Meta:
        abstract = True
        default_manager_name = "unfiltered"


class _OpenRows(models.Model):
    objects = OpenManager()

    class Meta:
        abstract = True


def hidden_history(but: Sequence[str] = ()) -> History:
    """Writes the former states of a guarded model, without the fields `but`, which never change."""
    return History(bases=(_HiddenRows,), history_manager=HiddenHistoryManager, excluded_fields=list(but))


def open_history() -> History:
    """Writes the former states of a model that is not guarded."""
    return History(bases=(_OpenRows,), history_manager=OpenHistoryManager)
