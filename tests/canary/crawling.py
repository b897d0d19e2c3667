"""Crawls of the planted archive, as every kind of viewer at an instant, shared between tests."""

import contextlib
import datetime as dt
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.http import HttpResponseNotFound
from django.test import Client

from abstracts.visibility import Role
from tests.accounts.personas import give_access
from tests.factories import FavoriteFactory, FavoritesListFactory, MeetingFactory, StaffFactory, UserFactory

from .planting import LISTING, RELEASE, Garden
from .walking import Answer, addresses, ask, walk

MICROSECOND = dt.timedelta(microseconds=1)
BEFORE = dt.datetime(2020, 4, 1, tzinfo=dt.UTC)
AHEAD = RELEASE - MICROSECOND
LATER = RELEASE + dt.timedelta(days=7)
ROLES = {
    "anonymous": Role.ANONYMOUS,
    "anonymous with favorites": Role.ANONYMOUS,
    "reader": Role.READER,
    "press": Role.PRESS,
    # Who is not of the press of that meeting at that instant sees what a reader sees.
    "press without terms": Role.READER,
    "press of another meeting": Role.READER,
    "press later": Role.READER,
    "press whose access is over": Role.READER,
    "press whose access was revoked": Role.READER,
    "clerk": Role.READER,
    "staff": Role.STAFF,
}
PRESS = {
    "press": {"starts_at": BEFORE},
    "press without terms": {"accepted": False},
    "press of another meeting": {},
    "press later": {"starts_at": RELEASE},
    "press whose access is over": {"ends_at": AHEAD},
    "press whose access was revoked": {"revoked_at": BEFORE},
}
CRAWLS = [
    *(("anonymous", instant) for instant in (BEFORE, LISTING, AHEAD, RELEASE, LATER)),
    # Some tiers are closed to the press until LISTING.
    *(("press", instant) for instant in (BEFORE, LISTING - MICROSECOND, LISTING, RELEASE)),
    *((viewer, AHEAD) for viewer in ROLES if viewer != "anonymous"),
]
TOKEN = re.compile(r"zq[a-z]{4}qz")


def session_of(viewer: str, garden: Garden) -> str | None:
    """The key of a new session of `viewer`, whose favorites are all abstracts; None for who has no session."""
    if viewer == "anonymous":
        return None
    favorites = FavoritesListFactory()
    for abstract in garden.abstracts.values():
        FavoriteFactory(list=favorites, abstract=abstract)
    client = Client()
    if viewer == "anonymous with favorites":
        session = client.session
        session["favorites_list"] = favorites.pk
        session.save()
        return session.session_key
    user = {"staff": StaffFactory, "clerk": lambda: UserFactory(is_staff=True)}.get(viewer, UserFactory)()
    if viewer.startswith("press"):
        meetings = {abstract.meeting for abstract in garden.abstracts.values()}
        give_access(user, *([MeetingFactory()] if "another" in viewer else meetings), **PRESS[viewer])
    user.save()
    favorites.user = user
    favorites.save()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client.session.session_key


@contextlib.contextmanager
def clock(instant: dt.datetime) -> Iterator[None]:
    """Requests are made at `instant`. Only requests: what asks the real clock, years later, is caught."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("acrsite.middleware.clock", SimpleNamespace(now=lambda: instant))
        for cache in caches.all(initialized_only=True):
            cache.clear()
        yield


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What is written inside is undone: one crawl leaves nothing for the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Crawls:
    """What each viewer may read of the whole site at an instant: crawled when a test first wants it, then shared."""

    garden: Garden
    sessions: dict[str, str | None]
    answers: dict[tuple[str, dt.datetime], dict[str, Answer]] = field(default_factory=dict)

    def client(self, viewer: str) -> Client:
        client = Client()
        if self.sessions[viewer]:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[viewer]
        return client

    @functools.cached_property
    def existing(self) -> list[str]:
        """The addresses at which there is anything for anybody: those that staff do not miss."""
        with undone(), pytest.MonkeyPatch.context() as patch:
            # Behind thousands of addresses there is nothing, and here nobody reads the page that says so.
            patch.setattr("acrsite.urls.handler404", lambda request, exception: HttpResponseNotFound(), raising=False)
            client = self.client("staff")
            groups = [group for group in addresses(self.garden) if ask(client, group[0]).status != 404]
            return [path for group in groups for path in group]

    def of(self, viewer: str, instant: dt.datetime) -> dict[str, Answer]:
        """The answers by address; the same ones each time."""
        if (viewer, instant) not in self.answers:
            self.answers[viewer, instant] = self.anew(viewer, instant)
        return self.answers[viewer, instant]

    def anew(self, viewer: str, instant: dt.datetime) -> dict[str, Answer]:
        """The same, asked for again."""
        existing = self.existing
        with clock(instant), undone():
            return walk(self.client(viewer), existing)


def where_tokens_stand(answers: dict[str, Answer]) -> dict[str, list[str]]:
    """The addresses whose answers hold each token."""
    places: dict[str, list[str]] = {}
    for path, answer in answers.items():
        for token in set(TOKEN.findall(answer.text)):
            places.setdefault(token, []).append(path)
    return places


def leaks(garden: Garden, answers: dict[str, Answer], viewer: str, instant: dt.datetime) -> dict[str, list[str]]:
    """What `answers` tell `viewer` that may not be read at `instant`, with up to five addresses for each token."""
    assert not [answer for answer in answers.values() if answer.status >= 500]
    places = where_tokens_stand(answers)
    return {
        str(planted): places[planted.token][:5]
        for planted in garden.tokens
        if planted.token in places and not garden.may_see(planted, ROLES[viewer], instant)
    }
