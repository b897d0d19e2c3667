"""What anybody who has a secret address may read without a sign-in: shared lists and calendars.

The owner, the name of the list and the notes are not shown. The law decides what shows of each abstract: for lists by
who opens them, for calendars as to the public.
"""

import datetime as dt
from typing import TypeVar

from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from abstracts.visibility import ANONYMOUS, LawfulQuerySet, Viewer

from ..models import CalendarAddress, Favorite, FavoritesList, User
from ..secret_addresses import digest, new_token

Response = TypeVar("Response", bound=HttpResponseBase)


def shared_list(token: str) -> FavoritesList | None:
    """The list with this token in its link; None where there is none (any more)."""
    return FavoritesList.objects.filter(share_digest=digest(token), user__is_active=True).first()


def visible_on_shared(viewer: Viewer, at: dt.datetime, shared: FavoritesList) -> LawfulQuerySet:
    """The favorites on a shared list that `viewer`, who opens it, may see."""
    return Favorite.objects.visible_to(viewer, at).filter(list=shared.pk)


def public_on_calendar(token: str, at: dt.datetime) -> LawfulQuerySet | None:
    """The favorites of the owner of a calendar address that the public may see; None where there is no such address."""
    user = (
        CalendarAddress.objects.filter(token_digest=digest(token), user__is_active=True)
        .values_list("user", flat=True)
        .first()
    )
    return Favorite.objects.visible_to(ANONYMOUS, at).filter(list__user=user) if user else None


def new_calendar_address(user: User) -> None:
    """Give the user's program an address, a new one if it has one: the former leads nowhere any more."""
    address = CalendarAddress()
    address.token = new_token()
    fields = {"token_digest": address.token_digest, "token_encrypted": address.token_encrypted}
    CalendarAddress.objects.update_or_create(user=user, defaults=fields)


def with_secret_address(response: Response) -> Response:
    """`response` at a secret address: not stored, not indexed, and no Referer holds the address."""
    patch_cache_control(response, private=True, no_store=True)
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
