"""Tells the owners of searches what was found, each result once at most.

Results are marked as mailed, and that is committed, before the mail server is given them: whoever is killed in between,
or runs beside, never repeats one. Only where the server says that it did not take the mail they wait for the next run.
"""

import datetime as dt
import smtplib
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from abstracts import reading
from abstracts.models import Abstract
from abstracts.reading.ordering import NEWEST_FIRST
from abstracts.visibility import ANONYMOUS, Level

from ...models import SavedSearch, ToldResult
from ..saved import found_among, public_query

# Answers of a mail server that did not take the mail. After others (it fell silent) nobody knows.
REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
# Rows in a mail; the rest is counted.
MOST_ROWS = 25
MOST_AUTHORS = 6
_signer = Signer(salt="accounts.alerts.unsubscribe")


@dataclass(frozen=True)
class Line:
    """A result in a mail."""

    title: str
    plain_title: str
    authors: str
    place: str
    url: str


@dataclass
class Sent:
    """What a run did: searches looked through, mails sent, mails the server did not take, searches that are invalid."""

    looked: int = 0
    mails: int = 0
    failed: int = 0
    invalid: list[int] = field(default_factory=list)


def waiting() -> list[int]:
    """Primary keys of the searches with results that nobody was told yet."""
    rows = ToldResult.objects.filter(mailed_at=None, search__user__is_active=True)
    alerted = rows.exclude(search__alert=SavedSearch.Alert.NEVER)
    return list(alerted.order_by("search").values_list("search", flat=True).distinct())


def tell(pk: int, at: dt.datetime, connection: BaseEmailBackend) -> int:
    """Mail what waits for the search `pk`, as the public may see it at `at`: how many results.

    OSError or SMTPException where it could not be sent.
    """
    # A server that is not there says so before anything is marked.
    connection.open()
    saved, pks = _claim(pk, at)
    if saved is None or not pks:
        return 0
    try:
        connection.send_messages([_mail(saved, pks, at)])
    except REFUSALS:
        ToldResult.objects.filter(search=saved, abstract__in=pks, mailed_at=at).update(mailed_at=None)
        raise
    return len(pks)


@transaction.atomic
def _claim(pk: int, at: dt.datetime) -> tuple[SavedSearch | None, list[int]]:
    """Mark what waits and is still found as mailed; the lock makes a second process find nothing waiting."""
    saved = SavedSearch.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
    if saved is None or saved.alert == SavedSearch.Alert.NEVER:
        return None, []
    rows = ToldResult.objects.filter(search=saved, mailed_at=None)
    shown = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.LISTED).filter(pk__in=_still_found(saved, rows, at))
    pks = list(shown.order_by(*NEWEST_FIRST).values_list("pk", flat=True))
    rows.filter(abstract__in=pks).update(mailed_at=at)
    return saved, pks


def _still_found(saved: SavedSearch, rows: QuerySet[ToldResult], at: dt.datetime) -> list[int]:
    """What of `rows` the search finds now: to be told that a text held the word would tell of it, hidden again."""
    query = public_query(saved, at)
    waiting = frozenset(rows.values_list("abstract_id", flat=True))
    return [abstract.pk for abstract in found_among(query, waiting, at)] if query else []


def _mail(saved: SavedSearch, pks: list[int], at: dt.datetime) -> EmailMultiAlternatives:
    shown = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.LISTED).filter(pk__in=pks[:MOST_ROWS])
    rows = reading.rows(shown.select_related("meeting").order_by(*NEWEST_FIRST))
    with translation.override(settings.LANGUAGE_CODE):
        unsubscribe = settings.SITE_URL + reverse("account_search_unsubscribe", args=[token_of(saved)])
        context = {
            "saved": saved,
            "rows": [_line(row) for row in rows],
            "total": len(pks),
            "more": len(pks) - len(rows),
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
            "search_url": f"{settings.SITE_URL}{reverse('search')}?{saved.query_string}",
            "searches_url": settings.SITE_URL + reverse("account_searches"),
            "unsubscribe_url": unsubscribe,
        }
        subject = " ".join(render_to_string("accounts/email/alert_subject.txt", context).split())
        text = render_to_string("accounts/email/alert_message.txt", context)
        html = render_to_string("accounts/email/alert_message.html", context)
    headers = {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(subject, text, to=[saved.user.email], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def _line(row: reading.Row) -> Line:
    abstract, names = row.abstract, [author.name for author in row.authors]
    authors = ", ".join(names[:MOST_AUTHORS]) + (" et al." if len(names) > MOST_AUTHORS else "")
    place = ", ".join(filter(None, (abstract.meeting.name, abstract.number)))
    return Line(abstract.title, abstract.title_text, authors, place, settings.SITE_URL + row.url)


def token_of(saved: SavedSearch) -> str:
    """What opens the address that ends the e-mails of `saved`, without a sign-in."""
    return _signer.sign(str(saved.pk)).replace(":", ".")


def search_of(token: str) -> int | None:
    """The primary key in a token of `token_of`; None for any other text."""
    try:
        return int(_signer.unsign(token.replace(".", ":")))
    except (BadSignature, ValueError):
        return None
