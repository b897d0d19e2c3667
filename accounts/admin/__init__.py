"""Pages of the admin about people: accounts, the press, and who read what ahead of release."""

from . import press, users

__all__ = ["press", "users"]
