"""Alerts: what is new to a search, told once, and never ahead of its release."""

import datetime as dt
import smtplib
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from abstracts.models import Abstract, EmbargoTier, Meeting
from accounts.models import FavoritesList, PublicSince, SavedSearch, ToldResult
from accounts.searches import saved as searches
from accounts.searches.alerts import mailing
from accounts.searches.alerts.finding import due, find
from accounts.searches.alerts.noticing import notice
from accounts.searches.alerts.sending import send
from tests.accounts.personas import press_reader
from tests.factories import (
    FAR_AHEAD,
    AbstractFactory,
    AuthorLineFactory,
    FavoriteFactory,
    MeetingFactory,
    PersonFactory,
    SectionFactory,
    StaffFactory,
    TierFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
# A Wednesday. What a test releases, it releases on the 8th at 15:00 UTC (9:00 in Chicago).
START = dt.datetime(2020, 1, 1, 18, tzinfo=dt.UTC)
RELEASE = dt.datetime(2020, 1, 8, 15, tzinfo=dt.UTC)
RELEASED_LATER = {"release_rule": "fixed", "release_date": RELEASE.date(), "release_time": dt.time(9)}


def asking(alert="release", query="q=gout", user=None, at=START, **fields) -> SavedSearch:
    """A saved search whose alerts were turned on at `at`."""
    saved, _ = searches.save(user or UserFactory(**fields), query, at, alert=alert)
    return saved


def embargoed(title="Gout in invented mice", **tier) -> Abstract:
    meeting = MeetingFactory()
    return AbstractFactory(
        meeting=meeting, tier=TierFactory(meeting=meeting, **{**RELEASED_LATER, **tier}), title=title
    )


LISTED_EARLIER = {"listing_level": 2, "listing_date": dt.date(2020, 1, 3), "listing_time": dt.time(9)}


def titles() -> list[str]:
    """The title in each mail, first to last; an error where one mail holds several."""
    found = [[line for line in message.body.splitlines() if "Gout" in line] for message in mail.outbox]
    assert all(len(lines) == 1 for lines in found)
    return [lines[0] for lines in found]


def test_it_tells_what_was_released_once():
    embargoed()
    asking()
    for at in (START + HOUR, RELEASE - HOUR):
        assert send(at).mails == 0
    assert send(RELEASE).mails == 1
    assert titles() == ["Gout in invented mice"]
    for at in (RELEASE, RELEASE + HOUR, RELEASE + 30 * DAY):
        assert send(at).mails == 0


def test_it_tells_nothing_that_was_public_before():
    AbstractFactory(title="Gout, long known")
    saved = asking()
    assert searches.public_results(searches.public_query(saved, START), START)
    send(START + HOUR)
    send(START + 9 * DAY)
    assert mail.outbox == []


def test_it_tells_nothing_else_than_what_is_asked():
    embargoed("Vasculitis in invented mice")
    asking()
    send(RELEASE)
    assert mail.outbox == []


def test_abstracts_with_most_of_the_words_are_no_results():
    embargoed("Gout in invented mice")
    asking(query="q=gout+febuxostat+mice")
    send(RELEASE)
    assert mail.outbox == []


def test_what_staff_publish_is_new_too():
    """Its instants are long past; the public sees it since somebody said so."""
    meeting = MeetingFactory(is_published=False)
    AbstractFactory(
        meeting=meeting,
        title="Gout, published late",
        tier=TierFactory(meeting=meeting, release_date=dt.date(2019, 1, 1)),
    )
    asking()
    assert send(START + HOUR).mails == 0
    meeting.is_published = True
    meeting.save()
    assert send(START + 2 * HOUR).mails == 1


def test_what_is_taken_back_and_comes_again_is_not_told_twice():
    abstract = embargoed()
    asking()
    send(RELEASE)
    abstract.status = "draft"
    abstract.save()
    send(RELEASE + HOUR)
    assert not PublicSince.objects.exists()
    abstract.status = "published"
    abstract.save()
    assert send(RELEASE + 2 * HOUR).mails == 0


def test_what_is_taken_back_before_it_was_told_is_told_when_it_comes_again():
    abstract = embargoed()
    saved = asking("daily")
    notice(RELEASE)
    tier = EmbargoTier.objects.get(pk=abstract.tier_id)
    tier.release_date = dt.date(2020, 2, 5)
    tier.save()
    assert send(RELEASE + DAY).mails == 0
    assert send(RELEASE + 40 * DAY).mails == 1
    assert ToldResult.objects.filter(search=saved).count() == 1


# How often


def test_a_listing_is_news_to_the_daily_and_not_to_releases():
    embargoed(**LISTED_EARLIER)
    asking("release")
    asking("daily")
    listed = dt.datetime(2020, 1, 3, 16, tzinfo=dt.UTC)
    send(listed)
    send(listed + DAY)
    assert titles() == ["Gout in invented mice"]
    # To the daily one it was told; released, it is new to the other.
    assert send(RELEASE).mails == 1
    assert send(RELEASE + DAY).mails == 0


@pytest.mark.parametrize(
    ("alert", "days"),
    [("release", [8]), ("daily", [9]), ("weekly", [13]), ("never", [])],
)
def test_they_come_as_often_as_asked(alert, days):
    embargoed()
    asking(alert)
    came = []
    for quarter in range(20 * 4):
        at = START + quarter * 6 * HOUR
        if send(at).mails:
            came.append(at.day)
    assert came == days


def test_the_daily_one_holds_all_of_the_day():
    for title in ("Gout one", "Gout two", "Gout three"):
        embargoed(title)
    asking("daily")
    send(RELEASE)
    send(RELEASE + DAY)
    (message,) = mail.outbox
    assert message.subject == "ACR Meeting Abstracts: 3 new abstracts for “gout”"
    assert all(title in message.body for title in ("Gout one", "Gout two", "Gout three"))


def test_turned_on_again_they_tell_what_comes_from_then_on():
    saved = asking()
    embargoed()
    searches.set_alert(saved, "never", START)
    send(RELEASE)
    searches.set_alert(saved, "release", RELEASE + HOUR)
    assert send(RELEASE + 2 * HOUR).mails == 0


# Only what the public may read


@pytest.mark.parametrize("who", [UserFactory, press_reader, StaffFactory])
@pytest.mark.parametrize(
    "shape", [{}, LISTED_EARLIER, {**LISTED_EARLIER, "listing_level": 1}, {"release_rule": "held"}]
)
def test_whoever_owns_it_learns_nothing_ahead(who, shape):
    abstract = embargoed(title="Gout of zqtitle", **shape)
    SectionFactory(abstract=abstract, html="<p>zqtext and gout</p>")
    asking("release", user=who())
    asking("daily", query="q=zqtext", user=who())
    asking("daily", query="q=gout&order=newest", user=who())
    for at in (START + DAY, dt.datetime(2020, 1, 4, 18, tzinfo=dt.UTC), RELEASE - HOUR):
        send(at)
    allowed = shape.get("listing_level") == 2
    told = "".join(str(message.message()) + message.body for message in mail.outbox)
    assert ("zqtitle" in told) == allowed
    assert "zqtext" not in told


def test_what_is_hidden_between_finding_and_mailing_is_not_told():
    abstract = embargoed()
    saved = asking()
    notice(RELEASE)
    assert find(saved.pk, RELEASE)
    Abstract.unfiltered.filter(pk=abstract.pk).update(status="draft")
    assert send(RELEASE + HOUR).mails == 0
    assert ToldResult.objects.get().mailed_at is None


def test_a_shell_is_told_to_nobody():
    embargoed(**{**LISTED_EARLIER, "listing_level": 1})
    asking("daily", query="number=0001")
    send(START + 3 * DAY)
    assert mail.outbox == []


def test_among_ones_favorites():
    user = UserFactory()
    mine, other = embargoed("Gout of mine"), embargoed("Gout of others")
    FavoriteFactory(list=FavoritesList.objects.create(user=user), abstract=mine)
    FavoriteFactory(list=FavoritesList.objects.create(user=UserFactory()), abstract=other)
    asking(query="q=gout&favorites=on", user=user)
    send(RELEASE)
    assert titles() == ["Gout of mine"]


# Nothing twice, nothing lost


def test_a_second_run_at_the_same_instant_sends_nothing():
    embargoed()
    asking()
    assert [send(RELEASE).mails, send(RELEASE).mails] == [1, 0]


def test_an_older_run_that_comes_late_finds_nothing():
    embargoed()
    saved = asking()
    assert send(RELEASE + HOUR).mails == 1
    assert send(RELEASE).mails == 0
    saved.refresh_from_db()
    assert saved.looked_until == RELEASE + HOUR


class Killed(BaseException):
    """What no handler catches, as a process that is killed."""


def test_killed_while_it_looks_nothing_is_lost(monkeypatch):
    embargoed()
    asking()
    asking(query="q=mice")
    calls = []

    def find_one(pk, at):
        calls.append(pk)
        if len(calls) == 2:
            raise Killed
        return find(pk, at)

    monkeypatch.setattr("accounts.searches.alerts.sending.find", find_one)
    with pytest.raises(Killed):
        send(RELEASE)
    monkeypatch.undo()
    assert mail.outbox == []
    assert send(RELEASE + HOUR).mails == 2
    assert send(RELEASE + 2 * HOUR).mails == 0


def test_killed_between_two_mails_the_second_still_comes(monkeypatch):
    embargoed()
    asking()
    asking(query="q=mice")
    tell, calls = mailing.tell, []

    def tell_one(pk, at, connection):
        calls.append(pk)
        if len(calls) == 2:
            raise Killed
        return tell(pk, at, connection)

    monkeypatch.setattr("accounts.searches.alerts.sending.tell", tell_one)
    with pytest.raises(Killed):
        send(RELEASE)
    monkeypatch.undo()
    assert len(mail.outbox) == 1
    assert send(RELEASE + HOUR).mails == 1
    assert len({message.to[0] for message in mail.outbox}) == 2


def test_killed_while_the_server_has_it_it_is_not_repeated(monkeypatch):
    """At most once: nobody knows whether the server took it."""
    embargoed()
    asking()

    def killed(self, messages):
        raise Killed

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", killed)
    with pytest.raises(Killed):
        send(RELEASE)
    monkeypatch.undo()
    assert send(RELEASE + HOUR).mails == 0


@pytest.mark.parametrize(
    "refusal",
    [smtplib.SMTPRecipientsRefused({}), smtplib.SMTPDataError(452, b"full"), smtplib.SMTPSenderRefused(550, b"", "x")],
)
def test_what_the_server_refuses_waits_for_the_next_run(monkeypatch, refusal):
    embargoed()
    asking()

    def refuse(self, messages):
        raise refusal

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    assert send(RELEASE).failed == 1
    monkeypatch.undo()
    assert send(RELEASE + HOUR).mails == 1
    assert send(RELEASE + 2 * HOUR).mails == 0


def test_a_server_that_fell_silent_may_have_taken_it(monkeypatch):
    embargoed()
    asking()

    def silent(self, messages):
        raise TimeoutError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", silent)
    assert send(RELEASE).failed == 1
    monkeypatch.undo()
    assert send(RELEASE + HOUR).mails == 0


def test_a_server_that_is_not_there_keeps_all_waiting(monkeypatch):
    embargoed()
    asking()
    asking(query="q=mice")

    def refuse(self):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.base.BaseEmailBackend.open", refuse)
    assert send(RELEASE).failed == 2
    monkeypatch.undo()
    assert send(RELEASE + HOUR).mails == 2


@pytest.mark.parametrize(
    "query", ["meeting=gone", "q=gout&day=2025-02-30", "order=evil&q=gout", "", "year_from=abc", "%00=%ff"]
)
def test_a_search_that_is_none_any_more_stops_no_other(query):
    embargoed()
    bad = asking()
    SavedSearch.objects.filter(pk=bad.pk).update(query_string=query)
    asking()
    sent = send(RELEASE)
    assert sent.mails == 1
    assert sent.invalid == [bad.pk]


def test_closed_accounts_get_no_mail():
    embargoed()
    saved = asking()
    saved.user.is_active = False
    saved.user.save()
    send(RELEASE)
    assert mail.outbox == []
    assert due(RELEASE) == []


# The mail


def test_the_mail_can_be_ended_with_one_click():
    embargoed()
    saved = asking()
    send(RELEASE)
    (message,) = mail.outbox
    parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = parsed["List-Unsubscribe"].strip(" <>")
    assert url.startswith("https://abstracts.example.org/")
    assert url in message.body
    assert parsed["To"] == saved.user.email
    assert parsed["Auto-Submitted"] == "auto-generated"
    path = url.removeprefix("https://abstracts.example.org")
    assert Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    embargoed("Gout once more", release_date=dt.date(2020, 1, 9))
    assert send(RELEASE + 2 * DAY).mails == 0


def test_the_mail_names_what_is_new_and_leads_there():
    abstract = embargoed("Gout: urate <i>below</i> 6 & more")
    for position in range(8):
        AuthorLineFactory(abstract=abstract, person=PersonFactory(name=f"Invented {position}"), position=position)
    asking(query="q=gout&order=newest")
    send(RELEASE)
    (message,) = mail.outbox
    assert "Gout: urate below 6 & more" in message.body
    assert "Invented 5 et al." in message.body
    assert abstract.meeting.name in message.body
    assert f"https://abstracts.example.org{abstract.get_absolute_url()}" in message.body
    assert "https://abstracts.example.org/search/?q=gout&order=newest" in message.body
    html = message.alternatives[0][0]
    assert "<i>below</i> 6 &amp; more" in html
    assert "<script" not in html
    assert "style=" not in html


def test_a_name_cannot_write_headers_or_markup():
    embargoed()
    saved = asking()
    saved.name = "gout\r\nBcc: all@example.org <script>"
    saved.save()
    send(RELEASE)
    (message,) = mail.outbox
    assert message.recipients() == [saved.user.email]
    assert "Bcc" not in dict(message.message().items())
    assert "<script>" not in message.alternatives[0][0]


def test_a_long_list_is_cut_and_counted(monkeypatch):
    monkeypatch.setattr(mailing, "MOST_ROWS", 2)
    meeting = MeetingFactory()
    tier = TierFactory(meeting=meeting, **RELEASED_LATER)
    for number in range(5):
        AbstractFactory(meeting=meeting, tier=tier, title=f"Gout {number}")
    asking()
    send(RELEASE)
    (message,) = mail.outbox
    assert message.body.count("Gout ") == 2
    assert "And 3 more." in message.body
    assert ToldResult.objects.exclude(mailed_at=None).count() == 5
    assert send(RELEASE + HOUR).mails == 0


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_costs_the_same_whatever_is_found(count, django_assert_num_queries):
    meeting = MeetingFactory()
    tier = TierFactory(meeting=meeting, **RELEASED_LATER)
    for number in range(count):
        AbstractFactory(meeting=meeting, tier=tier, title=f"Gout {number}")
    asking()
    send(START + HOUR)
    with django_assert_num_queries(RUN_QUERIES):
        assert send(RELEASE).mails == 1


RUN_QUERIES = 47


def test_the_page_of_searches_says_how_many_were_mailed():
    embargoed()
    saved = asking()
    send(RELEASE)
    client = Client()
    client.force_login(saved.user, "allauth.account.auth_backends.AuthenticationBackend")
    assert b"1 result mailed so far" in client.get(reverse("account_searches")).content


def test_nothing_is_noticed_twice(django_assert_num_queries):
    for _ in range(3):
        AbstractFactory()
    assert Meeting.objects.count() == 3
    notice(START)
    first = set(PublicSince.objects.values_list("abstract", "listed_at", "released_at"))
    notice(START + DAY)
    assert set(PublicSince.objects.values_list("abstract", "listed_at", "released_at")) == first


@pytest.mark.parametrize("change", [{"status": "withdrawn"}, {"override_released_from": FAR_AHEAD}])
def test_what_waits_is_not_told_by_words_that_are_hidden_again(monkeypatch, change):
    """The listing may still be seen; that its text has the word of the search may not be known any more."""
    abstract = embargoed("Gout in invented mice", **LISTED_EARLIER)
    SectionFactory(abstract=abstract, html="<p>zqtext</p>")
    asking(query="q=zqtext")
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refusing)
    assert send(RELEASE).failed == 1
    monkeypatch.undo()
    Abstract.unfiltered.filter(pk=abstract.pk).update(**change)
    assert send(RELEASE + HOUR).mails == 0
    assert mail.outbox == []


def refusing(self, messages):
    raise smtplib.SMTPDataError(451, b"later")
