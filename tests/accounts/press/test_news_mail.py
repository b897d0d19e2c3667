"""E-mails to the press: releases for who asked, and what they could see that moved; each once."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from abstracts.models import Abstract, gate
from abstracts.visibility import Status
from accounts.mail_server import Unanswered
from accounts.models import PressAccess
from accounts.press.deciding import last_entry
from accounts.press.news_mail import send_news
from accounts.searches.alerts.noticing import notice
from tests.accounts.personas import LONG_AFTER, give_access
from tests.factories import AbstractFactory, MeetingFactory, UserFactory, embargoed_read

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SOON = NOW + dt.timedelta(days=3)
LATER = NOW + dt.timedelta(days=5)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def meeting():
    return MeetingFactory(timezone="UTC")


@pytest.fixture
def access(meeting):
    return give_access(UserFactory(), meeting, mailed_until=NOW)


def ahead(meeting, number="7", **fields) -> Abstract:
    """An abstract that is released SOON."""
    abstract = AbstractFactory(meeting=meeting, number=number, title=f"Zqtitle {number}", embargoed=True, **fields)
    move(abstract, SOON)
    PressAccess.objects.update(mailed_entry=last_entry())
    return abstract


def move(abstract: Abstract, released_from: dt.datetime | None = None, **fields) -> None:
    row = Abstract.unfiltered.get(pk=abstract.pk)
    if released_from:
        row.override_released_from = released_from
    for name, value in fields.items():
        setattr(row, name, value)
    with gate.bypassing("a test"):
        row.save()


def run(at: dt.datetime) -> list[str]:
    """The text of the mails of a run at `at`."""
    mail.outbox.clear()
    notice(at)
    send_news(at)
    return [message.body for message in mail.outbox]


def test_nothing_new_no_mail(meeting, access):
    ahead(meeting)
    assert run(NOW + HOUR) == []


def test_a_release_that_moves_is_mailed_once_with_both_instants(meeting, access):
    abstract = ahead(meeting)
    move(abstract, LATER)
    (text,) = run(NOW + HOUR)
    assert mail.outbox[0].to == [access.user.email]
    before, now = (f"{at:%B} {at.day}, {at:%Y}" for at in (SOON, LATER))
    assert f"Release before: {before}" in text
    assert f"Release now: {now}" in text
    assert "7 Zqtitle 7" in text
    assert run(NOW + 2 * HOUR) == []


def test_a_move_there_and_back_is_none(meeting, access):
    abstract = ahead(meeting)
    move(abstract, LATER)
    move(abstract, SOON)
    assert run(NOW + HOUR) == []


def test_a_withdrawal_is_mailed(meeting, access):
    move(ahead(meeting), status=Status.WITHDRAWN)
    (text,) = run(NOW + HOUR)
    assert "(Withdrawn)" in text


@pytest.mark.parametrize("has_read", [True, False])
def test_of_what_is_hidden_only_the_number_of_those_that_were_read_is_told(meeting, access, has_read):
    abstract = ahead(meeting)
    if has_read:
        embargoed_read(abstract, access.user)
    move(abstract, status=Status.DRAFT)
    texts = run(NOW + HOUR)
    assert len(texts) == has_read
    for text in texts:
        assert "1 abstract that you have read is not shown any more." in text
        assert "Zqtitle" not in text


def test_drafts_that_are_published_are_no_move(meeting, access):
    abstract = ahead(meeting, status=Status.DRAFT)
    move(abstract, LATER, status=Status.PUBLISHED)
    assert run(NOW + HOUR) == []


def test_only_those_who_could_see_it_are_told(meeting):
    over, other = MeetingFactory(), MeetingFactory()
    mailed = {"mailed_until": NOW}
    give_access(UserFactory(), meeting, accepted=False, **mailed)
    give_access(UserFactory(), meeting, revoked_at=NOW, **mailed)
    give_access(UserFactory(), meeting, starts_at=LATER, **mailed)
    give_access(UserFactory(), meeting, ends_at=NOW - HOUR, **mailed)
    give_access(UserFactory(is_active=False), meeting, **mailed)
    give_access(UserFactory(), other, **mailed)
    told = give_access(UserFactory(), meeting, **mailed)
    assert over
    move(ahead(meeting), LATER)
    run(NOW + HOUR)
    assert [message.to for message in mail.outbox] == [[told.user.email]]


def test_what_moved_before_the_terms_were_accepted_is_not_told(meeting, access):
    abstract = ahead(meeting)
    move(abstract, LATER)
    PressAccess.objects.update(accepted_at=LONG_AFTER)
    assert run(NOW + HOUR) == []


@pytest.mark.parametrize("wanted", [True, False])
def test_releases_are_mailed_once_to_who_asked(meeting, access, wanted):
    PressAccess.objects.update(wants_releases=wanted)
    ahead(meeting)
    ahead(meeting, "8", status=Status.DRAFT)
    assert run(SOON - HOUR) == []
    texts = run(SOON + HOUR)
    assert len(texts) == wanted
    for text in texts:
        assert "7 Zqtitle 7" in text
        assert "Zqtitle 8" not in text
    assert run(SOON + 2 * HOUR) == []


def test_a_release_at_the_end_of_access_is_mailed_too(meeting):
    give_access(UserFactory(), meeting, ends_at=SOON, mailed_until=NOW, wants_releases=True)
    ahead(meeting)
    assert run(SOON - HOUR) == []
    assert len(run(SOON + HOUR)) == 1


def test_mails_are_in_the_language_of_the_access(meeting, access):
    PressAccess.objects.update(language="es")
    move(ahead(meeting), LATER)
    (text,) = run(NOW + HOUR)
    assert "/es/accounts/press/" in text


@pytest.mark.parametrize(("error", "repeated"), [(ConnectionResetError, 1), (Unanswered, 0)])
def test_a_mail_that_the_server_refused_comes_with_the_next_run(meeting, access, monkeypatch, error, repeated):
    def fail(connection, message, before_end):
        before_end()
        raise error

    move(ahead(meeting), LATER)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.mail_server.send", fail)
        assert send_news(NOW + HOUR) == (0, repeated)
    assert len(run(NOW + 2 * HOUR)) == repeated


def test_a_mail_that_another_process_sent_meanwhile_is_not_sent(meeting, access, monkeypatch):
    def overtaken(connection, message, before_end):
        PressAccess.objects.update(mailed_until=NOW + HOUR)
        before_end()
        raise AssertionError("it would be sent twice")

    move(ahead(meeting), LATER)
    monkeypatch.setattr("accounts.mail_server.send", overtaken)
    assert send_news(NOW + HOUR) == (0, 0)


def test_long_lists_are_cut(meeting, access, monkeypatch):
    monkeypatch.setattr("accounts.press.news_mail.MOST_ROWS", 2)
    abstracts = [ahead(meeting, str(number)) for number in range(1, 5)]
    for abstract in abstracts:
        move(abstract, LATER)
    (text,) = run(NOW + HOUR)
    assert text.count("Zqtitle") == 2
    assert "And 2 more." in text
