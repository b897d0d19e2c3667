"""The visibility law: what a viewer may see of an abstract at an instant.

It is written once, in `law`, in SQL (`level_of`). Everything that shows anything of an abstract starts from
`visible_to` on the `objects` of the model it shows; Python only reads the `level` that SQL computed.
`queries` sees to it that nothing chained to that looks behind it.

The law stands on nothing: models import it, it imports none of them. It names their columns: `status`,
`listing_level`, `listed_from`, `released_from` (see `abstracts.models.embargo`, which fills the last three).
"""

from .law import ANONYMOUS, Level, Role, Status, Viewer, level_of
from .queries import Guarded, LawfulManager, LawfulQuerySet, UnfilteredManager, Unreadable
from .remembered import LawfulRows
from .requests import ArchiveRequest

__all__ = [
    "ANONYMOUS",
    "ArchiveRequest",
    "Guarded",
    "LawfulManager",
    "LawfulQuerySet",
    "LawfulRows",
    "Level",
    "Role",
    "Status",
    "UnfilteredManager",
    "Unreadable",
    "Viewer",
    "level_of",
]
