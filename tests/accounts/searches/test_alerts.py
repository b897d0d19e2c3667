"""Alerts: what is new to a search, told once, and never ahead of its release."""

import datetime as dt
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from abstracts.models import Abstract, Meeting
from abstracts.visibility import Level
from accounts.models import AlertResult, FavoritesList, PublicSince, SavedSearch
from accounts.searches import saved as searches
from accounts.searches.alerts import mailing
from accounts.searches.alerts.finding import due_searches, record_new_results
from accounts.searches.alerts.noticing import notice
from accounts.searches.alerts.running import run
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
    change_step,
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


LISTED_EARLIER = {"listing_level": Level.LISTED, "listing_date": dt.date(2020, 1, 3), "listing_time": dt.time(9)}


def titles() -> list[str]:
    """The title in each mail, first to last; an error where one mail holds several."""
    found = [[line for line in message.body.splitlines() if "Gout" in line] for message in mail.outbox]
    assert all(len(lines) == 1 for lines in found)
    return [lines[0] for lines in found]


def test_a_released_abstract_is_mailed_once():
    embargoed()
    asking()
    for at in (START + HOUR, RELEASE - HOUR):
        assert run(at).mails == 0
    assert run(RELEASE).mails == 1
    assert titles() == ["Gout in invented mice"]
    for at in (RELEASE, RELEASE + HOUR, RELEASE + 30 * DAY):
        assert run(at).mails == 0


def test_alerts_exclude_what_was_public_before():
    AbstractFactory(title="Gout, long known")
    saved = asking()
    assert searches.public_results(searches.public_query(saved, START), START)
    run(START + HOUR)
    run(START + 9 * DAY)
    assert mail.outbox == []


def test_alerts_include_only_matching_abstracts():
    embargoed("Vasculitis in invented mice")
    asking()
    run(RELEASE)
    assert mail.outbox == []


def test_abstracts_with_most_of_the_words_are_no_results():
    embargoed("Gout in invented mice")
    asking(query="q=gout+febuxostat+mice")
    run(RELEASE)
    assert mail.outbox == []


def test_abstracts_published_by_staff_are_new_results():
    """Its instants are long past; the public sees it since somebody said so."""
    meeting = MeetingFactory(is_published=False)
    AbstractFactory(
        meeting=meeting,
        title="Gout, published late",
        tier=TierFactory(meeting=meeting, release_date=dt.date(2019, 1, 1)),
    )
    asking()
    assert run(START + HOUR).mails == 0
    meeting.is_published = True
    meeting.save()
    assert run(START + 2 * HOUR).mails == 1


def test_withdrawn_and_republished_results_are_mailed_once():
    abstract = embargoed()
    asking()
    run(RELEASE)
    abstract.status = "draft"
    abstract.save()
    run(RELEASE + HOUR)
    assert not PublicSince.objects.exists()
    abstract.status = "published"
    abstract.save()
    assert run(RELEASE + 2 * HOUR).mails == 0


def test_postponed_results_are_mailed_after_their_release():
    abstract = embargoed()
    saved = asking("daily")
    notice(RELEASE)
    change_step(abstract.tier, date=dt.date(2020, 2, 5))
    assert run(RELEASE + DAY).mails == 0
    assert run(RELEASE + 40 * DAY).mails == 1
    assert AlertResult.objects.filter(search=saved).count() == 1


# How often


def test_daily_alerts_include_new_listings_release_alerts_do_not():
    embargoed(**LISTED_EARLIER)
    asking("release")
    asking("daily")
    listed = dt.datetime(2020, 1, 3, 16, tzinfo=dt.UTC)
    run(listed)
    run(listed + DAY)
    assert titles() == ["Gout in invented mice"]
    # To the daily one it was told; released, it is new to the other.
    assert run(RELEASE).mails == 1
    assert run(RELEASE + DAY).mails == 0


@pytest.mark.parametrize(
    ("alert", "days"),
    [("release", [8]), ("daily", [9]), ("weekly", [13]), ("never", [])],
)
def test_alerts_come_at_the_chosen_times(alert, days):
    embargoed()
    asking(alert)
    came = []
    for quarter in range(20 * 4):
        at = START + quarter * 6 * HOUR
        if run(at).mails:
            came.append(at.day)
    assert came == days


def test_the_daily_one_holds_all_of_the_day():
    for title in ("Gout one", "Gout two", "Gout three"):
        embargoed(title)
    asking("daily")
    run(RELEASE)
    run(RELEASE + DAY)
    (message,) = mail.outbox
    assert message.subject == "ACR Meeting Abstracts: 3 new abstracts for “gout”"
    assert all(title in message.body for title in ("Gout one", "Gout two", "Gout three"))


