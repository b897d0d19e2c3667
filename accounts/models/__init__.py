"""People who use the archive: users, their favorites and searches, and what press readers looked at."""

from .favorites import CalendarAddress, Favorite, FavoritesChange, FavoritesList
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
    "PublicSince",
    "SavedSearch",
    "User",
    "UserManager",
]
