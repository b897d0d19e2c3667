"""The class of every address. Caching reads it; `tests/test_classification.py` fails for an address without one.

PUBLIC    the same for every visitor without a session; any proxy may store it until the next embargo instant.
PERSONAL  depends on the visitor, or changes something; nobody may store it.
STAFF     the admin; nobody may store it, and only staff see it.

An address that is not listed counts as STAFF.
"""

import enum


class Access(enum.Enum):
    PUBLIC = "public"
    PERSONAL = "personal"
    STAFF = "staff"


PUBLIC = {
    "home",
    "meeting-list",
    "meeting",
    "session",
    "abstract",
    "abstract-by-number",
    "figure-file",
    "figure-rendition",
    "keyword-list",
    "keyword",
    "keyword-by-tag",
    "author-list",
    "author",
    "search",
    "suggestions",
    "opensearch",
    "abstract-card",
    "abstract-citations",
    "abstract-export",
    "session-export",
    "meeting-export",
    "search-export",
    "site-card",
    "feed-newest",
    "feed-meeting",
    "feed-keyword",
    "feed-search",
    "sitemap",
    "sitemap-part",
    "robots",
    "favicon",
    "web-manifest",
    "service-worker",
    "offline",
    "download-list",
    "download",
    "download-book",
    "embargo-policy",
    "press",
    "press-sent",
    "page",
}
PERSONAL = {
    "favorites-offline",
    "favorites",
    "favorites-print",
    "favorites-export",
    "favorites-clear",
    "favorites-restore",
    "favorites-note",
    "favorites-place",
    "favorites-arrange",
    "favorites-lists",
    "favorites-list-new",
    "favorites-list-rename",
    "favorites-list-delete",
    "favorites-list-share",
    "favorites-list-stop-sharing",
    "favorites-program",
    "favorites-program-file",
    "favorites-calendar-new",
    "favorites-calendar-revoke",
    "calendar",
    "shared-list",
    "shared-list-keep",
    "shared-list-export",
    "favorite-add",
    "favorite-remove",
    "press-apply",
    "healthz",
    "readyz",
}
# Pages of accounts: our own, and allauth's.
PERSONAL_PREFIXES = ("account_", "mfa_", "usersessions_", "socialaccount_", "orcid_")


def access_of(url_name: str | None, app_names: list[str]) -> Access:
    """The class of the address with `url_name` in the URL applications `app_names` (["admin"] for the admin's)."""
    if app_names or not url_name:
        return Access.STAFF
    if url_name in PUBLIC:
        return Access.PUBLIC
    if url_name in PERSONAL or url_name.startswith(PERSONAL_PREFIXES):
        return Access.PERSONAL
    return Access.STAFF
