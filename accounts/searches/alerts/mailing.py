"""Mails the new results of saved searches, each result once at most.

Results are marked as mailed, and that is committed, at the last moment at which the mail server cannot have accepted
the mail: whoever is killed after that, or runs beside, never repeats one. Where the server certainly did not accept
the mail the mark is taken back, and the results wait for the next run. Where it may have, they are not repeated.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from abstracts import reading
from abstracts.models import Abstract
from abstracts.reading.ordering import NEWEST_FIRST
from abstracts.visibility import ANONYMOUS, LawfulQuerySet, Level

from ... import mail_server
from ...models import AlertResult, SavedSearch
from ..saved import public_query, results_among

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


class Overtaken(Exception):
    """Another process mailed the results meanwhile, or they are hidden by now, or the alert was turned off."""


def searches_to_mail() -> list[int]:
    """Primary keys of the searches with results that were not mailed yet."""
    rows = AlertResult.objects.filter(mailed_at=None, search__user__is_active=True)
    alerted = rows.exclude(search__alert=SavedSearch.Alert.NEVER)
    return list(alerted.order_by("search").values_list("search", flat=True).distinct())


def mail_results(pk: int, at: dt.datetime, connection: BaseEmailBackend) -> int:
    """Mail the results of the search `pk` that were not mailed yet, as the public may see them at `at`: how many.

    Raises the errors of `mail_server.send`.
    """
    saved = SavedSearch.objects.select_related("user").filter(pk=pk).first()
    pks = _results_to_mail(saved, at) if saved else []
    if saved is None or not pks:
        return 0
    try:
        mail_server.send(connection, _mail(saved, pks, at), before_end=lambda: _mark(saved, pks, at))
    except Overtaken:
        return 0
    except mail_server.Unanswered:
        raise
    except OSError:
        AlertResult.objects.filter(search=saved, abstract__in=pks, mailed_at=at).update(mailed_at=None)
        raise
    return len(pks)


def _results_to_mail(saved: SavedSearch, at: dt.datetime) -> list[int]:
    """Primary keys of the abstracts to mail, the newest first.

    Only what the search still finds: a mail about an abstract whose text is hidden again would tell of a word in it.
    """
    query = public_query(saved, at)
    rows = AlertResult.objects.filter(search=saved, mailed_at=None)
    waiting = frozenset(rows.values_list("abstract_id", flat=True))
    if saved.alert == SavedSearch.Alert.NEVER or not query:
        return []
    return list(
        _visible([abstract.pk for abstract in results_among(query, waiting, at)], at).values_list("pk", flat=True)
    )


@transaction.atomic
def _mark(saved: SavedSearch, pks: list[int], at: dt.datetime) -> None:
    """Mark results as mailed. Raises Overtaken; the lock lets one process at a time do it."""
    alerted = SavedSearch.objects.select_for_update().filter(pk=saved.pk).exclude(alert=SavedSearch.Alert.NEVER)
    if not alerted or _visible(pks, at).count() < len(pks):
        raise Overtaken
    rows = AlertResult.objects.filter(search=saved, abstract__in=pks, mailed_at=None)
    if rows.update(mailed_at=at) < len(pks):
        raise Overtaken


def _visible(pks: list[int], at: dt.datetime) -> LawfulQuerySet:
    """Those of the abstracts `pks` that the public may see, the newest first."""
    return Abstract.objects.visible_to(ANONYMOUS, at, least=Level.LISTED).filter(pk__in=pks).order_by(*NEWEST_FIRST)


def _mail(saved: SavedSearch, pks: list[int], at: dt.datetime) -> EmailMultiAlternatives:
    rows = reading.rows(_visible(pks[:MOST_ROWS], at).select_related("meeting"))
    with translation.override(settings.LANGUAGE_CODE):
        unsubscribe = settings.SITE_URL + reverse("account_search_unsubscribe", args=[unsubscribe_token(saved)])
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


def unsubscribe_token(saved: SavedSearch) -> str:
    """The token of the address that ends the e-mails of `saved`, without a sign-in."""
    return _signer.sign(str(saved.pk)).replace(":", ".")


def search_of_token(token: str) -> int | None:
    """The primary key in a token of `unsubscribe_token`; None for any other text."""
    try:
        return int(_signer.unsign(token.replace(".", ":")))
    except (BadSignature, ValueError):
        return None
