"""All that is kept of a user, for the user."""

from collections import Counter, defaultdict
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest

from abstracts import reading
from abstracts.models import Abstract
from abstracts.reading.wording import embargo_line

from ..models import AlertResult, CalendarAddress, EmbargoedRead, Favorite, FavoritesList, SavedSearch, User


def collected(request: HttpRequest) -> dict[str, Any]:
    """The user's data as JSON takes them. Of abstracts only what the law lets this viewer see now."""
    user = User.objects.get(pk=request.user.pk or 0)
    return {
        "site": settings.SITE_URL,
        "made_at": request.at,
        "account": _account(user),
        "sign_in": _sign_in(user),
        "favorites": _favorites(request),
        "saved_searches": _searches(user),
        "embargoed_reads": _reads(request),
    }


def _account(user: User) -> dict[str, Any]:
    fields = ("email", "first_name", "last_name", "orcid", "date_joined", "last_login", "embargo_terms_accepted_at")
    calendar = CalendarAddress.objects.filter(user=user).first()
    return {
        **{name: getattr(user, name) for name in fields},
        "is_staff": user.is_staff,
        "groups": list(user.groups.values_list("name", flat=True)),
        "calendar_address": calendar and {"token": calendar.token, "created_at": calendar.created_at},
    }


def _sign_in(user: User) -> dict[str, Any]:
    """How and where the user signs in. Of second factors their kinds and dates: the secrets stay here."""
    return {
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "orcid": list(SocialAccount.objects.filter(user=user).values("uid", "date_joined", "last_login")),
        "second_factors": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "sessions": list(UserSession.objects.filter(user=user).values("ip", "user_agent", "created_at")),
    }


def _favorites(request: HttpRequest) -> list[dict[str, Any]]:
    items: dict[int, list[dict]] = defaultdict(list)
    visible = Favorite.objects.visible_to(request.viewer, request.at).filter(list__user=request.user.pk)
    rows = list(visible.values("list_id", "abstract_id", "added_at", "note", "position"))
    told = _told(request, {row["abstract_id"] for row in rows})
    for row in rows:
        items[row.pop("list_id")].append({"abstract": told[row.pop("abstract_id")], **row})
    lists = FavoritesList.objects.filter(user=request.user.pk)
    return [
        {"list": one.name, "created_at": one.created_at, "share_token": one.share_token, "items": items[one.pk]}
        for one in lists
    ]


def _told(request: HttpRequest, pks: set[int]) -> dict[int, dict[str, str]]:
    """What names each of these abstracts to this viewer; those that do not show are not in it."""
    shown = Abstract.objects.visible_to(request.viewer, request.at).filter(pk__in=pks).select_related("meeting")
    return {
        row.abstract.pk: {
            "meeting": row.abstract.meeting.name,
            "number": row.abstract.number or "",
            "title": row.abstract.title_text,
            "url": settings.SITE_URL + row.url,
            **({"embargo": embargo_line(row.abstract)} if row.is_ahead_of_release else {}),
        }
        for row in reading.rows(shown)
    }


def _searches(user: User) -> list[dict[str, Any]]:
    mailed = AlertResult.objects.filter(search__user=user, mailed_at__isnull=False)
    counts = Counter(mailed.values_list("search_id", flat=True))
    fields = ("pk", "name", "query_string", "alert", "searched_until", "created_at")
    rows = SavedSearch.objects.filter(user=user).values(*fields)
    return [{"results_mailed": counts[row.pop("pk")], **row} for row in rows]


def _reads(request: HttpRequest) -> list[dict[str, Any]]:
    """What was read ahead of release: the abstract only where it still shows, as its address says its title."""
    rows = list(EmbargoedRead.objects.filter(user=request.user.pk).values("at", "path", "abstract_id"))
    told = _told(request, {row["abstract_id"] for row in rows})
    return [{"at": row["at"], **_read(told.get(row["abstract_id"]), row["path"])} for row in rows]


def _read(abstract: dict[str, str] | None, path: str) -> dict[str, Any]:
    return {"abstract": abstract, "path": path} if abstract and abstract["title"] else {}
