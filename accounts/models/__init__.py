"""People who use the archive: users, their favorites and searches, what the press may read, and what was read."""

from .favorites import CalendarAddress, Favorite, FavoritesChange, FavoritesList
from .press import PressAccess, PressApplication
from .reads import EmbargoedRead
from .searches import AlertResult, PublicSince, SavedSearch
from .users import User, UserManager

__all__ = [
    "AlertResult",
    "CalendarAddress",
    "EmbargoedRead",
    "Favorite",
    "FavoritesChange",
    "FavoritesList",
    "PressAccess",
    "PressApplication",
    "PublicSince",
    "SavedSearch",
    "User",
    "UserManager",
]
