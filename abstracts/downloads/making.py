"""Makes the books of meetings, outside of requests, and logs it."""

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import structlog
from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext, ngettext

from .. import clock, reading
from ..models import Abstract, ArchiveState, Meeting, Presentation, Session
from ..printing.book import Book, Chapter, Cover
from ..printing.content import place_and_dates
from ..private_files import make_private
from ..reading import Document, wording
from ..visibility import ANONYMOUS, Level
from . import shelf

BATCH = 100
# If the meeting changes while its book is made, it is made again, up to so many times.
ATTEMPTS = 3

log = structlog.get_logger(__name__)


class MeetingChanged(Exception):
    """What the public sees of the meeting changed during each attempt."""


def make(meeting: Meeting) -> Path | None:
    """Make the book of what the public may see of `meeting` now; None if that is nothing. Only one process may.

    Raises NotTypeset and MeetingChanged.
    """
    started = time.monotonic()
    context = log.bind(meeting=meeting.slug)
    context.info("book_started")
    try:
        path, size = _make(meeting)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[-500:]
        context.warning("book_failed", reason=reason, seconds=round(time.monotonic() - started, 1))
        raise
    file = path.name if path else None
    context.info("book_finished", file=file, seconds=round(time.monotonic() - started, 1), **size)
    return path


def _make(meeting: Meeting) -> tuple[Path | None, dict[str, int]]:
    """The path of the book, and how many abstracts and pages it has."""
    for _ in range(ATTEMPTS):
        at, mark = clock.now(), ArchiveState.current_mark()
        state = shelf.state_of(meeting, at)
        shelf.remove_unlawful(meeting, state)
        if not state:
            return None, {}
        make_private(shelf.folder_of(meeting))
        with tempfile.TemporaryDirectory(prefix="making-", dir=shelf.folder_of(meeting)) as name:
            book = Book(Path(name), _cover(meeting, at, len(state)), _progress_writer(meeting))
            file, pages = book.make(chapters_of(meeting, at))
            # Only if nothing changed meanwhile, the book was made of this state.
            if shelf.state_of(_reload(meeting), at) == state:
                path = shelf.add_book(meeting, file, state, mark, at, pages)
                return path, {"abstracts": len(state), "pages": pages}
    raise MeetingChanged(meeting.name)


def _reload(meeting: Meeting) -> Meeting:
    return Meeting.objects.filter(pk=meeting.pk).first() or Meeting(is_published=False)


def _progress_writer(meeting: Meeting) -> Callable[[int, int], None]:
    path = shelf.folder_of(meeting) / "progress.json"
    return lambda done, total: shelf.write_json(path, {"done": done, "total": total})


def _news_embargo(meeting: Meeting, at: dt.datetime) -> dt.datetime | None:
    """The end of the last news embargo of the abstracts in a book: the meeting's, or that of a tier."""
    printed = Abstract.objects.visible_to(ANONYMOUS, at, Level.FULL).filter(meeting=meeting).order_by()
    last = printed.aggregate(last=Max("news_embargo_at"))["last"]
    return max(filter(None, [meeting.news_embargo_at, last]), default=None)


def _cover(meeting: Meeting, at: dt.datetime, count: int) -> Cover:
    issue = " ".join(filter(None, [meeting.journal, meeting.volume, meeting.supplement]))
    as_of = wording.in_zone(at, meeting)
    lines = [
        issue,
        ngettext("%(count)d abstract", "%(count)d abstracts", count) % {"count": count},
        gettext("As of %(instant)s: what was public then.") % {"instant": as_of},
        gettext("Abstracts may be withdrawn or corrected later. The page of each abstract says how it stands."),
        f"{settings.SITE_URL}{meeting.get_absolute_url()}",
    ]
    if (news_until := _news_embargo(meeting, at)) and at < news_until:
        until = wording.in_zone(news_until, meeting)
        news = gettext("Information beyond the abstracts is under embargo until %(instant)s.")
        lines.insert(3, news % {"instant": until})
    lead = place_and_dates(meeting)
    return Cover(meeting.name, lead, settings.SITE_NAME, settings.SITE_URL, at, list(filter(None, lines)))


