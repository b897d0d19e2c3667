"""What pages know of their visitor."""

from typing import Any

from django.utils.functional import SimpleLazyObject

from abstracts.visibility import ArchiveRequest

from . import Saved, owner_of


def favorites(request: ArchiveRequest) -> dict[str, Any]:
    """`favorites.ids` and `favorites.count`: what this visitor saved and may see. A page that does not use them does
    not read the session."""
    return {"favorites": SimpleLazyObject(lambda: Saved(owner_of(request)))}
