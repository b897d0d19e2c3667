"""No word of an abstract leaves the site before its time, by no address, for nobody who may not read it.

Every text field of abstracts in every state holds a token that stands nowhere else (`canary.planting`). Every address,
filled with everything in the database, and every link is asked for (`canary.walking`), as every kind of viewer, before,
at and after the instants of listing and release. A token may be in an answer only where the register and the oracle
allow it (`canary.register`); and what may not be seen must not make any difference either.
"""

import datetime as dt
import hashlib
import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import is_valid_path
from django.utils import translation

from abstracts.downloads import making
from abstracts.models import Abstract
from abstracts.printing import compiling
from abstracts.visibility import Level, Role
from abstracts.words.addresses import in_language
from accounts.models import SavedSearch, User
from accounts.searches.alerts.running import run as send_alerts
from acrsite.access import PUBLIC
from tests.canary.planting import LISTING, RELEASE, Garden, plant, remove_hidden, scramble
from tests.canary.register import REGISTER, Same, rule_of, tables, text_fields
from tests.canary.walking import NOWHERE, Answer, addresses, admin_addresses, ask, filled, patterns, values_of, walk
from tests.factories import FavoriteFactory, FavoritesListFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

MICROSECOND = dt.timedelta(microseconds=1)
BEFORE = dt.datetime(2020, 4, 1, tzinfo=dt.UTC)
ROLES = {
    "anonymous": Role.ANONYMOUS,
    "anonymous with favorites": Role.ANONYMOUS,
    "reader": Role.READER,
    "press without terms": Role.READER,
    "press": Role.PRESS,
    "clerk": Role.READER,
    "staff": Role.STAFF,
}
WALKS = [
    *(("anonymous", at) for at in (BEFORE, LISTING, RELEASE - MICROSECOND, RELEASE)),
    *((viewer, RELEASE - MICROSECOND) for viewer in ROLES if viewer != "anonymous"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("figures")


@pytest.fixture(scope="module")
def garden(django_db_setup, django_db_blocker, folder):
    """Planted once for all tests of this module, in one transaction that is undone after them."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        # Every test ends by closing the connection, and with it would end this transaction.
        patch.setattr(connection, "close", lambda: None)
        with override_settings(FIGURES_ROOT=folder):
            garden = plant()
        yield garden
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _planted_figures(settings, folder, _own_figures_folder):
    settings.FIGURES_ROOT = folder


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


@pytest.fixture
def at(monkeypatch):
    """Sets the instant at which requests are made. Only requests: what asks the real clock, years later, is caught."""

    def set_instant(instant: dt.datetime) -> None:
        monkeypatch.setattr("acrsite.middleware.timezone", SimpleNamespace(now=lambda: instant))
        for cache in caches.all(initialized_only=True):
            cache.clear()

    return set_instant


def client_of(viewer: str, garden: Garden) -> Client:
    """A signed-in client whose favorites are all abstracts there are."""
    client = Client()
    if viewer == "anonymous":
        return client
    saved = FavoritesListFactory()
    if viewer == "anonymous with favorites":
        session = client.session
        session["favorites_list"] = saved.pk
        session.save()
        client.cookies["sessionid"] = session.session_key
    else:
        user = {"staff": StaffFactory, "clerk": lambda: UserFactory(is_staff=True)}.get(viewer, UserFactory)()
        if viewer.startswith("press"):
            user.user_permissions.add(Permission.objects.get(codename="read_embargoed"))
            user.embargo_terms_accepted_at = BEFORE if viewer == "press" else None
        user.save()
        saved.user = user
        saved.save()
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    for abstract in garden.abstracts.values():
        FavoriteFactory(list=saved, abstract=abstract)
    return client


def told(answers: dict[str, Answer]) -> dict[str, list[str]]:
    """Where each token was found."""
    found: dict[str, list[str]] = {}
    for path, answer in answers.items():
        for token in set(re.findall(r"zq[a-z]{4}qz", answer.text)):
            found.setdefault(token, []).append(path)
    return found


@pytest.fixture(scope="module")
def existing(garden, django_db_blocker, folder) -> list[str]:
    """The addresses at which there is anything for anybody."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(FIGURES_ROOT=folder):
        client = client_of("staff", garden)
        found = [path for path in addresses(garden) if ask(client, path).status != 404]
        transaction.set_rollback(True)
    return found


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


def leaks(garden: Garden, answers: dict[str, Answer], viewer: str, instant: dt.datetime) -> dict[str, list[str]]:
    """What was told to `viewer` that may not be: where."""
    assert not [a for a in answers.values() if a.status >= 500]
    found = told(answers)
    return {
        str(planted): found[planted.token][:5]
        for planted in garden.tokens
        if planted.token in found and not garden.may_see(planted, ROLES[viewer], instant)
    }


@pytest.mark.parametrize(("viewer", "instant"), WALKS, ids=lambda value: str(value).replace("+00:00", ""))
def test_a_word_is_told_to_nobody_who_may_not_read_it(garden, existing, at, viewer, instant):
    at(instant)
    assert not leaks(garden, walk(client_of(viewer, garden), existing), viewer, instant)


@pytest.mark.parametrize(("viewer", "instant"), [("anonymous", BEFORE), ("anonymous", RELEASE - MICROSECOND)])
def test_a_page_in_spanish_tells_no_more(garden, existing, at, viewer, instant):
    at(instant)
    client = client_of(viewer, garden)
    with translation.override("es"):
        there = [path for path in existing if is_valid_path(in_language(path.partition("?")[0], "es"))]
    answers = {path: ask(client, in_language(path, "es")) for path in there}
    assert sum(answer.status == 200 for answer in answers.values()) > 20
    assert not leaks(garden, answers, viewer, instant)


def test_a_book_made_at_any_instant_tells_nothing_at_any_other(garden, at, monkeypatch):
    """Served or not: whoever asks, and whenever it was made."""
    instants = (BEFORE, LISTING, RELEASE - MICROSECOND, RELEASE)
    meetings = {abstract.meeting.pk: abstract.meeting for abstract in garden.abstracts.values()}.values()
    served = 0
    for made_at in instants:
        monkeypatch.setattr("abstracts.downloads.making.timezone", SimpleNamespace(now=lambda made_at=made_at: made_at))
        for meeting in meetings:
            making.make(meeting)
        for instant in instants:
            at(instant)
            for viewer in ("anonymous", "press", "staff"):
                client = client_of(viewer, garden)
                paths = [f"/download/{meeting.slug}/{file}" for meeting in meetings for file in ("", "book.pdf")]
                answers = {path: ask(client, path) for path in paths}
                # Whoever asks, it is the public's.
                assert not leaks(garden, {p: a for p, a in answers.items() if "book" in p}, "anonymous", instant)
                assert not leaks(garden, answers, viewer, instant)
                served += sum(answer.text.count("zq") > 10 for path, answer in answers.items() if "book" in path)
    assert served > 10


@pytest.mark.parametrize("viewer", ["press", "clerk"])
def test_the_admin_tells_nothing_to_those_who_are_not_curators(garden, at, viewer):
    at(BEFORE)
    client = client_of(viewer, garden)
    answers = {path: ask(client, path) for path in admin_addresses(garden)}
    assert len(answers) > 50
    assert not leaks(garden, answers, viewer, BEFORE)


# What may be seen and is on no page as it stands: it is found by, leads on, or is kept beside what was typed.
NOT_SHOWN = {
    ("Affiliation", "country"),
    ("Affiliation", "institution"),
    ("KeywordSynonym", "slug"),
    ("Person", "orcid"),
    ("PersonName", "name"),
    ("PersonName", "slug"),
    ("SlugRedirect", "slug"),
}


def test_what_may_be_read_is_read_somewhere(garden, existing, at):
    """The positive control: a canary that never sings proves nothing."""
    at(RELEASE)
    found = told(walk(client_of("anonymous", garden), existing))
    told_fields = {(p.model.__name__, p.field) for p in garden.tokens if p.token in found}
    readable = {(p.model.__name__, p.field) for p in garden.tokens if garden.may_see(p, Role.ANONYMOUS, RELEASE)}
    assert sorted(readable - told_fields) == sorted(NOT_SHOWN)
    # What was hidden until now shows now: each word of the abstract itself.
    released = [p for p in garden.tokens if p.state == "hidden" and p.rule in Level and p.model is Abstract]
    assert [str(p) for p in released if p.token not in found] == [str(p) for p in released if p.field == "status_note"]


# Challenges and secrets of second factors; the file of one's data lists what the walk itself reads.
NEW_EACH_TIME = ("/accounts/2fa/", "/accounts/my-data.json", "/accounts/login/webauthn/", "/accounts/reauthenticate/")


@pytest.mark.parametrize(
    ("change", "viewer"), [(scramble, "anonymous"), (remove_hidden, "anonymous"), (scramble, "press")]
)
def test_what_may_not_be_seen_makes_no_difference(garden, existing, at, change, viewer):
    """With other hidden words, of other length, or without the hidden abstracts: every answer is the same."""
    client = client_of(viewer, garden)
    at(BEFORE)
    before = walk(client, existing)
    assert change(garden, ROLES[viewer], BEFORE)
    at(BEFORE)
    after = walk(client, existing)
    changed = [path for path, answer in after.items() if answer != before.get(path)]
    assert [path for path in changed if not path.startswith(NEW_EACH_TIME)] == []
    assert before.keys() == after.keys()


# An export of a search names a format, and nothing that could be hidden.
PUBLIC_PATTERNS = [
    parts for _, parts in patterns() if parts[-1].name in PUBLIC - {"search-export"} and "<" in str(parts[-1].pattern)
]


@pytest.mark.parametrize("parts", PUBLIC_PATTERNS, ids=lambda parts: parts[-1].name)
def test_what_is_hidden_is_not_found_as_what_never_was(garden, at, parts):
    """Every public address filled with hidden words: 404, byte for byte that of words that stand nowhere."""
    at(BEFORE)
    client = Client()
    never = ask(client, next(filled(parts, NOWHERE)))
    assert never.status == 404
    for state in ("hidden", "draft", "held", "unpublished"):
        for path in filled(parts, values_of(garden, state)):
            answer = ask(client, path)
            if answer.status == 404:
                assert _but_for_length(answer) == _but_for_length(never), path
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


@pytest.mark.parametrize("question", QUESTIONS)
def test_asking_for_a_hidden_word_is_asking_for_a_word_that_stands_nowhere(garden, at, question):
    at(BEFORE)
    client = Client()
    asked = 0
    for state in ("hidden", "shell", "listing", "draft"):
        form = question.replace("{meeting}", garden.abstracts[state].meeting.slug)
        nothing = _without(ask(client, form.format(NOTHING)), NOTHING)
        for planted in garden.tokens:
            # The name of a file is of another length, which the echo of it shows.
            hidden = planted.state == state and not garden.may_see(planted, Role.ANONYMOUS, BEFORE)
            if hidden and len(planted.token) == len(NOTHING):
                asked += 1
                answer = ask(client, form.format(planted.token))
                assert _without(answer, planted.token) == nothing, str(planted)
                assert not leaks(garden, {"": answer}, "anonymous", BEFORE).keys() - {str(planted)}
    assert asked > 50


def test_finding_a_hidden_word_in_favorites_is_finding_a_word_that_stands_nowhere(garden, at):
    """All abstracts are favorites of who asks."""
    at(BEFORE)
    client = client_of("anonymous with favorites", garden)
    nothing = _without(ask(client, f"/favorites/?q={NOTHING}"), NOTHING)
    asked = [p for p in garden.tokens if p.model is Abstract and not garden.may_see(p, Role.ANONYMOUS, BEFORE)]
    assert len(asked) > 20
    for planted in asked:
        if len(planted.token) == len(NOTHING):
            assert _without(ask(client, f"/favorites/?q={planted.token}"), planted.token) == nothing, str(planted)


# It depends on the letters that were typed; that it knows no hidden word, tests/abstracts/search/test_law.py holds.
CORRECTION = re.compile(r'<p class="notice no-print">Did you mean .*?</p>', re.S)


def _without(answer: Answer, word: str) -> tuple:
    # The ETag is a digest of the page, and the page says what was asked.
    headers = [(name, value.replace(word, "")) for name, value in answer.headers if name not in VARYING]
    return answer.status, headers, CORRECTION.sub("", answer.body.replace(word, ""))


VARYING = ("ETag", "Content-Length")


def test_every_form_that_takes_words_is_asked(garden, at):
    """A new text input on any public page is to be added to QUESTIONS (or shown here to take none of ours)."""
    at(RELEASE)
    client = Client()
    known = {re.sub(r".*[?&](\w+)={}$", r"\1", question) for question in QUESTIONS}
    for path in ("/", "/search/", "/keywords/", "/authors/", garden.abstracts["released"].meeting.get_absolute_url()):
        body = ask(client, path).body
        inputs = re.findall(r"<input\b[^>]*>", body)
        words = [i for i in inputs if not re.search(r'type="(hidden|checkbox|radio|submit|date)"', i)]
        names = {match[1] for i in words if (match := re.search(r'name="([^"]+)"', i))}
        assert names - {"start"} <= known, path


LONG_BEFORE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
MAILED = [BEFORE, LISTING, RELEASE - MICROSECOND, RELEASE, RELEASE + dt.timedelta(days=7)]


def test_no_mail_tells_a_word_ahead_of_its_release(garden):
    """Whoever owns a search, its alerts tell what the public may see; at each instant, by every kind of alert."""
    broad = ["year_from=1900", "figures=on", f"q={RELEASE.year}"]
    hidden = {p.token for p in garden.tokens if not garden.may_see(p, Role.ANONYMOUS, RELEASE - MICROSECOND)}
    for kind in ("reader", "press", "clerk", "staff"):
        user = User.objects.get(pk=client_of(kind, garden).session["_auth_user_id"])
        for alert in ("release", "daily", "weekly"):
            for query in (*broad, *(f"q={token}" for token in sorted(hidden)[::40])):
                SavedSearch.objects.create(
                    user=user, name=query, query_string=query, alert=alert, searched_until=LONG_BEFORE
                )
    told: set[str] = set()
    for instant in MAILED:
        mail.outbox.clear()
        send_alerts(instant)
        for message in mail.outbox:
            words = set(re.findall(r"zq[a-z]{4}qz", f"{message.message()}{message.body}{message.alternatives}".lower()))
            # The name of the search is in it, too: that a mail comes of a hidden word would tell of it.
            leaked = [p for p in garden.tokens if p.token in words and not garden.may_see(p, Role.ANONYMOUS, instant)]
            assert not leaked, (instant, [str(p) for p in leaked])
            told |= words
    released = [p for p in garden.tokens if p.state in ("hidden", "listing") and p.field == "title"]
    assert all(p.token in told for p in released), "the canary has to sing once it may"
