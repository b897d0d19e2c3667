"""Habit 5: an address that is added is classified, and it is said what it may show before release, or this fails."""

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from abstracts.models import Figure, KeywordSynonym, Rendition
from acrsite.access import PERSONAL, PERSONAL_PREFIXES, PUBLIC, Access, access_of
from tests.accounts.personas import give_access
from tests.canary.walking import filled, patterns
from tests.factories import KeywordFactory, MeetingFactory, PageFactory, UserFactory, whole_abstract

BY_LEVEL = "abstracts as far as the public level of each goes: shells as numbers, listings without text"
LISTINGS = "only what comes from abstracts whose listing is public; counts of those alone"
LISTED_ONLY = "listings, without text; nothing of a shell"
NO_ABSTRACT = "nothing of any abstract"
RELEASED = "only what is released to the public, whoever asks"
OWN = "what the visitor saved, as far as the viewer's level of each goes"

# What each address may show of abstracts before their release, to those who may not read ahead.
BEFORE_RELEASE = {
    "home": f"keywords: {LISTINGS}",
    "meeting-list": NO_ABSTRACT,
    "meeting": f"{BY_LEVEL}; number ranges of those alone",
    "session": f"{BY_LEVEL}; number ranges of those alone",
    "abstract": "a listing, where that is public; else not found",
    "abstract-by-number": "a shell where that is public; the way to a listing; else not found",
    "figure-file": "not found",
    "figure-rendition": "not found",
    "keyword-list": LISTINGS,
    "keyword": LISTINGS,
    "keyword-by-tag": f"the way to a keyword's page: {LISTINGS}",
    "author-list": LISTINGS,
    "author": LISTINGS,
    "search": f"{BY_LEVEL}; words match what the public may read, and nothing else",
    "suggestions": f"titles, keywords, authors: {LISTINGS}",
    "opensearch": NO_ABSTRACT,
    "abstract-card": "title, number and meeting of a listing, where that is public, whoever asks; else not found",
    "site-card": NO_ABSTRACT,
    "feed-newest": RELEASED,
    "feed-meeting": RELEASED,
    "feed-keyword": RELEASED,
    "feed-search": RELEASED,
    "sitemap": RELEASED,
    "sitemap-part": RELEASED,
    "robots": NO_ABSTRACT,
    "favicon": NO_ABSTRACT,
    "web-manifest": NO_ABSTRACT,
    "service-worker": NO_ABSTRACT,
    "offline": NO_ABSTRACT,
    "favorites-offline": "titles of what is released to the public, whoever asks",
    "abstract-citations": "title, authors and meeting of a listing, where that is public; else not found",
    "abstract-export": "a listing, where that is public; else not found",
    "session-export": LISTED_ONLY,
    "meeting-export": LISTED_ONLY,
    "search-export": f"{LISTED_ONLY}; words match what the public may read, and nothing else",
    "download-list": NO_ABSTRACT,
    "download": f"how many abstracts are public, and whether there is a book: {BY_LEVEL}, whoever asks",
    "download-book": f"{BY_LEVEL}, whoever asks; a book that shows more is not served",
    "embargo-policy": NO_ABSTRACT,
    "press": NO_ABSTRACT,
    "press-apply": NO_ABSTRACT,
    "press-sent": NO_ABSTRACT,
    "page": NO_ABSTRACT,
    "favorites": OWN,
    "favorites-print": OWN,
    "favorites-export": OWN,
    "favorites-clear": OWN,
    "favorites-restore": OWN,
    "favorites-note": "not found, for what the viewer may not see",
    "favorites-place": OWN,
    "favorites-arrange": OWN,
    "favorites-lists": NO_ABSTRACT,
    "favorites-list-new": NO_ABSTRACT,
    "favorites-list-rename": NO_ABSTRACT,
    "favorites-list-delete": NO_ABSTRACT,
    "favorites-list-share": NO_ABSTRACT,
    "favorites-list-stop-sharing": NO_ABSTRACT,
    "favorites-program": OWN,
    "favorites-program-file": f"what the visitor saved: {BY_LEVEL}, whoever asks",
    "favorites-calendar-new": NO_ABSTRACT,
    "favorites-calendar-revoke": NO_ABSTRACT,
    "calendar": f"what the owner saved: {BY_LEVEL}, whoever asks",
    "shared-list": f"what the owner saved, for whoever opens it: {BY_LEVEL}",
    "shared-list-keep": OWN,
    "shared-list-export": LISTED_ONLY,
    "favorite-add": "not found, for what the viewer may not see",
    "favorite-remove": NO_ABSTRACT,
    "healthz": NO_ABSTRACT,
    "readyz": NO_ABSTRACT,
    # Sign-in and accounts: allauth's pages, and the site's own.
    "account_overview": NO_ABSTRACT,
    "account_profile": NO_ABSTRACT,
    "account_download": f"{OWN}; of embargoed reads those that still show",
    "account_delete": NO_ABSTRACT,
    "account_second_factor": NO_ABSTRACT,
    "account_press": NO_ABSTRACT,
    "account_press_accept": NO_ABSTRACT,
    "account_press_mails": NO_ABSTRACT,
    "account_session_end": NO_ABSTRACT,
    "account_searches": "what the user typed",
    "account_search_new": "what the user typed",
    "account_search": "what the user typed",
    "account_search_delete": NO_ABSTRACT,
    "account_search_unsubscribe": "what its owner typed",
    "account_request_login_code": NO_ABSTRACT,
    "account_login": NO_ABSTRACT,
    "account_logout": NO_ABSTRACT,
    "account_inactive": NO_ABSTRACT,
    "account_signup": NO_ABSTRACT,
    "account_reauthenticate": NO_ABSTRACT,
    "account_email": NO_ABSTRACT,
    "account_confirm_login_code": NO_ABSTRACT,
    "account_email_verification_sent": NO_ABSTRACT,
    "account_change_password": NO_ABSTRACT,
    "account_set_password": NO_ABSTRACT,
    "account_reset_password": NO_ABSTRACT,
    "account_reset_password_done": NO_ABSTRACT,
    "account_reset_password_from_key": NO_ABSTRACT,
    "account_reset_password_from_key_done": NO_ABSTRACT,
    "mfa_index": NO_ABSTRACT,
    "mfa_authenticate": NO_ABSTRACT,
    "mfa_reauthenticate": NO_ABSTRACT,
    "mfa_activate_totp": NO_ABSTRACT,
    "mfa_deactivate_totp": NO_ABSTRACT,
    "mfa_view_recovery_codes": NO_ABSTRACT,
    "mfa_generate_recovery_codes": NO_ABSTRACT,
    "mfa_download_recovery_codes": NO_ABSTRACT,
    "mfa_list_webauthn": NO_ABSTRACT,
    "mfa_add_webauthn": NO_ABSTRACT,
    "mfa_edit_webauthn": NO_ABSTRACT,
    "mfa_remove_webauthn": NO_ABSTRACT,
    "mfa_reauthenticate_webauthn": NO_ABSTRACT,
    "mfa_login_webauthn": NO_ABSTRACT,
    "socialaccount_login_cancelled": NO_ABSTRACT,
    "socialaccount_login_error": NO_ABSTRACT,
    "socialaccount_signup": NO_ABSTRACT,
    "socialaccount_connections": NO_ABSTRACT,
    "orcid_login": NO_ABSTRACT,
    "orcid_callback": NO_ABSTRACT,
    "usersessions_list": NO_ABSTRACT,
}