def test_alerts_turned_on_again_include_only_later_releases():
    saved = asking()
    embargoed()
    searches.set_alert(saved, "never", START)
    run(RELEASE)
    searches.set_alert(saved, "release", RELEASE + HOUR)
    assert run(RELEASE + 2 * HOUR).mails == 0


# Only what the public may read


@pytest.mark.parametrize("who", [UserFactory, press_reader, StaffFactory])
@pytest.mark.parametrize(
    "shape", [{}, LISTED_EARLIER, {**LISTED_EARLIER, "listing_level": Level.SHELL}, {"release_rule": "held"}]
)
def test_alerts_hold_only_public_abstracts_whoever_owns_them(who, shape):
    abstract = embargoed(title="Gout of zqtitle", **shape)
    SectionFactory(abstract=abstract, html="<p>zqtext and gout</p>")
    asking("release", user=who())
    asking("daily", query="q=zqtext", user=who())
    asking("daily", query="q=gout&order=newest", user=who())
    for at in (START + DAY, dt.datetime(2020, 1, 4, 18, tzinfo=dt.UTC), RELEASE - HOUR):
        run(at)
    allowed = shape.get("listing_level") == Level.LISTED
    told = "".join(str(message.message()) + message.body for message in mail.outbox)
    assert ("zqtitle" in told) == allowed
    assert "zqtext" not in told


def test_results_hidden_before_mailing_are_not_mailed():
    abstract = embargoed()
    saved = asking()
    notice(RELEASE)
    assert record_new_results(saved.pk, RELEASE)
    Abstract.unfiltered.filter(pk=abstract.pk).update(status="draft")
    assert run(RELEASE + HOUR).mails == 0
    assert AlertResult.objects.get().mailed_at is None


def test_alerts_do_not_include_shells():
    embargoed(**{**LISTED_EARLIER, "listing_level": Level.SHELL})
    asking("daily", query="number=0001")
    run(START + 3 * DAY)
    assert mail.outbox == []


def test_a_search_within_favorites_finds_only_the_owners():
    user = UserFactory()
    mine, other = embargoed("Gout of mine"), embargoed("Gout of others")
    FavoriteFactory(list=FavoritesList.objects.create(user=user), abstract=mine)
    FavoriteFactory(list=FavoritesList.objects.create(user=UserFactory()), abstract=other)
    asking(query="q=gout&favorites=on", user=user)
    run(RELEASE)
    assert titles() == ["Gout of mine"]


# Nothing twice, nothing lost


def test_a_second_run_at_the_same_instant_sends_nothing():
    embargoed()
    asking()
    assert [run(RELEASE).mails, run(RELEASE).mails] == [1, 0]


def test_an_older_run_that_comes_late_finds_nothing():
    embargoed()
    saved = asking()
    assert run(RELEASE + HOUR).mails == 1
    assert run(RELEASE).mails == 0
    saved.refresh_from_db()
    assert saved.searched_until == RELEASE + HOUR


class Killed(BaseException):
    """What no handler catches, as a process that is killed."""


def test_killed_while_searching_nothing_is_lost(monkeypatch):
    embargoed()
    asking()
    asking(query="q=mice")
    calls = []

    def find_one(pk, at):
        calls.append(pk)
        if len(calls) == 2:
            raise Killed
        return record_new_results(pk, at)

    monkeypatch.setattr("accounts.searches.alerts.running.record_new_results", find_one)
    with pytest.raises(Killed):
        run(RELEASE)
    monkeypatch.undo()
    assert mail.outbox == []
    assert run(RELEASE + HOUR).mails == 2
    assert run(RELEASE + 2 * HOUR).mails == 0


def test_killed_between_two_mails_the_second_is_sent_by_the_next_run(monkeypatch):
    embargoed()
    asking()
    asking(query="q=mice")
    mail_results, calls = mailing.mail_results, []

    def mail_one(pk, at, connection):
        calls.append(pk)
        if len(calls) == 2:
            raise Killed
        return mail_results(pk, at, connection)

    monkeypatch.setattr("accounts.searches.alerts.running.mail_results", mail_one)
    with pytest.raises(Killed):
        run(RELEASE)
    monkeypatch.undo()
    assert len(mail.outbox) == 1
    assert run(RELEASE + HOUR).mails == 1
    assert len({message.to[0] for message in mail.outbox}) == 2


def test_killed_while_the_server_has_the_mail_it_is_not_repeated(monkeypatch):
    """At most once: nobody knows whether the server took it."""
    embargoed()
    asking()

    def killed(self, messages):
        raise Killed

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", killed)
    with pytest.raises(Killed):
        run(RELEASE)
    monkeypatch.undo()
    assert run(RELEASE + HOUR).mails == 0


