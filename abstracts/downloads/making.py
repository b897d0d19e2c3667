"""Makes the books of meetings, outside of requests."""

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from .. import reading
from ..models import Abstract, ArchiveState, Meeting, Presentation, Session
from ..printing.book import Book, Chapter, Cover
from ..printing.content import place_and_dates
from ..reading import Document, wording
from ..visibility import ANONYMOUS
from . import shelf

BATCH = 100
# The archive may change while a book is made; then it is made again, so many times at most.
ATTEMPTS = 3


class Changing(Exception):
    """The archive changed while the book was made, each time."""


def make(meeting: Meeting) -> Path | None:
    """Make the book of what the public may see of `meeting` now; None where that is nothing. Only one process may.

    Raises NotTypeset, and Changing.
    """
    for _ in range(ATTEMPTS):
        at, mark = timezone.now(), ArchiveState.current_mark()
        state = shelf.state_of(meeting, at)
        shelf.remove_unlawful(meeting, state)
        if not state:
            return None
        shelf.folder_of(meeting).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="making-", dir=shelf.folder_of(meeting)) as name:
            book = Book(Path(name), _cover(meeting, at, len(state)), _reporter(meeting))
            file, pages = book.make(chapters_of(meeting, at))
            # What was read is what the record will say, only if nothing changed meanwhile.
            if shelf.state_of(_fresh(meeting), at) == state:
                return shelf.put(meeting, file, state, mark, at, pages)
    raise Changing(meeting.name)


def _fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.filter(pk=meeting.pk).first() or Meeting(is_published=False)


def _reporter(meeting: Meeting) -> Callable[[int, int], None]:
    path = shelf.folder_of(meeting) / "progress.json"
    return lambda done, total: shelf.write_json(path, {"done": done, "total": total})


def _cover(meeting: Meeting, at: dt.datetime, count: int) -> Cover:
    issue = " ".join(filter(None, [meeting.journal, meeting.volume, meeting.supplement]))
    as_of = wording.in_zone(at, meeting)
    told = [
        issue,
        ngettext("%(count)d abstract", "%(count)d abstracts", count) % {"count": count},
        gettext("As of %(instant)s: what was public then.") % {"instant": as_of},
        gettext("Abstracts may be withdrawn or corrected later. The page of each abstract says how it stands."),
        f"{settings.SITE_URL}{meeting.get_absolute_url()}",
    ]
    if meeting.news_embargo_at and at < meeting.news_embargo_at:
        until = wording.in_zone(meeting.news_embargo_at, meeting)
        news = gettext("Information beyond the abstracts is under embargo until %(instant)s.")
        told.insert(3, news % {"instant": until})
    lines = [line for line in told if line]
    return Cover(meeting.name, place_and_dates(meeting), settings.SITE_NAME, settings.SITE_URL, at, lines)


def chapters_of(meeting: Meeting, at: dt.datetime) -> Iterator[Chapter]:
    """The sessions of `meeting` in program order, then what is in none. Each abstract stands in its first session."""
    placed: set[int] = set()
    members: dict[int, list[tuple[int, str]]] = {}
    rows = Presentation.objects.visible_to(ANONYMOUS, at).filter(abstract__meeting=meeting)
    rows = rows.order_by("session", "position", "abstract__number_key", "abstract_id")
    for session, pk, number in rows.values_list("session_id", "abstract_id", "abstract__number"):
        members.setdefault(session, []).append((pk, number or ""))
    for session in Session.objects.filter(pk__in=members).select_related("meeting").in_program_order():
        here = list(dict.fromkeys(members[session.pk]))
        own = [pk for pk, _ in here if pk not in placed]
        elsewhere = [number or "–" for pk, number in here if pk in placed]
        placed |= set(own)
        also = gettext("Printed under an earlier session: %(numbers)s") % {"numbers": ", ".join(elsewhere)}
        yield Chapter(session.title, _lead(session), _reader(own, at), len(own), also if elsewhere else "", session.pk)
    rest = Abstract.objects.visible_to(ANONYMOUS, at).filter(meeting=meeting).order_by("number_key", "pk")
    left = [pk for pk in rest.values_list("pk", flat=True) if pk not in placed]
    if left:
        title = gettext("Abstracts without a session") if placed else gettext("Abstracts")
        yield Chapter(title, "", _reader(left, at), len(left))


def _lead(session: Session) -> str:
    parts = [session.type, wording.day(session.date), wording.session_time(session), session.place]
    return " · ".join(part for part in parts if part)


def _reader(pks: Sequence[int], at: dt.datetime) -> Callable[[], Iterator[list[Document]]]:
    return lambda: _documents(pks, at)


def _documents(pks: Sequence[int], at: dt.datetime) -> Iterator[list[Document]]:
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        rows = Abstract.objects.visible_to(ANONYMOUS, at).filter(pk__in=batch).select_related("meeting")
        found = {abstract.pk: abstract for abstract in rows}
        yield reading.documents([found[pk] for pk in batch if pk in found])


# Who makes them


def make_wanted() -> int:
    """Make all books that are wanted, and those that are asked for meanwhile; how many. Raises shelf.Busy."""
    made = 0
    with shelf.working():
        _tidy()
        while pks := shelf.wanted():
            meeting = Meeting.objects.filter(pk=pks[0]).first() or Meeting(pk=pks[0], is_published=False)
            try:
                made += make(meeting) is not None
            finally:
                shelf.granted(meeting)
    return made


def _tidy() -> None:
    """Remove what a process that was killed left behind, and the books of meetings that are gone."""
    meetings = set(Meeting.objects.filter(is_published=True).values_list("pk", flat=True))
    for path in shelf.folder().glob("*/making-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in shelf.folder().iterdir():
        if path.is_dir() and path.name.isdigit() and int(path.name) not in meetings:
            shutil.rmtree(path, ignore_errors=True)


def wish_for_outdated() -> int:
    """Ask for a book of every published meeting that has none for its state now; how many."""
    asked = 0
    for meeting in Meeting.objects.visible_to(ANONYMOUS):
        found = shelf.look(meeting, timezone.now())
        if found.visible and not found.is_current:
            shelf.wish(meeting)
            asked += 1
    return asked


_started: list[subprocess.Popen] = []


def start_worker() -> None:
    """Start a process that makes what is wanted and ends; one that is at work already does it all."""
    for process in list(_started):
        if process.poll() is not None:
            _started.remove(process)
    if _started or shelf.is_working():
        return
    shelf.folder().mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "make_downloads", "--wanted"]
    with (shelf.folder() / "worker.log").open("ab") as log:
        _started.append(
            subprocess.Popen(  # noqa: S603 (ours)
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=settings.BASE_DIR, start_new_session=True
            )
        )


def rest(seconds: float) -> None:
    """Between two looks of the loop."""
    time.sleep(seconds)