OURS = [parts for app, parts in patterns() if not app]
ADMIN = [parts for app, parts in patterns() if app == "admin"]


def name_of(parts) -> str | None:
    return parts[-1].name


def test_every_address_is_named_and_classified():
    for parts in OURS:
        assert name_of(parts), parts
        assert access_of(name_of(parts), []) is not Access.STAFF, f"{name_of(parts)} is to be put into acrsite.access"
    assert {app for app, _ in patterns()} == {"", "admin"}, "another application with addresses: what is it?"
    assert all(access_of(name_of(parts), ["admin"]) is Access.STAFF for parts in ADMIN)


def test_the_table_says_for_every_address_what_it_shows_before_release():
    assert {name_of(parts) for parts in OURS} == set(BEFORE_RELEASE)


def test_every_classified_address_exists_and_has_one_class():
    assert set(BEFORE_RELEASE) >= PUBLIC | PERSONAL
    assert not PUBLIC & PERSONAL
    assert not any(name.startswith(PERSONAL_PREFIXES) for name in PUBLIC)


@pytest.fixture
def addresses(db) -> dict[str, str]:
    return addresses_of_public_pages()


def addresses_of_public_pages() -> dict[str, str]:
    """An address of each PUBLIC name at which there is something."""
    abstract = whole_abstract()
    session = abstract.meeting.sessions.get()
    figure = Figure.unfiltered.get()
    figure.image = ContentFile(b"x", name="a.png")
    figure.save()
    Rendition.unfiltered.create(figure=figure, width=640, height=1, image=ContentFile(b"x", name="a.png"))
    keyword = abstract_keyword(abstract)
    synonym = KeywordSynonym.unfiltered.create(keyword=keyword, name="synonym")
    args = {
        "home": [],
        "meeting-list": [],
        "meeting": [abstract.meeting.slug],
        "session": [abstract.meeting.slug, session.slug],
        "abstract": [abstract.slug],
        "abstract-by-number": [abstract.meeting.slug, abstract.number],
        "figure-file": [figure.key],
        "figure-rendition": [figure.key, 640],
        "keyword-list": [],
        "keyword": [keyword.slug],
        "keyword-by-tag": [synonym.slug],
        "author-list": [],
        "author": [person_slug(abstract)],
        "search": [],
        "suggestions": [],
        "opensearch": [],
        "abstract-card": [abstract.slug],
        "site-card": [],
        "feed-newest": [],
        "feed-meeting": [abstract.meeting.slug],
        "feed-keyword": [keyword.slug],
        "feed-search": [],
        "sitemap": [],
        "sitemap-part": ["abstracts", 1],
        "robots": [],
        "favicon": [],
        "web-manifest": [],
        "service-worker": [],
        "offline": [],
        "abstract-citations": [abstract.slug],
        "abstract-export": [abstract.slug, "ris"],
        "session-export": [abstract.meeting.slug, session.slug, "ris"],
        "meeting-export": [abstract.meeting.slug, "jsonl"],
        "search-export": ["csv"],
        "download-list": [],
        "download": [abstract.meeting.slug],
        "download-book": [abstract.meeting.slug],
        "embargo-policy": [abstract.meeting.slug],
        "press": [],
        "press-sent": [abstract.meeting.slug],
        "page": [PageFactory().slug],
    }
    return {name: reverse(name, args=values) for name, values in args.items()}


