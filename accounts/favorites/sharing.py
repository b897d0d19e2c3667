"""What may be read without being signed in by whoever knows a secret address: shared lists and calendars.

Whose it is and what it is called is not told, nor any note. What is shown of each abstract is the law's business:
that of the person who opens a list, that of the public for calendars.
"""

import datetime as dt
from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from abstracts.visibility import ANONYMOUS, LawfulQuerySet

from ..models import CalendarAddress, Favorite, FavoritesList, User
from ..secret_addresses import digest, new_token

Response = TypeVar("Response", bound=HttpResponseBase)


def shared_list(token: str) -> FavoritesList | None:
    """The list that this link leads to; None where it never did, or does not any more."""
    return FavoritesList.objects.filter(share_digest=digest(token), user__is_active=True).first()


def visible_on_shared(request: HttpRequest, shared: FavoritesList) -> LawfulQuerySet:
    """What is on a shared list and whoever opens it may see."""
    return Favorite.objects.visible_to(request.viewer, request.at).filter(list=shared.pk)


def public_on_calendar(token: str, at: dt.datetime) -> LawfulQuerySet | None:
    """The favorites behind a calendar's address, as the public may see them; None where there is no such address."""
    user = (
        CalendarAddress.objects.filter(token_digest=digest(token), user__is_active=True)
        .values_list("user", flat=True)
        .first()
    )
    return Favorite.objects.visible_to(ANONYMOUS, at).filter(list__user=user) if user else None


def new_calendar_address(user: User) -> None:
    """Give the user's program an address; another one where it had one, which leads nowhere any more."""
    address = CalendarAddress()
    address.token = new_token()
    fields = {"token_digest": address.token_digest, "token_encrypted": address.token_encrypted}
    CalendarAddress.objects.update_or_create(user=user, defaults=fields)


def kept_secret(response: Response) -> Response:
    """`response` at a secret address: not stored, not indexed, and no Referer holds the address."""
    patch_cache_control(response, private=True, no_store=True)
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
