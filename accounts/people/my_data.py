"""All data about a user, for the user to download."""

from collections import Counter, defaultdict
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings

from abstracts import reading
from abstracts.models import Abstract
from abstracts.reading.wording import embargo_line

from ..models import (
    AlertResult,
    CalendarAddress,
    EmbargoedRead,
    Favorite,
    FavoritesList,
    PressAccess,
    PressApplication,
    SavedSearch,
    User,
)
from .requests import UserRequest


def collected(request: UserRequest) -> dict[str, Any]:
    """The user's data, ready for JSON. Of abstracts only what the law lets this viewer see now."""
    user = User.objects.get(pk=request.user.pk)
    return {
        "site": settings.SITE_URL,
        "made_at": request.at,
        "account": _account(user),
        "sign_in": _sign_in(user),
        "favorites": _favorites(request),
        "saved_searches": _searches(user),
        "press": _press(user),
        "embargoed_reads": _reads(request),
    }


def _account(user: User) -> dict[str, Any]:
    fields = ("email", "first_name", "last_name", "orcid", "date_joined", "last_login")
    calendar = CalendarAddress.objects.filter(user=user).first()
    return {
        **{name: getattr(user, name) for name in fields},
        "is_staff": user.is_staff,
        "groups": list(user.groups.values_list("name", flat=True)),
        "calendar_address": calendar and {"token": calendar.token, "created_at": calendar.created_at},
    }


def _sign_in(user: User) -> dict[str, Any]:
    """How and where the user signs in. Second factors are listed by kind and date, without their secrets."""
    return {
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "orcid": list(SocialAccount.objects.filter(user=user).values("uid", "date_joined", "last_login")),
        "second_factors": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "sessions": list(UserSession.objects.filter(user=user).values("ip", "user_agent", "created_at")),
    }


def _favorites(request: UserRequest) -> list[dict[str, Any]]:
    items: dict[int, list[dict]] = defaultdict(list)
    visible = Favorite.objects.visible_to(request.viewer, request.at).filter(list__user=request.user.pk)
    rows = list(visible.values("list_id", "abstract_id", "added_at", "note", "position"))
    descriptions = _descriptions(request, {row["abstract_id"] for row in rows})
    for row in rows:
        items[row.pop("list_id")].append({"abstract": descriptions[row.pop("abstract_id")], **row})
    lists = FavoritesList.objects.filter(user=request.user.pk)
    return [
        {"list": row.name, "created_at": row.created_at, "share_token": row.share_token, "items": items[row.pk]}
        for row in lists
    ]


def _descriptions(request: UserRequest, pks: set[int]) -> dict[int, dict[str, str]]:
    """Meeting, number, title and address of each of these abstracts that this viewer may see, by primary key."""
    visible = Abstract.objects.visible_to(request.viewer, request.at).filter(pk__in=pks).select_related("meeting")
    return {
        row.abstract.pk: {
            "meeting": row.abstract.meeting.name,
            "number": row.abstract.number or "",
            "title": row.abstract.title_text,
            "url": settings.SITE_URL + row.url,
            **({"embargo": embargo_line(row.abstract)} if row.is_ahead_of_release else {}),
        }
        for row in reading.rows(visible)
    }


def _searches(user: User) -> list[dict[str, Any]]:
    mailed = AlertResult.objects.filter(search__user=user, mailed_at__isnull=False)
    counts = Counter(mailed.values_list("search_id", flat=True))
    fields = ("pk", "name", "query_string", "alert", "searched_until", "created_at")
    rows = SavedSearch.objects.filter(user=user).values(*fields)
    return [{"results_mailed": counts[row.pop("pk")], **row} for row in rows]


def _press(user: User) -> dict[str, Any]:
    """Accesses and applications; of meetings that are not published not even the name."""
    access = ("meeting__name", "starts_at", "ends_at", "may_export", "accepted_at", "revoked_at", "wants_releases")
    application = ("meeting__name", "email", "name", "outlet", "statement", "work", "made_at", "state", "decided_at")
    return {
        "accesses": list(PressAccess.objects.filter(user=user, meeting__is_published=True).values(*access)),
        "applications": list(
            PressApplication.objects.filter(user=user, meeting__is_published=True).values(*application)
        ),
    }


def _reads(request: UserRequest) -> list[dict[str, Any]]:
    """Reads ahead of release. The path only where the abstract's title shows: it may hold the title."""
    rows = list(EmbargoedRead.objects.filter(user=request.user.pk).values("at", "kind", "path", "abstract_id"))
    descriptions = _descriptions(request, {row["abstract_id"] for row in rows})
    return [
        {"at": row["at"], "kind": row["kind"], **_read(descriptions.get(row["abstract_id"]), row["path"])}
        for row in rows
    ]


def _read(abstract: dict[str, str] | None, path: str) -> dict[str, Any]:
    return {"abstract": abstract, "path": path} if abstract and abstract["title"] else {}
