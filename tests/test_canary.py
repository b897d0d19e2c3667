"""No word of an abstract leaves the site before its time, by no address, for nobody who may not read it.

Every text field of abstracts in every state holds a token that stands nowhere else (`canary.planting`). Every address,
filled with everything in the database, and every link is asked for (`canary.walking`), as every kind of viewer, before,
at and after the instants of listing and release. A token may be in an answer only where the register and the oracle
allow it (`canary.register`); and what may not be seen must not make any difference either.
"""

import datetime as dt
import hashlib
import re
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import is_valid_path
from django.utils import translation

from abstracts.downloads import making
from abstracts.models import Abstract, EmbargoRecord, EmbargoTier, RecordLine, Session, gate, groups
from abstracts.printing import compiling
from abstracts.search.damage import without_index
from abstracts.visibility import Level, Role
from abstracts.words.addresses import in_language
from accounts.models import PressAccess, SavedSearch, User
from accounts.press.deciding import last_entry
from accounts.press.news_mail import send_news
from accounts.searches.alerts.noticing import notice
from accounts.searches.alerts.running import run as send_alerts
from acrsite.access import PUBLIC
from tests.abstracts import oracle
from tests.canary.crawling import (
    AHEAD,
    BEFORE,
    CRAWLS,
    ROLES,
    TOKEN,
    Crawls,
    clock,
    leaks,
    session_of,
    undone,
    where_tokens_stand,
)
from tests.canary.planting import LISTING, RELEASE, plant, remove_hidden, scramble
from tests.canary.register import REGISTER, Same, rule_of, tables, text_fields
from tests.canary.walking import NOWHERE, Answer, admin_addresses, admin_pages, ask, filled, patterns, values_of
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("canary")


@pytest.fixture(scope="module")
def garden(django_db_setup, django_db_blocker, folder):
    """Planted once for all tests of this module, in one transaction that is undone after them."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        # Every test ends by closing the connection, and with it would end this transaction.
        patch.setattr(connection, "close", lambda: None)
        # The test client copies the context of every template that is rendered, for tests that look at it.
        patch.setattr("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
        with override_settings(FIGURES_ROOT=folder / "figures"):
            garden = plant()
        yield garden
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def sessions(garden, django_db_blocker) -> dict[str, str | None]:
    """The key of each viewer's session. All abstracts there are, are favorites of each viewer who has any."""
    with django_db_blocker.unblock():
        return {viewer: session_of(viewer, garden) for viewer in ROLES}


@pytest.fixture(scope="module")
def crawls(garden, sessions) -> Crawls:
    return Crawls(garden, sessions)


@pytest.fixture(autouse=True)
def _planted_files(settings, folder, _own_folders):
    settings.FIGURES_ROOT = folder / "figures"
    settings.SEARCH_INDEX_ROOT = folder / "search"


_typeset: dict[str, tuple[bytes, dict]] = {}


@pytest.fixture(autouse=True)
def _same_print_once(monkeypatch):
    """What was typeset once is not typeset again: the same data and images give the same file."""
    real = compiling.typeset

    def typeset(folder, made_at, timeout):
        digest = hashlib.sha256(str(made_at).encode())
        for path in sorted(folder.iterdir()):
            digest.update(path.name.encode() + path.read_bytes())
        if digest.hexdigest() not in _typeset:
            result = real(folder, made_at, timeout)
            _typeset[digest.hexdigest()] = ((folder / "out.pdf").read_bytes(), result)
        content, result = _typeset[digest.hexdigest()]
        (folder / "out.pdf").write_bytes(content)
        return result

    monkeypatch.setattr("abstracts.printing.lists.typeset", typeset)
    monkeypatch.setattr("abstracts.printing.book.typeset", typeset)


def test_every_text_field_is_registered():
    for model in tables():
        known = REGISTER.get(model.__name__, {})
        assert set(known) == {f.name for f in text_fields(model)}, f"{model.__name__}: from which level may it be seen?"
    assert set(REGISTER) <= {model.__name__ for model in tables()}
    assert all(rule_of(m, f) for m in tables() for f in REGISTER.get(m.__name__, {}))


