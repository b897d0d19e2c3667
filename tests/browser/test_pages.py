"""Every type of page in a real browser: quiet, accessible, and no wider than the screen, dark or light."""

import pytest
from django.urls import reverse

from abstracts.models import AbstractKeyword, AuthorLine, Presentation
from tests.factories import AbstractFactory, PageFactory, SectionFactory, whole_abstract

from .conftest import NARROW, WIDE, accessibility_problems

LONG_WORD = "Immunoglobulin" * 12
WIDE_TABLE = "<table><tr>" + "".join(f"<td>Invented measure {n}</td>" for n in range(12)) + "</tr></table>"


@pytest.fixture
def addresses(transactional_db) -> dict[str, str]:
    """A page of every type that anybody may see, with long words and a wide table in it, by name."""
    abstract = whole_abstract(title=f"{LONG_WORD} in <i>invented</i> cohorts")
    SectionFactory(abstract=abstract, position=9, label="Table 1", html=WIDE_TABLE)
    shell = AbstractFactory(meeting=abstract.meeting, shell=True)
    session = Presentation.unfiltered.get(abstract=abstract).session
    keyword = AbstractKeyword.unfiltered.filter(abstract=abstract).first().keyword
    person = AuthorLine.unfiltered.filter(abstract=abstract).first().person
    meeting = abstract.meeting.slug
    return {
        "home": reverse("home"),
        "meetings": reverse("meeting-list"),
        "meeting": reverse("meeting", args=[meeting]),
        "session": reverse("session", args=[meeting, session.slug]),
        "abstract": reverse("abstract", args=[abstract.slug]),
        "shell": reverse("abstract-by-number", args=[meeting, shell.number]),
        "keywords": reverse("keyword-list"),
        "keyword": reverse("keyword", args=[keyword.slug]),
        "authors": reverse("author-list"),
        "author": reverse("author", args=[person.slug]),
        "search": reverse("search") + "?q=invented",
        "embargo policy": reverse("embargo-policy", args=[meeting]),
        "page": reverse("page", args=[PageFactory(slug="about").slug]),
        "no favorites": reverse("favorites"),
        "sign in": reverse("account_login"),
        "sign up": reverse("account_signup"),
        "password": reverse("account_reset_password"),
        "missing": "/nothing/here/",
    }


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide light", "narrow dark"])
def test_every_page_is_quiet_accessible_and_fits(new_page, addresses, viewport, scheme):
    page = new_page(viewport=viewport, color_scheme=scheme)
    problems = []
    for name, address in addresses.items():
        page.goto(address)
        problems += [f"{name}: {problem}" for problem in accessibility_problems(page)]
        if page.locator("h1").count() != 1:
            problems.append(f"{name} has {page.locator('h1').count()} headings of the first level")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            problems.append(f"{name} is {overflow} px wider than the screen")
    assert not problems, "\n".join(problems)


def test_nothing_is_asked_of_other_hosts_and_no_cookie_is_set(new_page, addresses):
    page = new_page()
    for name, address in addresses.items():
        if name not in ("sign in", "sign up", "password"):  # these need their token
            page.goto(address)
            assert page.context.cookies() == [], name


def test_the_keyboard_skips_to_the_content(page, addresses):
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