def chapters_of(meeting: Meeting, at: dt.datetime) -> Iterator[Chapter]:
    """The sessions of `meeting` in program order, then abstracts without one. Each is printed in its first session."""
    printed: set[int] = set()
    members: dict[int, list[tuple[int, str]]] = {}
    rows = Presentation.objects.visible_to(ANONYMOUS, at).filter(abstract__meeting=meeting)
    rows = rows.order_by("session", "position", "abstract__number_key", "abstract_id")
    for session, pk, number in rows.values_list("session_id", "abstract_id", "abstract__number"):
        members.setdefault(session, []).append((pk, number or ""))
    for session in Session.objects.filter(pk__in=members).select_related("meeting").in_program_order():
        presented = list(dict.fromkeys(members[session.pk]))
        pks = [pk for pk, _ in presented if pk not in printed]
        earlier = [number or "–" for pk, number in presented if pk in printed]
        printed |= set(pks)
        note = gettext("Printed under an earlier session: %(numbers)s") % {"numbers": ", ".join(earlier)}
        yield Chapter(session.title, _lead(session), _reader(pks, at), len(pks), note if earlier else "", session.pk)
    visible = Abstract.objects.visible_to(ANONYMOUS, at).filter(meeting=meeting).order_by("number_key", "pk")
    without_session = [pk for pk in visible.values_list("pk", flat=True) if pk not in printed]
    if without_session:
        title = gettext("Abstracts without a session") if printed else gettext("Abstracts")
        yield Chapter(title, "", _reader(without_session, at), len(without_session))


def _lead(session: Session) -> str:
    parts = [session.type, wording.day(session.date), wording.session_time(session), session.place]
    return " · ".join(part for part in parts if part)


def _reader(pks: Sequence[int], at: dt.datetime) -> Callable[[], Iterator[list[Document]]]:
    return lambda: _documents(pks, at)


def _documents(pks: Sequence[int], at: dt.datetime) -> Iterator[list[Document]]:
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        yield reading.documents(reading.in_order_of(batch, ANONYMOUS, at))


# The process that makes them


def make_wanted() -> int:
    """Make all books that are wanted, also those wanted meanwhile; returns how many. Raises shelf.WorkerRunning."""
    made = 0
    with shelf.worker_lock():
        _tidy()
        while pks := shelf.wanted_meetings():
            meeting = Meeting.objects.filter(pk=pks[0]).first() or Meeting(pk=pks[0], is_published=False)
            try:
                made += make(meeting) is not None
            finally:
                shelf.unmark_wanted(meeting)
    return made


def _tidy() -> None:
    """Remove what a killed process left behind, and the books of meetings that do not exist any more."""
    meetings = set(Meeting.objects.filter(is_published=True).values_list("pk", flat=True))
    for path in shelf.folder().glob("*/making-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in shelf.folder().glob("*/*.new"):
        path.unlink(missing_ok=True)
    for path in shelf.folder().iterdir():
        if path.is_dir() and path.name.isdigit() and int(path.name) not in meetings:
            shutil.rmtree(path, ignore_errors=True)


def mark_outdated_wanted() -> None:
    """Mark as wanted the book of each published meeting that has no book of its present state."""
    for meeting in Meeting.objects.visible_to(ANONYMOUS):
        status = shelf.status_of(meeting, clock.now())
        if status.visible and not status.is_current:
            shelf.mark_wanted(meeting)


_started: list[subprocess.Popen] = []


def start_worker() -> None:
    """Start a process that makes what is wanted, and ends; nothing if one is running, which makes it all."""
    _started[:] = [process for process in _started if process.poll() is None]
    if _started or shelf.is_worker_running():
        return
    log.info("book_worker_started")
    make_private(shelf.folder())
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "make_downloads", "--wanted"]
    with (shelf.folder() / "worker.log").open("ab") as out:
        _started.append(
            subprocess.Popen(  # noqa: S603 (ours)
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=settings.BASE_DIR,
                start_new_session=True,
            )
        )


def pause(seconds: float) -> None:
    """Wait between two rounds of the loop."""
    time.sleep(seconds)
