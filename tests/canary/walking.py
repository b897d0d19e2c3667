"""Walks the site: every address of the URLconf, filled with what is in the database, and every link in the answers."""

import contextlib
import functools
import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import unquote, urljoin, urlsplit

from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from django.urls.converters import IntConverter, SlugConverter
from pypdf import PdfReader
from pypdf.generic import ByteStringObject, IndirectObject, PdfObject, TextStringObject

from abstracts.exporting import FORMATS
from abstracts.models import Abstract, Figure
from abstracts.views.sitemaps import PARTS
from abstracts.words.addresses import without_language
from tests.canary.planting import SECRET, Garden

HOST = "http://testserver"
# In HTML and Atom, in a sitemap, in JSON.
LINK = re.compile(
    r"""(?:\b(?:href|src|action)=["'](?=[/?.\w])|\bcontent=["'](?=https?:|/)|<loc>|"(?:url|item|src|@id)": ?")"""
    r"""([^"'\s<]+)["'<]"""
)
# Other in every answer.
RANDOM_HEADERS = ("X-Request-ID", "Expires")
CSRF = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+')
# Signing out ends the walk of whoever walks.
NEVER_FOLLOWED = ("/static/", "/accounts/logout", "/admin/logout", "/admin/jsi18n")
MOST_LINKS = 150
ADMIN_PAGES = ("change", "history", "delete")


@dataclass(frozen=True)
class Answer:
    """What came back for `path`: everything in it that could tell something."""

    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def text(self) -> str:
        """All of it in lower case, without the address that was asked for, in whatever language."""
        whole = "\n".join([*(f"{name}: {value}" for name, value in self.headers), unquote(html.unescape(self.body))])
        return whole.replace(unquote(without_language(self.path)), "").lower()


def ask(client: Client, path: str) -> Answer:
    response = client.get(path)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    headers = [(name, value) for name, value in response.items() if name not in RANDOM_HEADERS]
    headers += [("cookie", morsel.output()) for name, morsel in response.cookies.items() if name != "csrftoken"]
    response.close()
    body = CSRF.sub("", readable(content, response.get("Content-Type", "")))
    return Answer(path, response.status_code, tuple(sorted(headers)), body)


def readable(content: bytes, kind: str) -> str:
    """The words in a file: for what is packed, those inside; without the instant at which it was packed."""
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            inside = "\n".join(packed.read(name).decode() for name in sorted(packed.namelist()))
        return re.sub(r"<dcterms:\w+[^>]*>[^<]*<", "<", inside)
    if kind == "application/pdf":
        return words_of_pdf(content)
    if kind.startswith("text/calendar"):
        content = content.replace(b"\r\n ", b"")  # long lines are folded, anywhere
    return content.decode("utf-8", "replace")


@functools.lru_cache(maxsize=500)
def words_of_pdf(content: bytes) -> str:
    """All that a PDF says: its pages, also with words put together that were broken over lines, and every string in it
    (bookmarks, alternative texts, metadata, links)."""
    reader = PdfReader(io.BytesIO(content))
    pages = unicodedata.normalize("NFKC", "\n".join(page.extract_text() for page in reader.pages))
    metadata = reader.trailer["/Root"].get("/Metadata")
    return "\n".join(
        [
            pages,
            re.sub(r"[\s\u00ad\u200b\u2010-]+", "", pages),
            *_strings(reader.trailer),
            *([metadata.get_data().decode("utf-8", "replace")] if metadata else []),
        ]
    )