@pytest.mark.parametrize(
    "query", ["meeting=gone", "q=gout&day=2025-02-30", "order=evil&q=gout", "", "year_from=abc", "%00=%ff"]
)
def test_an_invalid_search_does_not_stop_the_others(query):
    embargoed()
    bad = asking()
    SavedSearch.objects.filter(pk=bad.pk).update(query_string=query)
    asking()
    sent = run(RELEASE)
    assert sent.mails == 1
    assert sent.invalid == [bad.pk]


def test_closed_accounts_get_no_mail():
    embargoed()
    saved = asking()
    saved.user.is_active = False
    saved.user.save()
    run(RELEASE)
    assert mail.outbox == []
    assert due_searches(RELEASE) == []


# The mail


def test_the_mail_has_one_click_unsubscribe():
    embargoed()
    saved = asking()
    run(RELEASE)
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
    assert run(RELEASE + 2 * DAY).mails == 0


def test_the_mail_names_what_is_new_and_leads_there():
    abstract = embargoed("Gout: urate <i>below</i> 6 & more")
    for position in range(8):
        AuthorLineFactory(abstract=abstract, person=PersonFactory(name=f"Invented {position}"), position=position)
    asking(query="q=gout&order=newest")
    run(RELEASE)
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
    run(RELEASE)
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
    run(RELEASE)
    (message,) = mail.outbox
    assert message.body.count("Gout ") == 2
    assert "And 3 more." in message.body
    assert AlertResult.objects.exclude(mailed_at=None).count() == 5
    assert run(RELEASE + HOUR).mails == 0


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_costs_the_same_whatever_is_found(count, django_assert_num_queries):
    meeting = MeetingFactory()
    tier = TierFactory(meeting=meeting, **RELEASED_LATER)
    for number in range(count):
        AbstractFactory(meeting=meeting, tier=tier, title=f"Gout {number}")
    asking()
    run(START + HOUR)
    with django_assert_num_queries(RUN_QUERIES):
        assert run(RELEASE).mails == 1


RUN_QUERIES = 50


def test_the_page_of_searches_says_how_many_were_mailed():
    embargoed()
    saved = asking()
    run(RELEASE)
    client = Client()
    client.force_login(saved.user, "allauth.account.auth_backends.AuthenticationBackend")
    assert b"1 result mailed so far" in client.get(reverse("account_searches")).content


def logged(caplog, event: str) -> list[dict]:
    """What was logged as `event`."""
    records = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [record for record in records if record["event"] == event]


def test_releases_are_logged_with_how_many_and_since_when(caplog):
    caplog.set_level("INFO")
    abstract = embargoed()
    for at in (START, RELEASE, RELEASE + HOUR):
        notice(at)
    (release,) = logged(caplog, "releases noticed")
    assert {key: release[key] for key in ("listed", "released", "hidden", "since")} == {
        "listed": 1, "released": 1, "hidden": 0, "since": RELEASE,
    }  # fmt: skip
    Abstract.unfiltered.filter(pk=abstract.pk).update(status="draft")
    notice(RELEASE + DAY)
    assert logged(caplog, "releases noticed")[1]["hidden"] == 1


def test_a_run_logs_its_counts_and_seconds(caplog):
    caplog.set_level("INFO")
    embargoed()
    asking()
    bad = asking()
    SavedSearch.objects.filter(pk=bad.pk).update(query_string="q=")
    run(RELEASE)
    (record,) = logged(caplog, "alerts sent")
    counts = {"searches": 2, "mails": 1, "results": 1, "waiting": 0, "unanswered": 0, "invalid": 1}
    assert {key: record[key] for key in counts} == counts
    assert record["seconds"] >= 0
    assert [record["search"] for record in logged(caplog, "saved search is invalid")] == [bad.pk]


def test_noticing_twice_changes_nothing(django_assert_num_queries):
    for _ in range(3):
        AbstractFactory()
    assert Meeting.objects.count() == 3
    notice(START)
    first = set(PublicSince.objects.values_list("abstract", "listed_at", "released_at"))
    notice(START + DAY)
    assert set(PublicSince.objects.values_list("abstract", "listed_at", "released_at")) == first


@pytest.mark.parametrize("change", [{"status": "withdrawn"}, {"override_released_from": FAR_AHEAD}])
def test_results_that_wait_are_not_mailed_when_the_matching_text_is_hidden_again(change):
    """The listing may still be seen; that its text has the word of the search may not be known any more."""
    abstract = embargoed("Gout in invented mice", **LISTED_EARLIER)
    SectionFactory(abstract=abstract, html="<p>zqtext</p>")
    saved = asking(query="q=zqtext")
    notice(RELEASE)
    assert record_new_results(saved.pk, RELEASE)
    Abstract.unfiltered.filter(pk=abstract.pk).update(**change)
    assert run(RELEASE + HOUR).mails == 0
    assert mail.outbox == []
    assert AlertResult.objects.filter(mailed_at=None).count() == 1
