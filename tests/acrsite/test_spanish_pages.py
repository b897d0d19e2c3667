"""Every page in Spanish: nothing that the site says itself is left in English, and what is content is marked as such.

The archive is that of the canary, whose every word is a token: what a Spanish page has in common with the English one
and is no token was not translated. Pages are those of the URLconf, so that a new one is held to it by itself.
"""

import datetime as dt
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import is_valid_path, reverse
from django.utils import translation

from abstracts.models import Abstract, AbstractKeyword, Person, Session
from abstracts.visibility import Role, Viewer
from abstracts.words.addresses import in_language
from tests.accounts.personas import give_access
from tests.canary.planting import RELEASE, Garden, plant
from tests.canary.walking import ask, patterns
from tests.factories import FavoriteFactory, FavoritesListFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

STAFF = Viewer(Role.STAFF)
NO_WORDS = re.compile(r"zq[a-z]+qz|https?://\S+|\S+@\S+", re.I)
# The same in both languages: names, words of Spanish too, and codes.
SAME = {
    "ACR Meeting Abstracts", "American College of Rheumatology", "ACR Meetings", "Online Journal", "Accessed",
    "© Copyright American College of Rheumatology", "English", "Español", "Error", "ORCID", "DOI", "Virtual", "No",
    "PDF", "RIS", "BibTeX", "EndNote", "PubMed (NBIB)", "CSV", "Excel (XLSX)", "CSL-JSON", "JSON Lines",
    "AMA", "APA", "MLA", "Chicago", "Harvard", "Vancouver (NLM)",
}  # fmt: skip
SAID = ("aria-label", "placeholder", "alt", "title", "data-copied", "data-selected", "data-suggestions-label")
STATES = ("released", "withdrawn released", "hidden", "shell", "listing", "retracted", "draft", "held shell")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Words(HTMLParser):
    """What a page says itself: its texts, and attributes that are read out, outside of elements in another language
    and of <em>, which holds examples of what to type.
    """

    def __init__(self, page: str):
        super().__init__()
        self.said: set[str] = set()
        self.language = ""
        self._open: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "html":
            self.language = values["lang"]
        other = values.get("lang", self.language) != self.language or tag in ("script", "style", "em")
        if tag not in VOID:
            self._open.append((tag, other))
        if not other and not self._is_foreign():
            self.said.update(_plain(values[name] or "") for name in SAID if name in values)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self._is_foreign():
            self.said.add(_plain(data))

    def _is_foreign(self) -> bool:
        return any(other for _, other in self._open)


def _plain(text: str) -> str:
    """The words of `text`, without tokens, addresses, numbers and single letters."""
    words = re.findall(r"[^\W\d_]{2,}", NO_WORDS.sub("", text.replace(settings.SITE_NAME, "")))
    return " ".join(word for word in words if word.lower() != "zq")


SAME_PLAIN = {_plain(text) for text in SAME} | {""}


def clients(garden: Garden) -> Iterator[Client]:
    """A visitor who saved all there is; a member of the press; staff."""
    for user in (None, UserFactory(), StaffFactory()):
        client, saved = Client(), FavoritesListFactory(user=user)
        for abstract in garden.abstracts.values():
            FavoriteFactory(list=saved, abstract=abstract)
        if user:
            give_access(user)
            client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        yield client


def leftovers(client: Client, path: str) -> set[str]:
    """What the Spanish page of `path` says in English; nothing where there is no page."""
    english = ask(client, path)
    if english.status != 200 or "text/html" not in dict(english.headers).get("Content-Type", ""):
        return set()
    spanish = ask(client, in_language(path, "es"))
    assert spanish.status == 200, spanish.path
    one, other = Words(english.body), Words(spanish.body)
    assert (one.language, other.language) == ("en", "es"), path
    return (one.said & other.said) - SAME_PLAIN


def plain_pages() -> list[str]:
    """The addresses of pages that need nothing to fill them with."""
    with translation.override("es"):
        routes = ("".join(str(p.pattern) for p in parts) for app, parts in patterns() if not app)
        found = ["/" + route.removeprefix("es/") for route in routes]
        return [path for path in found if not re.search(r"[<(]", path) and is_valid_path(in_language(path, "es"))]


def other_pages(garden: Garden) -> list[str]:
    """A page of every other kind, and of abstracts in every state."""
    abstracts = [Abstract.unfiltered.select_related("meeting").get(pk=each.pk) for each in garden.abstracts.values()]
    meeting, session = abstracts[0].meeting, Session.objects.visible_to(STAFF).first()
    assert session
    person, keyword = Person.unfiltered.first(), AbstractKeyword.unfiltered.first().keyword
    return [
        *(reverse("abstract", args=[abstract.slug]) for abstract in abstracts),
        *(reverse("abstract-by-number", args=[meeting.slug, abstract.number]) for abstract in abstracts),
        *(thing.get_absolute_url() for thing in (meeting, session, person, keyword)),
        *(f"{meeting.get_absolute_url()}?{query}" for query in ("view=abstracts", "q=zqnowhereqz", "day=none")),
        *(reverse(name, args=[meeting.slug]) for name in ("embargo-policy", "download")),
        reverse("abstract-citations", args=[abstracts[0].slug]),
        *(f"/search/?{query}" for query in ("q=zqnowhereqz", "exact=1&favorites=on&title=zqnowhereqz", "year_from=x")),
        *(f"/{index}/?{query}" for index, query in (("authors", "start=zzz"), ("keywords", "q=zqnowhereqz"))),
        "/favorites/?organize=1",
    ]


@pytest.fixture
def garden(monkeypatch):
    # Before release there are notes of what is to come; press and staff see banners.
    monkeypatch.setattr("acrsite.middleware.clock", SimpleNamespace(now=lambda: RELEASE - dt.timedelta(seconds=1)))
    # Closing an answer would close the connection, and with it end the test's transaction.
    monkeypatch.setattr(connection, "close", lambda: None)
    garden = plant()
    garden.abstracts = {state: garden.abstracts[state] for state in STATES}
    return garden


def test_spanish_pages_have_no_english_words(garden):
    paths = plain_pages() + other_pages(garden)
    assert len(paths) > 60
    found: dict[str, str] = {}
    for client in clients(garden):
        for path in paths:
            found |= dict.fromkeys(leftovers(client, path), path)
    assert not found, "\n".join(f"{words}  ({path})" for words, path in sorted(found.items()))
