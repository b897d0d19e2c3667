"""The type of a request behind `login_required`."""

from abstracts.visibility import ArchiveRequest

from ..models import User


class UserRequest(ArchiveRequest):
    """A request whose user is signed in. For annotations only."""

    user: User
