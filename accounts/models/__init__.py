"""People who use the archive: users, their favorites and searches, and what press readers looked at."""

from .favorites import CalendarAddress, Favorite, FavoritesChange, FavoritesList, new_token
from .reads import EmbargoedRead
from .searches import PublicSince, SavedSearch, ToldResult
from .users import User, UserManager

__all__ = [
    "CalendarAddress",
    "EmbargoedRead",
    "Favorite",
    "FavoritesChange",
    "FavoritesList",
    "PublicSince",
    "SavedSearch",
    "ToldResult",
    "User",
    "UserManager",
    "new_token",
]
