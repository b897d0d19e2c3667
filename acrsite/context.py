"""Context of every page: names, links and the menu of the site, and whether the visitor brought a session.

The menu and the footer cost one query each, when a template first uses them.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from abstracts.models import Meeting, Page
from abstracts.templatetags.archive import group_anchor
from abstracts.visibility import ANONYMOUS
from abstracts.visibility.prepared import PreparedQuery
from abstracts.words.addresses import address

# The menu stays short; the page of all meetings has the rest.
MENU_MEETINGS = 12
MENU_GROUPS = 12


class Link(NamedTuple):
    name: str
    url: str
    slug: str = ""


class Menu(NamedTuple):
    """Links to meetings, links to groups of older meetings, and the newest meeting (None without meetings)."""

    meetings: list[Link]
    groups: list[Link]
    current: Link | None


def menu_of(rows: Sequence[Sequence[str]]) -> Menu:
    """The menu of meetings, given as (name, slug, menu group) in menu order."""
    links = (Link(name, address("meeting", slug), slug) for name, slug, group in rows if not group)
    base = reverse("meeting-list")
    names = dict.fromkeys(group for _, _, group in rows if group)
    groups = [Link(name, f"{base}#{group_anchor(name)}") for name in islice(names, MENU_GROUPS)]
    current = Link(rows[0][0], address("meeting", rows[0][1]), rows[0][1]) if rows else None
    return Menu(list(islice(links, MENU_MEETINGS)), groups, current)


_MEETINGS = PreparedQuery(
    Meeting,
    lambda keys: Meeting.objects.visible_to(ANONYMOUS).newest_first().values_list("name", "slug", "menu_group"),
)
_FOOTER = PreparedQuery(Page, lambda keys: Page.objects.filter(in_footer=True).values_list("title", "slug"))


class Site:
    """The names and links of the site, from settings and from staff."""

    name = property(lambda self: settings.SITE_NAME)
    url = property(lambda self: settings.SITE_URL)
    society_name = property(lambda self: settings.SOCIETY_NAME)
    society_meetings_name = property(lambda self: settings.SOCIETY_MEETINGS_NAME)
    society_meetings_url = property(lambda self: settings.SOCIETY_MEETINGS_URL)
    journal_name = property(lambda self: settings.JOURNAL_NAME)
    journal_url = property(lambda self: settings.JOURNAL_URL)
    # Each language by its own name.
    languages = property(lambda self: settings.LANGUAGES)

    @cached_property
    def menu(self) -> Menu:
        return menu_of(list(_MEETINGS.all()))

    @cached_property
    def footer_pages(self) -> list[Link]:
        return [Link(title, address("page", slug)) for title, slug in _FOOTER.all()]


def content_lang() -> str:
    """The lang attribute of elements with text of abstracts; "" if the page has the same language."""
    language = settings.CONTENT_LANGUAGE
    return "" if get_language() == language else SafeString(f' lang="{language}"')


def page_lang() -> str:
    """The lang attribute of the page's own words inside such an element; "" if both have the same language."""
    return SafeString(f' lang="{get_language()}"') if content_lang() else ""


def site(request) -> dict:
    """Context processor. Templates may use the session and the user only if `has_session`."""
    return {
        "site": Site(),
        "has_session": settings.SESSION_COOKIE_NAME in request.COOKIES,
        "LANGUAGE_CODE": get_language(),
        "content_lang": content_lang(),
        "page_lang": page_lang(),
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
    }
