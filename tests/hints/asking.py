"""Random requests of the public, and their answers, byte for byte."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from abstracts.exporting import FORMATS
from abstracts.models import Abstract, AbstractKeyword, AuthorLine, Figure, Meeting, Session
from abstracts.search.damage import CheckedSearcher
from abstracts.search.following import update_index
from abstracts.views.sitemaps import PARTS
from abstracts.visibility import ANONYMOUS, Level
from tests.canary.walking import CSRF, RANDOM_HEADERS, readable

from .archive import AT, KEYWORDS, SECRET_KEYWORDS, SECRETS, WORDS

# In the addresses of what is shared by its address.
SHARED = "shared-by-all"
# Files that hold the instant at which they were packed are compared by what is in them.
PACKED = ("spreadsheetml", "application/pdf")


@dataclass(frozen=True)
class Request:
    """What is asked for. `headers` as of `Client.get`; `has_favorites`: by a visitor who saved everything."""

    kind: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    has_favorites: bool = False

    def __str__(self) -> str:
        return " ".join([f"[{self.kind}]", self.path, *map("=".join, self.headers)])


@dataclass(frozen=True)
class Answer:
    """All that comes back, and how much work it was: SQL statements, and calls of the engine by name."""

    status: int
    headers: dict[str, str]
    body: bytes
    statements: tuple[str, ...]
    calls: dict[str, int]


Answers = dict[Request, Answer]


class Asker:
    """Asks as the public, always at the instant AT and with empty caches."""

    def __init__(self, session_key: str):
        self.clients = {False: Client(), True: Client()}
        self.clients[True].cookies["sessionid"] = session_key

    def answers(self, requests: Iterable[Request], is_index_behind: bool = False) -> Answers:
        """`is_index_behind`: nothing has followed yet what was written, as a thread does in a moment."""
        if not is_index_behind:
            update_index()
        with _counting_calls() as calls:
            # What is read again after each change, whatever it was.
            for path in ("/search/?q=lupus", "/search/suggestions/?q=lu"):
                self._ask(Request("first", path), calls)
            return {request: self._ask(request, calls) for request in requests}

    def _ask(self, request: Request, calls: Counter[str]) -> Answer:
        for cache in caches.all(initialized_only=True):
            cache.clear()
        calls.clear()
        with CaptureQueriesContext(connection) as captured:
            response = self.clients[request.has_favorites].get(request.path, headers=dict(request.headers))
            body = b"".join(response.streaming_content) if response.streaming else response.content
        headers = {name: value for name, value in response.items() if name not in RANDOM_HEADERS}
        headers |= {f"cookie {name}": morsel.output() for name, morsel in response.cookies.items()}
        response.close()
        kind = response.get("Content-Type", "")
        if any(packed in kind for packed in PACKED):
            body = readable(body, kind).encode()
            headers.pop("Content-Length", None)
        elif b"csrfmiddlewaretoken" in body:
            body = CSRF.sub("", body.decode()).encode()
        statements = tuple(query["sql"] for query in captured.captured_queries)
        return Answer(response.status_code, headers, body, statements, dict(calls))


@contextmanager
def _counting_calls() -> Iterator[Counter[str]]:
    """Calls of the methods of any searcher, by name, while it is open."""
    calls = Counter[str]()
    checked = CheckedSearcher._checked

    def counting(self: CheckedSearcher, method: Callable) -> Callable:
        calls[method.__name__] += 1
        return checked(self, method)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CheckedSearcher, "_checked", counting)
        yield calls


class Questions:
    """Random requests about what the public sees at AT, with its words and with hidden ones."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        rows = Abstract.objects.visible_to(ANONYMOUS, AT, Level.SHELL).order_by("pk").select_related("meeting")
        titled = [row for row in rows if row.level >= Level.TITLED]
        self.numbers = [(row.meeting.slug, row.number) for row in rows]
        self.titles = [row.title_text for row in titled]
        self.slugs = [row.slug for row in titled]
        self.legacy_ids = [row.legacy_id for row in titled]
        self.meetings = [meeting.slug for meeting in Meeting.objects.visible_to(ANONYMOUS).order_by("pk")]
        sessions = Session.objects.visible_to(ANONYMOUS).order_by("pk").select_related("meeting")
        self.sessions = [session.get_absolute_url() for session in sessions]
        links = AbstractKeyword.objects.visible_to(ANONYMOUS, AT).order_by("pk").select_related("keyword")
        self.keywords = list(dict.fromkeys(link.keyword.slug for link in links))
        lines = AuthorLine.objects.visible_to(ANONYMOUS, AT).order_by("pk").select_related("person")
        self.people = list(dict.fromkeys(line.person.slug for line in lines if line.person))
        self.figures = [figure.get_absolute_url() for figure in Figure.objects.visible_to(ANONYMOUS, AT).order_by("pk")]

    def requests(self, count: int) -> list[Request]:
        """About `count` of all kinds; each kind is there."""
        weighted = list(KINDS)
        kinds = weighted + self.rng.choices(weighted, [KINDS[kind] for kind in weighted], k=max(0, count - len(KINDS)))
        return list(dict.fromkeys(getattr(self, f"_{kind}")() for kind in kinds))

    def _word(self) -> str:
        return self.rng.choice(WORDS if self.rng.random() < 0.8 else SECRETS)

    def _words(self, least: int, most: int) -> str:
        return " ".join(self._word() for _ in range(self.rng.randint(least, most)))

    def _in_search(self, q: str = "", **more: Any) -> str:
        """The parameters of a search, at times narrowed, in another order, of another page."""
        data: dict[str, Any] = {"q": q} if q else {}
        if self.rng.random() < 0.3:
            name, values = self.rng.choice(
                [
                    ("meeting", self.meetings), ("kw", self.keywords), ("by", self.people), ("figures", ["on"]),
                    ("country", ["Norway", "Belgium", "United States"]), ("type", ["Poster Session"]),
                    ("place", ["North Clinic", "Invented School"]), ("year_from", [2024]), ("day", ["2025-10-24"]),
                    ("exact", ["1"]),
                ]
            )  # fmt: skip
            data[name] = self.rng.choice(values)
        if self.rng.random() < 0.3:
            data["order"] = self.rng.choice(["newest", "number", "title"])
        if self.rng.random() < 0.3:
            data["page"] = self.rng.choice([2, 3])
        if self.rng.random() < 0.2:
            data["per_page"] = self.rng.choice([50, 100])
        return urlencode(data | more)

    def _search(self) -> Request:
        headers = (("HX-Request", "true"),) if self.rng.random() < 0.1 else ()
        return Request("search", f"/search/?{self._in_search(self._words(1, 3))}", headers)

    def _either(self) -> Request:
        return Request("either", f"/search/?{self._in_search(' OR '.join(self._words(3, 3).split()))}")

    def _question(self) -> Request:
        """Long ones are answered with the terms of the best results."""
        text = f"what is known about {self._words(5, 12)} in {self._words(3, 6)}?"
        return Request("question", f"/search/?{self._in_search(text)}")

    def _syntax(self) -> Request:
        one, other = self._word(), self._word()
        title = self.rng.choice(self.titles).split()
        text = self.rng.choice(
            [
                f"{one} -{other}", f"-{one}", f"{one} NOT {other}", f'"{" ".join(title[1:3])}"', f'"{one} {other}"',
                f"{one[:4]}*", f"title:{one} {other}", f"author:Amsel OR {one}", f"keyword:{one}",
                f"institution:oslo {one}", f"{one}{other}", f'"{title[0]}" OR {one}',
            ]
        )  # fmt: skip
        return Request("syntax", f"/search/?{self._in_search(text)}")

    def _taken(self) -> Request:
        """Words that are taken for something else besides."""
        number, word = self.rng.choice(self.numbers)[1], self._word()
        text = self.rng.choice(
            [
                f"Amsel A {word}", f"Ada Amsel {word}", "Birk B Caro C", f"oslo {word}", "north clinic", "belgium",
                f"norway {word}", "springfield", f"2025 {word}", f"2025 {number}", f"No. {number}", f"{number} {word}",
                f"{9000 + self.rng.randrange(30)} {word}", f"2026 {word}", f"NCT01234567 {word}", "posters",
            ]
        )  # fmt: skip
        more = {"words": text} if self.rng.random() < 0.1 else {}
        return Request("taken", f"/search/?{self._in_search(text, **more)}")

    def _expression(self) -> Request:
        one, other, third = self._word(), self._word(), self._word()
        text = self.rng.choice(
            [
                f"({one} AND {other}) OR {third}", f"{one} NOT ({other} OR {third})", f"{one} OR NOT {other}",
                f"title:({one} OR {other}) {third}", f"{one}[ti] AND Amsel A[au]", f"country:norway {one}",
                f"session:posters NOT {one}", f"year:2024-2025 {one} {other}", f"meeting:forum {one}",
                f"type:oral {one}",
            ]
        )  # fmt: skip
        return Request("expression", f"/search/?{self._in_search(text)}")

    def _spanish(self) -> Request:
        text = self.rng.choice(
            ["gota", "artritis reumatoide", "nefritis lúpica", "lupus y embarazo", "vacunas", f"dolor {self._word()}"]
        )
        return Request("spanish", f"/es/search/?{self._in_search(text)}")

    def _fields(self) -> Request:
        name, text = self.rng.choice(
            [
                ("title", self._words(1, 2)), ("author", "Ada Amsel"), ("affiliation", "oslo"), ("author", "Dörner"),
                ("keyword", self._word()), ("number", self.rng.choice(self.numbers)[1]), ("trial", "NCT01234567"),
            ]
        )  # fmt: skip
        return Request("fields", f"/search/?{self._in_search(**{name: text})}")

    def _direct(self) -> Request:
        text = self.rng.choice([*self.titles, *(number for _, number in self.numbers)])
        return Request("direct", f"/search/?{urlencode({'q': text})}")

    def _misspelled(self) -> Request:
        word = next(word for word in iter(self._word, None) if word.isascii() and word.isalpha() and len(word) > 4)
        place = self.rng.randrange(1, len(word) - 1)
        wrong = word[:place] + self.rng.choice("aeiouxyz") + word[place + self.rng.randint(0, 1) :]
        return Request("misspelled", f"/search/?{urlencode({'q': wrong})}")

    def _synonym(self) -> Request:
        return Request(
            "synonym", f"/search/?{urlencode({'q': self.rng.choice([*KEYWORDS, *SECRET_KEYWORDS, 'podagra'])})}"
        )

    def _suggestions(self) -> Request:
        source = self.rng.choice([self._words(1, 2), self.rng.choice(self.titles), "Ada Amsel", "birk", "Invented F"])
        return Request("suggestions", f"/search/suggestions/?{urlencode({'q': source[: self.rng.randint(2, 12)]})}")

    def _abstract(self) -> Request:
        path = f"/abstract/{self.rng.choice(self.slugs)}/"
        if self.rng.random() < 0.15:
            return Request("abstract", path, (("Accept", "application/x-bibtex"),))
        return Request(
            "abstract", self.rng.choice([path, path, path, f"/es{path}", f"{path}citations/", f"{path}card.png"])
        )

    def _by_number(self) -> Request:
        meeting, number = self.rng.choice(self.numbers)
        paths = [f"/meetings/{meeting}/{number}/", f"/?p={self.rng.choice(self.legacy_ids)}"]
        return Request("by number", self.rng.choice(paths))

    def _figure(self) -> Request:
        return Request("figure", self.rng.choice(self.figures))

    def _keyword(self) -> Request:
        slug = self.rng.choice(self.keywords)
        paths = [
            "/keywords/",
            f"/keywords/?q={self._word()}",
            "/keywords/?letter=l",
            f"/keywords/{slug}/",
            f"/tag/{slug}/",
        ]
        return Request("keyword", self.rng.choice([*paths, f"/tag/{slug}/"]))

    def _author(self) -> Request:
        slug = self.rng.choice(self.people)
        paths = ["/authors/", f"/authors/?start={slug[:2]}", f"/authors/{slug}/", f"/authors/{slug}/"]
        return Request("author", self.rng.choice(paths))

    def _program(self) -> Request:
        meeting = f"/meetings/{self.rng.choice(self.meetings)}/"
        queries = ["", "?view=abstracts", f"?q={self._word()}", f"?keyword={self._word()}", "?type=Poster+Session"]
        paths = ["/", "/meetings/", self.rng.choice(self.sessions), *(meeting + query for query in queries)]
        return Request("program", self.rng.choice(paths))

    def _export(self) -> Request:
        name = self.rng.choice([name for name in FORMATS if name != "pdf"])
        paths = [
            f"/search/export/{name}/?{self._in_search(self._words(1, 2))}",
            f"/search/export/{name}/?{self._in_search(self._words(1, 2))}",
            f"/meetings/{self.rng.choice(self.meetings)}/export/{name}/",
            f"{self.rng.choice(self.sessions)}export/{name}/",
            f"/abstract/{self.rng.choice(self.slugs)}/export/{name}/",
        ]
        return Request("export", self.rng.choice(paths))

    def _feed(self) -> Request:
        paths = [
            "newest/", f"meetings/{self.rng.choice(self.meetings)}/", f"keywords/{self.rng.choice(self.keywords)}/",
            f"search/?{urlencode({'q': self._words(1, 2)})}",
        ]  # fmt: skip
        return Request("feed", f"/feeds/{self.rng.choice(paths)}")

    def _sitemap(self) -> Request:
        paths = ["/sitemap.xml", "/robots.txt", *(f"/sitemaps/{part}/1.xml" for part in PARTS)]
        return Request("sitemap", self.rng.choice(paths))

    def _favorites(self) -> Request:
        name = self.rng.choice(["csv", "jsonl", "bibtex"])
        paths = [
            "offline.json", "", "print/", "programme/", "programme.ics", "clear/", f"export/{name}/",
            f"?q={self._word()}",
        ]  # fmt: skip
        return Request("favorites", f"/favorites/{self.rng.choice(paths)}", has_favorites=True)

    def _other(self) -> Request:
        meeting = self.rng.choice(self.meetings)
        paths = [
            "/download/",
            f"/download/{meeting}/",
            f"/embargo/{meeting}/",
            "/press/",
            "/search/",
            "/lists/shared-by-all/",
        ]
        return Request("other", self.rng.choice([*paths, "/calendars/shared-by-all.ics"]))

    def _nowhere(self) -> Request:
        """Where there is nothing, or something hidden."""
        slug = "-".join(self._words(3, 5).lower().split())
        paths = [
            f"/abstract/{slug}/", f"/keywords/{self.rng.choice(SECRETS)}-therapy/", "/authors/ada-amsel-2/",
            f"/meetings/{self.meetings[-1]}/90{self.rng.randrange(30):02}/", "/meetings/invented-forum-2026/",
            f"/abstract/{self.rng.choice(self.slugs)}-2/", f"/?p={7_009_000 + self.rng.randrange(30)}",
        ]  # fmt: skip
        return Request("nowhere", self.rng.choice(paths))


# How often each kind is drawn.
KINDS = {
    "search": 8, "either": 5, "question": 4, "syntax": 6, "fields": 3, "direct": 1, "taken": 5, "expression": 4,
    "spanish": 2, "misspelled": 3, "synonym": 3,
    "suggestions": 4, "abstract": 6, "by_number": 1, "figure": 1, "keyword": 2, "author": 2, "program": 2, "export": 4,
    "feed": 2, "sitemap": 2, "favorites": 2, "other": 1, "nowhere": 2,
}  # fmt: skip
