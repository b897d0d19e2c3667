"""The mode in which all tests run: what a public or personal page reads of guarded tables carries the law's mark.

While a request is answered (by the test client, the live server, or within `watching`), each SELECT, also within
another statement, that names a guarded table has to have the mark that the law writes (`abstracts.visibility.marks`),
for a role that the viewer of the request has. What has not is refused: the statement raises `Unmarked`. It is written
down as well, and the test fails at its end, whoever caught the exception. The admin's addresses are left out.
"""

import contextlib
import functools
import re
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.core.handlers.base import BaseHandler
from django.db import connections

from abstracts.models import EmbargoRecord, RecordLine
from abstracts.search.searching import Visible
from abstracts.visibility import ANONYMOUS, Role, Viewer, is_guarded
from abstracts.visibility.marks import BELONGING

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("abstracts/", "accounts/", "acrsite/")
PUBLIC_ROLES = {Role.ANONYMOUS.value, Role.READER.value}


class Exempt(NamedTuple):
    """A function that may read some guarded tables without the mark, or as another role than the viewer's."""

    path: str
    function: str
    tables: frozenset[str]
    reason: str


# The only functions of the product that read guarded tables otherwise, each with its reason.
EXEMPT = [
    Exempt(path, function, frozenset(f"abstracts_{table}" for table in tables.split()), reason)
    for path, function, tables, reason in (
        (
            "abstracts/models/embargo.py",
            "public_state",
            "abstract",
            "the next instant of release of any abstract: until then pages may be kept",
        ),
        (
            "abstracts/search/following.py",
            "_is_small_archive",
            "abstract",
            "counts abstracts up to a limit: whether a request builds a missing index itself",
        ),
        (
            "abstracts/search/writing.py",
            "pks_in_batches",
            "abstract",
            "writes the index, which holds every document; whoever asks it needs the clause of the law",
        ),
        (
            "abstracts/search/writing.py",
            "_built",
            "abstract section authorline affiliation abstractkeyword keyword presentation figure",
            "the same",
        ),
        (
            "abstracts/search/narrowing.py",
            "_facets",
            "keyword person",
            "keys of the entries that an address names; nothing of them is shown",
        ),
        (
            "abstracts/search/names.py",
            "names_and_slugs",
            "keyword person",
            "names of entries whose keys the index gave, which was asked with the clause of the law",
        ),
        (
            "abstracts/reading/withdrawn.py",
            "withdrawn_with_title",
            "abstract slugredirect",
            "whose title, now hidden, gave an address; then its page is read by the law",
        ),
        (
            "abstracts/reading/withdrawn.py",
            "_was_public",
            "abstract historicalabstract recordline embargorecord",
            "whether the title was public while that was its address; nothing of it is shown",
        ),
        (
            "accounts/favorites/items.py",
            "_of_existing_abstracts",
            "abstract",
            "which keys of a list still exist, so that hidden ones come back to it; nothing of them is shown",
        ),
    )
]


class Unmarked(Exception):
    """A page read a guarded table, or asked the index, past the law."""


_request: ContextVar[Any] = ContextVar("request that is watched", default=None)
_violations: list[str] = []
_lock = threading.Lock()


@contextlib.contextmanager
def watching(request: Any) -> Iterator[None]:
    """Watch what is read in this block for `request`."""
    for connection in connections.all():
        if _check not in connection.execute_wrappers:
            connection.execute_wrappers.append(_check)
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


@contextlib.contextmanager
def expecting_violations() -> Iterator[list[str]]:
    """What was read past the law in this block: it is refused, and does not fail the test."""
    found: list[str] = []
    try:
        yield found
    finally:
        found += take_violations()


def take_violations() -> list[str]:
    """What was read past the law since this was last called."""
    with _lock:
        found = _violations[:]
        _violations.clear()
    return found


def install() -> None:
    """Watch the requests of the test client and the live server, and what they stream after their answer."""
    get_response, see = BaseHandler.get_response, Visible.__init__

    def watched_get_response(self, request):
        with watching(request):
            response = get_response(self, request)
        if response.streaming and not response.is_async:
            response.streaming_content = _watched(response.streaming_content, request)
        return response

    def watched_see(self, viewer, at):
        # Whose request it is, is asked only where that matters: to look at the viewer is to look at the session.
        if _is_watched() and viewer.role.value not in PUBLIC_ROLES and not _is_within(viewer):
            _refuse(f"the index as {viewer.role.value}")
        see(self, viewer, at)

    BaseHandler.get_response = watched_get_response
    Visible.__init__ = watched_see


