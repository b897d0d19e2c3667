"""People who use the archive: users, their favorites, and what press readers looked at."""

from .favorites import Favorite, FavoritesList
from .reads import EmbargoedRead
from .users import User, UserManager

__all__ = ["EmbargoedRead", "Favorite", "FavoritesList", "User", "UserManager"]