def _strings(root: PdfObject) -> Iterator[str]:
    """Every string that can be reached from `root`."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if value.idnum in seen:
                continue
            seen.add(value.idnum)
            value = value.get_object()
        if isinstance(value, TextStringObject | ByteStringObject):
            yield str(value)
        elif isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value


def patterns(resolver=None, prefix: tuple = ()) -> Iterator[tuple[str, list[URLPattern]]]:
    """Every pattern of the URLconf: the app it belongs to ("" for our own) and the patterns that lead to it."""
    resolver = resolver or get_resolver()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield next((p.app_name for p in prefix if p.app_name), ""), [*prefix, entry]
        else:
            yield from patterns(entry, (*prefix, entry))


def values_of(garden: Garden, state: str) -> dict[str, list[str]]:
    """What addresses can be filled with, of one state."""
    abstract = Abstract.unfiltered.get(pk=garden.abstracts[state].pk)
    slugs = [p.token for p in garden.tokens if p.state == state and p.field == "slug"]
    numbers = [p.token for p in garden.tokens if p.state == state and p.field == "number"]
    figures = Figure.unfiltered.filter(abstract=abstract)
    return {
        "meeting": [abstract.meeting.slug],
        "slug": slugs,
        "number": numbers,
        "pk": [str(pk) for pk in figures.values_list("pk", flat=True)],
        "figure": list(figures.values_list("key", flat=True)),
        "width": ["640"],
        "token": [SECRET],
        "name": list(FORMATS),
        "part": list(PARTS),
        "file": ["1"],
        "key": [str(abstract.pk)],
    }


NOWHERE = {
    "meeting": ["zqnowhereqz"],
    "slug": ["zqnowhereqz"],
    "number": ["zqnowhereqz"],
    "pk": ["987654321"],
    "figure": ["0123456789abcdef"],
    "width": ["640"],
    "token": ["zqnowhereqz"],
    "name": list(FORMATS),
    "part": ["zqnowhereqz"],
    "file": ["1"],
    "key": ["987654321"],
}


def filled(parts: list, values: dict[str, list[str]]) -> Iterator[str]:
    """The addresses of a pattern, with every fitting value."""
    route = "".join(str(part.pattern).lstrip("^").rstrip("$") for part in parts)
    converters = {name: c for part in parts for name, c in part.pattern.converters.items()}
    found = [values.get(name) or values[_kind(converter)] for name, converter in converters.items()]
    for chosen in product(*found):
        path = route
        for name, value in zip(converters, chosen, strict=True):
            path = re.sub(rf"<(?:[^:<>]+:)?{name}>", value, path)
        if "(?P" not in path:  # a regular expression (allauth's password reset key)
            yield "/" + path


def _kind(converter) -> str:
    if isinstance(converter, IntConverter):
        return "pk"
    return "slug" if isinstance(converter, SlugConverter) else "key"


def addresses(garden: Garden) -> list[list[str]]:
    """Every address of the site's own, with the values of every state. Those that differ in the name of a format alone
    are one list: behind all of them or none there is something."""
    own = [parts for app, parts in patterns() if not app]
    groups = []
    for state in garden.abstracts:
        values = values_of(garden, state)
        for parts in own:
            by_format = zip(*(filled(parts, {**values, "name": [name]}) for name in FORMATS), strict=True)
            groups += [list(dict.fromkeys(paths)) for paths in by_format]
    groups += [[f"/?p={abstract.legacy_id}"] for abstract in garden.abstracts.values()]
    unique = {tuple(group): group for group in groups if not group[0].startswith(NEVER_FOLLOWED)}
    return list(unique.values())


def admin_addresses(garden: Garden) -> list[str]:
    """Every address of the admin, with the values of a hidden abstract."""
    values = {**values_of(garden, "hidden"), "slug": ["abstracts"]}
    found = dict.fromkeys(path for app, parts in patterns() if app for path in filled(parts, values))
    return [path for path in found if not path.startswith(NEVER_FOLLOWED)]


def admin_pages(garden: Garden, state: str) -> list[str]:
    """The pages of the admin for each row with words of `state`."""
    rows = dict.fromkeys((planted.model._meta, planted.pk) for planted in garden.tokens if planted.state == state)
    names = [(f"admin:{meta.label_lower.replace('.', '_')}_{page}", pk) for meta, pk in rows for page in ADMIN_PAGES]
    pages = []
    for name, pk in names:
        with contextlib.suppress(NoReverseMatch):
            pages.append(reverse(name, args=[pk]))
    return pages


def walk(client: Client, paths: Iterable[str], most_links: int = MOST_LINKS) -> dict[str, Answer]:
    """The answers to `paths` and to the links found in them, and in those, `most_links` at most."""
    answers: dict[str, Answer] = {}
    waiting = list(dict.fromkeys(paths))
    left = most_links
    links: dict[str, None] = {}
    for path in waiting:
        answers[path] = ask(client, path)
        links.update(dict.fromkeys(links_of(answers[path])))
    while left and (fresh := [link for link in links if link not in answers]):
        path = fresh[0]
        answers[path] = ask(client, path)
        links.update(dict.fromkeys(links_of(answers[path])))
        left -= 1
    return answers


def links_of(answer: Answer) -> Iterator[str]:
    """Addresses of this site in an answer, without fragments."""
    found = [html.unescape(link) for link in LINK.findall(answer.body)]
    found += [value for name, value in answer.headers if name == "Location"]
    for link in found:
        url = urlsplit(urljoin(HOST + answer.path, link.strip()))
        own = url.netloc in ("testserver", "abstracts.example.org")
        if own and url.scheme in ("http", "https") and not url.path.startswith(NEVER_FOLLOWED):
            yield url.path + (f"?{url.query}" if url.query else "")