def _watched(parts: Iterator[bytes], request: Any) -> Iterator[bytes]:
    parts = iter(parts)
    while True:
        with watching(request):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _is_watched() -> bool:
    request = _request.get()
    match = getattr(request, "resolver_match", None)
    return request is not None and not (match and "admin" in match.app_names)


def _roles() -> set[str]:
    """The roles as which the request that is watched may read."""
    viewer = getattr(_request.get(), "viewer", None)
    return PUBLIC_ROLES | {viewer.role.value} if viewer else PUBLIC_ROLES


def _is_within(viewer: Viewer) -> bool:
    """Whether `viewer` sees no more than the viewer of the request that is watched."""
    asking = getattr(_request.get(), "viewer", ANONYMOUS)
    return viewer.role is asking.role and viewer.meetings <= asking.meetings


def _check(execute, sql, params, many, context):
    if _is_watched():
        for read in reads_of(sql):
            words = read.words - PUBLIC_ROLES - {BELONGING}
            if (not read.words or (words and not words <= _roles())) and not _is_exempt(read.tables):
                _refuse(f"{', '.join(sorted(read.tables))} as {', '.join(sorted(read.words)) or 'nobody'}: {sql}")
    return execute(sql, params, many, context)


def _refuse(what: str) -> None:
    path, function = next(_callers(), ("?", "?"))
    what = f"{getattr(_request.get(), 'path', '')}: {function} in {path} reads {what}"
    with _lock:
        _violations.append(what)
    raise Unmarked(what)


def _is_exempt(tables: frozenset[str]) -> bool:
    callers = set(_callers())
    return any((exempt.path, exempt.function) in callers and tables <= exempt.tables for exempt in EXEMPT)


def _callers() -> Iterator[tuple[str, str]]:
    """(path, function) of the product's functions that run now, the innermost first."""
    frame = sys._getframe(1)
    while frame:
        path = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
        if path.startswith(PRODUCT) and not path.startswith("abstracts/visibility/"):
            yield path, frame.f_code.co_name
        frame = frame.f_back


class Read(NamedTuple):
    """A SELECT: the guarded tables that it names, and the words of its marks."""

    tables: frozenset[str]
    words: frozenset[str]


_TOKEN = re.compile(
    r"""/\*\s*law:\s*(?P<word>\w+)\s*\*/ | /\*.*?\*/ | --[^\n]* | '(?:[^']|'')*'
    | (?P<paren>[()]) | (?P<name>"[^"]+"|`[^`]+`|\w+)(?P<dot>\s*\.)?""",
    re.VERBOSE | re.DOTALL,
)


@functools.cache
def guarded_tables() -> frozenset[str]:
    """The tables that the law guards, and the record, which tells of instants to come.

    Those of accounts are not among them: they hold primary keys of abstracts, and what readers noted.
    """
    guarded = [model for model in apps.get_app_config("abstracts").get_models() if is_guarded(model)]
    return frozenset(model._meta.db_table for model in (*guarded, EmbargoRecord, RecordLine))


@functools.lru_cache(maxsize=5000)
def reads_of(sql: str) -> list[Read]:
    """Each SELECT of `sql` that names guarded tables, with what stands in it and in none inside it."""
    reads: list[Read] = []
    stack: list[tuple[bool, set[str], set[str]]] = [(False, set(), set())]

    def end() -> None:
        is_select, tables, words = stack.pop()
        if is_select and tables:
            reads.append(Read(frozenset(tables), frozenset(words)))
        elif stack and not is_select:  # parentheses around something else
            stack[-1][1].update(tables)

    for token in _TOKEN.finditer(str(sql)):
        is_select, tables, words = stack[-1]
        word = (token["name"] or "").lower()
        name = word.strip('"`')
        if token["word"]:
            words.add(token["word"])
        elif token["paren"] == "(":
            stack.append((False, set(), set()))
        elif token["paren"] == ")" and len(stack) > 1:
            end()
        elif word in ("select", "union", "except", "intersect"):
            if is_select:
                end()
            else:
                stack.pop()
            stack.append((True, set(), set()))
        elif name in guarded_tables() and not token["dot"]:
            tables.add(name)
    while stack:
        end()
    return reads
