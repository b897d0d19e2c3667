"""The visibility law: what a viewer may see of an abstract at an instant.

It is written once, in SQL (`level_of` in `law`). All code that shows anything of an abstract starts with
`objects.visible_to(…)` of the model that it shows. Python only reads the `level` that SQL computed, and `queries`
makes sure that nothing chained to `visible_to` reaches more.

The law imports no models; the models import it. It uses their columns `status`, `hides_title`, `numbered_from`,
`titled_from`, `listed_from` and `released_from`, and for the press `meeting` and `press_from`.
(`abstracts.models.embargo` fills the instants.)
"""

from .law import ANONYMOUS, AheadLevel, Level, Role, Status, Viewer, level_of, public_levels
from .lawful_rows import LawfulRows
from .queries import Guarded, HiddenManager, LawfulManager, LawfulQuerySet, UnfilteredManager, Unreadable
from .requests import ArchiveRequest
from .reserved import EntryManager, OpenManager, OpenQuery, is_guarded

__all__ = [
    "ANONYMOUS",
    "AheadLevel",
    "ArchiveRequest",
    "EntryManager",
    "Guarded",
    "HiddenManager",
    "LawfulManager",
    "LawfulQuerySet",
    "LawfulRows",
    "Level",
    "OpenManager",
    "OpenQuery",
    "Role",
    "Status",
    "UnfilteredManager",
    "Unreadable",
    "Viewer",
    "is_guarded",
    "level_of",
    "public_levels",
]