def test_every_registered_field_is_planted_in_every_state(garden):
    planted = {(p.model.__name__, p.field) for p in garden.tokens}
    wanted = {
        (m, f)
        for m, fields in REGISTER.items()
        for f, r in fields.items()
        if not isinstance(r, Same) and r != "no text"
    }
    assert wanted <= planted
    assert len({p.token for p in garden.tokens}) == len(garden.tokens)


@pytest.mark.parametrize(("viewer", "instant"), CRAWLS, ids=lambda value: str(value).replace("+00:00", ""))
def test_no_page_shows_a_word_to_viewers_who_may_not_read_it(garden, crawls, viewer, instant):
    assert not leaks(garden, crawls.of(viewer, instant), viewer, instant)


@pytest.mark.parametrize("instant", [BEFORE, AHEAD], ids=["before", "ahead"])
def test_no_page_in_spanish_shows_more(garden, crawls, instant):
    with translation.override("es"):
        paths = [path for path in crawls.existing if is_valid_path(in_language(path.partition("?")[0], "es"))]
    client = crawls.client("anonymous")
    with clock(instant):
        answers = {path: ask(client, in_language(path, "es")) for path in paths}
    assert sum(answer.status == 200 for answer in answers.values()) > 20
    assert not leaks(garden, answers, "anonymous", instant)


def test_a_book_made_at_any_instant_shows_nothing_hidden_at_any_other(garden, crawls, monkeypatch):
    """Served or not: whoever asks, and whenever it was made."""
    instants = (BEFORE, LISTING, AHEAD, RELEASE)
    meetings = {abstract.meeting.pk: abstract.meeting for abstract in garden.abstracts.values()}.values()
    paths = [f"/download/{meeting.slug}/{file}" for meeting in meetings for file in ("", "book.pdf")]
    served = 0
    for made_at in instants:
        monkeypatch.setattr("abstracts.downloads.making.clock", SimpleNamespace(now=lambda made_at=made_at: made_at))
        for meeting in meetings:
            making.make(meeting)
        for instant in instants:
            for viewer in ("anonymous", "press", "staff"):
                client = crawls.client(viewer)
                with clock(instant):
                    answers = {path: ask(client, path) for path in paths}
                books = {path: answer for path, answer in answers.items() if path.endswith("book.pdf")}
                # A book is the public's, whoever asks for it.
                assert not leaks(garden, books, "anonymous", instant)
                assert not leaks(garden, answers, viewer, instant)
                served += sum(answer.text.count("zq") > 10 for answer in books.values())
    assert served > 10


@pytest.mark.parametrize(("viewer", "instant"), [("anonymous", AHEAD), ("anonymous", RELEASE), ("press", BEFORE)])
def test_searches_while_the_index_is_built_show_nothing_hidden(garden, crawls, viewer, instant):
    """What everything matches, and each title that may be known."""
    titles = [
        p.token
        for p in garden.tokens
        if p.model is Abstract and p.field == "title" and garden.may_see(p, ROLES[viewer], instant)
    ]
    questions = [f"year_from={RELEASE.year - 1000}", *(f"q={token}" for token in titles)]
    paths = [f"{path}?{question}" for path in ("/search/", "/search/export/csv/") for question in questions]
    with clock(instant), without_index():
        answers = {path: ask(crawls.client(viewer), path) for path in paths}
    assert not leaks(garden, answers, viewer, instant)
    assert len(where_tokens_stand(answers)) > 20


@pytest.mark.parametrize("viewer", ["press", "clerk"])
def test_the_admin_shows_nothing_to_those_who_are_not_curators(garden, crawls, viewer):
    client = crawls.client(viewer)
    with clock(BEFORE):
        answers = {path: ask(client, path) for path in admin_addresses(garden)}
    assert len(answers) > 50
    assert not leaks(garden, answers, viewer, BEFORE)


# The lines of an entry of the record stand on its page; an abstract names its tier, and is found by types of sessions.
SHOWN_WITH = {RecordLine: EmbargoRecord, EmbargoTier: Abstract, Session: Abstract}
GROUPS = sorted({*groups.PERMISSIONS, groups.PRESS_OFFICERS})