def abstract_keyword(abstract):
    from abstracts.models import AbstractKeyword

    return AbstractKeyword.unfiltered.filter(abstract=abstract).first().keyword


def person_slug(abstract) -> str:
    from abstracts.models import AuthorLine

    return AuthorLine.unfiltered.filter(abstract=abstract).first().person.slug


def content(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_page_is_the_same_for_every_visitor_and_sets_no_cookie(addresses, name):
    visits = []
    for headers in ({}, {"user-agent": "Other/1.0", "accept-language": "de", "referer": "https://x.example/"}):
        for cache in caches.all(initialized_only=True):
            cache.clear()
        client = Client()
        response = client.get(addresses[name], headers=headers)
        assert response.status_code in (200, 301, 302), name
        assert not response.cookies
        body = content(response)
        assert b"csrfmiddlewaretoken" not in body
        visits.append((response.status_code, body, response.get("Location")))
    assert visits[0] == visits[1]


def test_every_public_address_was_visited(addresses):
    assert set(addresses) == PUBLIC


def viewer(kind: str) -> Client:
    client = Client()
    if kind == "anonymous":
        return client
    user = UserFactory()
    if kind == "press":
        give_access(user, MeetingFactory())
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


ONE_OF_EACH = {"pk": ["1"], "slug": ["abstracts"], "key": ["1"]}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["anonymous", "reader", "press"])
def test_the_admin_is_closed_to_all_but_staff(kind):
    client = viewer(kind)
    paths = {path for parts in ADMIN for path in filled(parts, ONE_OF_EACH)}
    assert len(paths) > 50
    for path in paths - {reverse("admin:login"), reverse("admin:logout")}:
        response = client.get(path)
        assert response.status_code in (302, 403), path
        if response.status_code == 302:
            assert "/login/" in response["Location"], path
        assert response["Cache-Control"].startswith(("private", "max-age=0")), path


PERSONAL_ARGS = {
    "press-apply": ["a-meeting"],
    "favorites-export": ["ris"],
    "favorites-list-rename": [1],
    "favorites-list-delete": [1],
    "favorites-list-share": [1],
    "favorites-list-stop-sharing": [1],
    "calendar": ["token"],
    "shared-list": ["token"],
    "shared-list-keep": ["token"],
    "shared-list-export": ["token", "ris"],
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_personal_pages_may_not_be_stored(name):
    KeywordFactory()
    response = Client().get(reverse(name, args=PERSONAL_ARGS.get(name, [])))
    assert "public" not in response.get("Cache-Control", "")
