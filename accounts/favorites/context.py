"""What pages know of their visitor."""

from django.http import HttpRequest

from . import saved


def favorites(request: HttpRequest) -> dict:
    """`favorites.ids` and `favorites.count`: what this viewer saved and may see, counted when a page looks at it."""
    return {"favorites": saved(request)}