@pytest.mark.parametrize("group", GROUPS)
def test_the_admin_shows_each_group_only_what_it_may_view(garden, group):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    with clock(BEFORE), undone():
        answers = {path: ask(client, path) for path in [*admin_addresses(garden), *admin_pages(garden, "hidden")]}
    assert sum(answer.status == 200 for answer in answers.values()) > (15 if user.has_perms(VIEWING) else 0)
    places = where_tokens_stand(answers)
    may_view = {model for model in tables() if _may_view(user, SHOWN_WITH.get(model, model))}
    shown = [p for p in garden.tokens if p.token in places and p.model not in may_view]
    assert [(str(p), places[p.token][:2]) for p in shown if not garden.may_see(p, Role.ANONYMOUS, BEFORE)] == []
    # The positive control.
    assert (Abstract in may_view) == any(p.model is Abstract and p.token in places for p in garden.tokens)


VIEWING = ("abstracts.view_abstract", "abstracts.view_section")


def _may_view(user, model) -> bool:
    return any(user.has_perm(f"abstracts.{verb}_{model._meta.model_name}") for verb in ("view", "change"))


# May be read, and stands on no page as it is: searches look in it, addresses lead on from it, or it is parsed further.
NOT_SHOWN = {
    ("Affiliation", "country"),
    ("Affiliation", "institution"),
    ("KeywordSynonym", "slug"),
    # On Spanish pages, which another test opens.
    ("Meeting", "embargo_policy_es"),
    ("Meeting", "press_terms_es"),
    ("Person", "orcid"),
    ("PersonName", "name"),
    ("PersonName", "slug"),
    ("SlugRedirect", "slug"),
}


def test_all_that_may_be_read_stands_somewhere(garden, crawls):
    """The positive control: a canary that never sings proves nothing."""
    places = where_tokens_stand(crawls.of("anonymous", RELEASE))
    shown = {(p.model.__name__, p.field) for p in garden.tokens if p.token in places}
    readable = {(p.model.__name__, p.field) for p in garden.tokens if garden.may_see(p, Role.ANONYMOUS, RELEASE)}
    assert sorted(readable - shown) == sorted(NOT_SHOWN)
    # What was hidden until now shows now: each word of the abstract itself.
    released = [p for p in garden.tokens if p.state == "hidden" and p.rule in Level and p.model is Abstract]
    assert [str(p) for p in released if p.token not in places] == [str(p) for p in released if p.field == "status_note"]


# Challenges and secrets of second factors; the file of one's data lists what the crawl itself reads.
NEW_EACH_TIME = ("/accounts/2fa/", "/accounts/my-data.json", "/accounts/login/webauthn/", "/accounts/reauthenticate/")


@pytest.mark.parametrize(
    ("change", "viewer", "instant"),
    [(scramble, "anonymous", BEFORE), (remove_hidden, "anonymous", BEFORE), (scramble, "press", AHEAD)],
)
def test_what_is_hidden_makes_no_difference(garden, crawls, change, viewer, instant):
    """With other hidden words, of other length, or without the hidden abstracts: every answer is the same."""
    before = crawls.of(viewer, instant)
    with undone():
        assert change(garden, ROLES[viewer], instant)
        after = crawls.anew(viewer, instant)
    changed = [path for path, answer in after.items() if answer != before.get(path)]
    assert [path for path in changed if not path.startswith(NEW_EACH_TIME)] == []
    assert before.keys() == after.keys()


# An export of a search names a format, and nothing that could be hidden.
PUBLIC_PATTERNS = [
    parts for _, parts in patterns() if parts[-1].name in PUBLIC - {"search-export"} and "<" in str(parts[-1].pattern)
]


@pytest.mark.parametrize("parts", PUBLIC_PATTERNS, ids=lambda parts: parts[-1].name)
def test_an_address_of_something_hidden_answers_like_one_of_nothing(garden, parts):
    """Every public address filled with hidden words: 404, byte for byte that of words that stand nowhere."""
    client = Client()
    with clock(BEFORE):
        nothing = ask(client, next(filled(parts, NOWHERE)))
        assert nothing.status == 404
        for state in ("hidden", "shell", "draft", "held", "withdrawn with its title", "unpublished"):
            for path in filled(parts, values_of(garden, state)):
                answer = ask(client, path)
                if answer.status == 404:
                    assert _but_for_length(answer) == _but_for_length(nothing), path
                else:
                    known = [p for p in garden.tokens if p.token in path]
                    assert all(garden.may_see(p, Role.ANONYMOUS, BEFORE) for p in known), path


