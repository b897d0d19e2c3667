"""E-mails to the press: what was released, for who asked, and what they could see that has moved since.

Each is mailed once at most, as alerts are: that it was mailed is stored, and committed, at the last moment at which the
mail server cannot have accepted it. Titles and numbers are those that the law lets the person see at that instant.
"""

import datetime as dt
from typing import NamedTuple

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from abstracts import reading
from abstracts.models import Abstract, RecordLine
from abstracts.models.effects import Standing
from abstracts.reading.wording import in_zone, label
from abstracts.visibility import ANONYMOUS, LawfulQuerySet, Level, Role, Status, Viewer

from .. import mail_server
from ..models import EmbargoedRead, PressAccess, PublicSince
from .deciding import last_entry

MOST_ROWS = 50

logger = structlog.get_logger(__name__)


class Move(NamedTuple):
    """An abstract, how it stood when the person could see it first, and how it stands now."""

    row: reading.Row
    old: Standing


class News(NamedTuple):
    """`gone`: how many abstracts the person has read and may not see now. `entry`: the last one of the record."""

    released: list[reading.Row]
    moves: list[Move]
    gone: int
    entry: int


class Overtaken(Exception):
    """Another process mailed it meanwhile, or access was revoked."""


def send_news(at: dt.datetime) -> tuple[int, int]:
    """Mail what is new at `at`: how many mails were sent, and how many wait because the server did not accept them."""
    sent = waiting = 0
    connection = get_connection()
    for access in _accesses(at):
        try:
            sent += _send(access, at, connection)
        except OSError as error:
            waiting += not isinstance(error, mail_server.Unanswered)
            logger.warning("press mail not sent", access=access.pk, failure=type(error).__name__)
    connection.close()
    return sent, waiting


def _accesses(at: dt.datetime) -> list[PressAccess]:
    """Those that were in force since they were last mailed about."""
    rows = PressAccess.objects.filter(revoked_at=None, starts_at__lte=at, ends_at__gt=F("mailed_until"))
    rows = rows.filter(user__is_active=True, meeting__is_published=True).select_related("user", "meeting")
    return [access for access in rows.order_by("pk") if access.is_accepted]


def _send(access: PressAccess, at: dt.datetime, connection: BaseEmailBackend) -> bool:
    news = news_of(access, at)
    old = {"mailed_until": access.mailed_until, "mailed_entry": access.mailed_entry}
    new = {"mailed_until": at, "mailed_entry": news.entry}
    same = PressAccess.objects.filter(pk=access.pk, revoked_at=None)
    if not any(news[:3]):
        same.filter(**old).update(**new)
        return False

    def mark() -> None:
        if not same.filter(**old).update(**new):
            raise Overtaken

    try:
        mail_server.send(connection, _mail(access, news, at), before_end=mark)
    except Overtaken:
        return False
    except mail_server.Unanswered:
        raise
    except OSError:
        same.filter(**new).update(**old)
        raise
    return True


def news_of(access: PressAccess, at: dt.datetime) -> News:
    """What is new at `at` since the last mail, and since the terms were accepted."""
    entry = last_entry()
    with translation.override(access.language):
        first = _first_standings(access, entry)
        rows = reading.rows(_visible(access, at).filter(pk__in=first))
        moves = [Move(row, first[row.abstract.pk]) for row in rows]
        moves = [move for move in moves if _key(move.old) != _key(move.row.abstract)]
        hidden = set(first) - {row.abstract.pk for row in rows}
        reads = EmbargoedRead.objects.filter(user=access.user_id, abstract_id__in=hidden)
        gone = reads.values("abstract_id").distinct().count()
        return News(_released(access, at), moves, gone, entry)


def _first_standings(access: PressAccess, entry: int) -> dict[int, Standing]:
    """By primary key: how what the person could see, and the public not yet, stood before it was first changed."""
    began = max(filter(None, (access.starts_at, access.accepted_at)))
    lines = RecordLine.objects.filter(meeting=access.meeting.slug, entry__gt=access.mailed_entry, entry__lte=entry)
    first: dict[int, Standing] = {}
    for line in lines.filter(entry__at__gte=began).order_by("entry_id", "pk"):
        was_shown = line.old.status not in ("", Status.DRAFT)
        if was_shown and Level(line.old_level) < Level.FULL:
            first.setdefault(line.abstract_id, line.old)
    return first


def _key(standing: Standing | Abstract) -> tuple:
    return standing.status, standing.released_from


def _released(access: PressAccess, at: dt.datetime) -> list[reading.Row]:
    if not access.wants_releases:
        return []
    since = max(filter(None, (access.mailed_until, access.accepted_at)))
    noticed = PublicSince.objects.filter(released_at__gt=since, released_at__lte=at)
    return list(reading.rows(_visible(access, at).filter(pk__in=noticed.values("abstract"))))


def _visible(access: PressAccess, at: dt.datetime) -> LawfulQuerySet:
    """The abstracts of the meeting as the person may see them now."""
    viewer = ANONYMOUS
    if access.starts_at <= at < access.ends_at:
        viewer = Viewer(Role.PRESS, access.user_id, frozenset({access.meeting_id}))
    rows = Abstract.objects.visible_to(viewer, at).filter(meeting=access.meeting_id)
    return rows.select_related("meeting").order_by("number_key", "pk")


def _mail(access: PressAccess, news: News, at: dt.datetime) -> EmailMessage:
    with translation.override(access.language):
        context = {
            "meeting": access.meeting,
            "released": [_line(row) for row in news.released[:MOST_ROWS]],
            "more_released": max(len(news.released) - MOST_ROWS, 0),
            "moves": [(_line(row), *_change(row.abstract, old)) for row, old in news.moves[:MOST_ROWS]],
            "more_moves": max(len(news.moves) - MOST_ROWS, 0),
            "gone": news.gone,
            "site_name": settings.SITE_NAME,
            "access_url": settings.SITE_URL + reverse("account_press"),
        }
        subject = " ".join(render_to_string("accounts/press/email/news_subject.txt", context).split())
        text = render_to_string("accounts/press/email/news_message.txt", context)
    return EmailMessage(subject, text, to=[access.user.email], headers={"Auto-Submitted": "auto-generated"})


def _line(row: reading.Row) -> tuple[str, str]:
    return label(row.abstract), settings.SITE_URL + row.url


def _change(abstract: Abstract, old: Standing) -> tuple[str, str]:
    """What was said before, and what is true now."""
    return _told(abstract, old.status, old.released_from), _told(abstract, abstract.status, abstract.released_from)


def _told(abstract: Abstract, status: str, released_from: dt.datetime | None) -> str:
    when = in_zone(released_from, abstract.meeting) or _("no release time is set")
    return when if status == Status.PUBLISHED else f"{when} ({Status(status).label})"