def _but_for_length(answer: Answer) -> tuple[dict[str, str], str]:
    """A page that says the address asked for is as much longer as that is."""
    text = re.sub(r"^content-length: \d+$", "", answer.text, flags=re.M)
    return dict(answer.headers) | {"Content-Length": "-"}, text


# Every form that takes words, and a word that stands nowhere.
QUESTIONS = [
    "/search/?q={}", "/search/?title={}", "/search/?author={}", "/search/?affiliation={}", "/search/?keyword={}",
    "/search/?number={}", "/search/?trial={}", "/?s={}", "/keywords/?q={}", "/meetings/{meeting}/?q={}",
    "/meetings/{meeting}/?keyword={}", "/search/?year_from={}", "/search/?year_to={}", "/search/?kw={}",
    "/search/?by={}", "/search/?country={}", "/search/?place={}", "/search/suggestions/?q={}",
    "/search/export/jsonl/?q={}", "/search/export/csv/?title={}", "/search/export/ris/?author={}",
    "/feeds/search/?q={}", "/feeds/search/?title={}", "/feeds/search/?author={}", "/feeds/search/?keyword={}",
    "/feeds/search/?kw={}", "/feeds/search/?place={}",
]  # fmt: skip
NOTHING = "zqxxxxqz"


# By the index and, while it is built, by the database; and by the press of what is closed to them: some of QUESTIONS.
EACH_FIELD = [
    "/search/?q={}", "/search/?title={}", "/search/?author={}", "/search/?keyword={}", "/search/?number={}",
    "/search/export/csv/?title={}", "/feeds/search/?q={}",
]  # fmt: skip
ASKED = [
    *(
        ("anonymous", nullcontext, ("hidden", "shell", "titled", "listing", "draft"), question)
        for question in QUESTIONS
    ),
    *(("anonymous", without_index, ("shell", "titled"), question) for question in EACH_FIELD),
    *(("press", engine, ("titled later",), q) for engine in (nullcontext, without_index) for q in EACH_FIELD),
]


@pytest.mark.parametrize(
    ("viewer", "engine", "states", "question"),
    ASKED,
    ids=lambda value: "" if isinstance(value, tuple) else getattr(value, "__name__", value),
)
def test_a_hidden_word_is_searched_like_a_word_that_stands_nowhere(garden, crawls, viewer, engine, states, question):
    client = crawls.client(viewer)
    searched = 0
    with clock(BEFORE), engine():
        for state in states:
            form = question.replace("{meeting}", garden.abstracts[state].meeting.slug)
            nothing = _without(ask(client, form.format(NOTHING)), NOTHING)
            for planted in garden.tokens:
                # The name of a file is of another length, which the echo of it shows.
                hidden = planted.state == state and not garden.may_see(planted, ROLES[viewer], BEFORE)
                if hidden and len(planted.token) == len(NOTHING):
                    searched += 1
                    answer = ask(client, form.format(planted.token))
                    assert _without(answer, planted.token) == nothing, str(planted)
                    assert not leaks(garden, {"": answer}, viewer, BEFORE).keys() - {str(planted)}
    assert searched > 12 * len(states)


def test_a_hidden_word_is_searched_in_favorites_like_a_word_that_stands_nowhere(garden, crawls):
    """All abstracts are favorites of who asks."""
    client = crawls.client("anonymous with favorites")
    words = [p for p in garden.tokens if p.model is Abstract and not garden.may_see(p, Role.ANONYMOUS, BEFORE)]
    assert len(words) > 20
    with clock(BEFORE):
        nothing = _without(ask(client, f"/favorites/?q={NOTHING}"), NOTHING)
        for planted in words:
            if len(planted.token) == len(NOTHING):
                answer = ask(client, f"/favorites/?q={planted.token}")
                assert _without(answer, planted.token) == nothing, str(planted)


# It depends on the letters that were typed; that it knows no hidden word, tests/abstracts/search/test_law.py holds.
CORRECTION = re.compile(r'<p class="notice no-print">Did you mean .*?</p>', re.S)


def _without(answer: Answer, word: str) -> tuple:
    # The ETag is a digest of the page, and the page repeats the word.
    headers = [(name, value.replace(word, "")) for name, value in answer.headers if name not in VARYING]
    return answer.status, headers, CORRECTION.sub("", answer.body.replace(word, ""))


VARYING = ("ETag", "Content-Length")


def test_every_form_that_takes_words_is_in_questions(garden):
    """A new text input on any public page is to be added to QUESTIONS (or shown here to take none of ours)."""
    client = Client()
    known = {re.sub(r".*[?&](\w+)={}$", r"\1", question) for question in QUESTIONS}
    with clock(RELEASE):
        for path in (
            "/",
            "/search/",
            "/keywords/",
            "/authors/",
            garden.abstracts["released"].meeting.get_absolute_url(),
        ):
            inputs = re.findall(r"<input\b[^>]*>", ask(client, path).body)
            words = [i for i in inputs if not re.search(r'type="(hidden|checkbox|radio|submit|date)"', i)]
            names = {match[1] for i in words if (match := re.search(r'name="([^"]+)"', i))}
            assert names - {"start"} <= known, path


def test_no_mail_to_the_press_says_a_word_that_its_reader_may_not_read(garden, crawls):
    """What is ahead is moved; every kind of press is told, as far as it may read that, at each instant."""
    viewers = {
        User.objects.get(pk=crawls.client(viewer).session["_auth_user_id"]).email: viewer
        for viewer in ROLES
        if viewer.startswith("press")
    }
    mailed: dict[str, set[str]] = {}
    with undone():
        PressAccess.objects.update(wants_releases=True, mailed_until=LONG_BEFORE, mailed_entry=last_entry())
        PressAccess.objects.filter(accepted_at__isnull=False).update(accepted_at=LONG_BEFORE)
        for state in ("hidden", "shell", "listing", "held", "draft", "unpublished"):
            row = Abstract.unfiltered.get(pk=garden.abstracts[state].pk)
            with gate.bypassing("a test"):
                row.override_released_from = RELEASE + dt.timedelta(days=1)
                row.save()
        for instant in (AHEAD, RELEASE + dt.timedelta(days=2)):
            mail.outbox.clear()
            notice(instant)
            send_news(instant)
            for message in mail.outbox:
                viewer = viewers[message.to[0]]
                words = set(TOKEN.findall(f"{message.message()}{message.body}".lower()))
                mailed.setdefault(viewer, set()).update(words)
                facts = {
                    state: {**of, **oracle.facts(garden.abstracts[state].pk)} for state, of in garden.facts.items()
                }
                now = replace(garden, facts=facts)
                leaked = [p for p in garden.tokens if p.token in words and not now.may_see(p, ROLES[viewer], instant)]
                assert not leaked, (viewer, instant, [str(p) for p in leaked])
    assert any(p.token in mailed["press"] for p in garden.tokens if p.state == "hidden" and p.field == "title")


LONG_BEFORE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
MAILED = [BEFORE, LISTING, AHEAD, RELEASE, RELEASE + dt.timedelta(days=7)]


def test_no_mail_says_a_word_ahead_of_its_release(garden, crawls):
    """Whoever owns a search, its alerts say what the public may see; at each instant, by every kind of alert."""
    broad = ["year_from=1900", "figures=on", f"q={RELEASE.year}"]
    hidden = {p.token for p in garden.tokens if not garden.may_see(p, Role.ANONYMOUS, AHEAD)}
    for viewer in ("reader", "press", "clerk", "staff"):
        user = User.objects.get(pk=crawls.client(viewer).session["_auth_user_id"])
        for alert in ("release", "daily", "weekly"):
            for query in (*broad, *(f"q={token}" for token in sorted(hidden)[::40])):
                SavedSearch.objects.create(
                    user=user, name=query, query_string=query, alert=alert, searched_until=LONG_BEFORE
                )
    mailed: set[str] = set()
    for instant in MAILED:
        mail.outbox.clear()
        send_alerts(instant)
        for message in mail.outbox:
            words = set(TOKEN.findall(f"{message.message()}{message.body}{message.alternatives}".lower()))
            # The name of the search is in it, too: that a mail comes of a hidden word would tell of it.
            leaked = [p for p in garden.tokens if p.token in words and not garden.may_see(p, Role.ANONYMOUS, instant)]
            assert not leaked, (instant, [str(p) for p in leaked])
            mailed |= words
    released = [p for p in garden.tokens if p.state in ("hidden", "listing") and p.field == "title"]
    assert all(p.token in mailed for p in released), "the canary has to sing once it may"
