"""Every type of page in every state in a real browser: quiet, accessible, no wider than the screen, dark or light."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from abstracts.models import Abstract
from tests import pages
from tests.accounts.signing_in import confirmed, shown_again, signed_in
from tests.factories import StaffFactory, UserFactory

from .conftest import NARROW, WIDE, accessibility_problems

LOOKS = {"wide, light": (WIDE, "light"), "narrow, dark": (NARROW, "dark")}
# What WCAG 2.2 AA asks of a target (2.5.8): 24 by 24 pixels, links in a line of text and native controls excepted.
SMALL_TARGETS = """
[...document.querySelectorAll("button, .button, summary, .letters a, .pagination a, .tabs a, .bar-link, .site-nav > a")]
  .filter(e => e.checkVisibility())
  .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([text, box]) => `${text} is ${box.width} by ${box.height}`)
"""


@pytest.fixture
def addresses(transactional_db) -> dict[str, str]:
    return pages.a_page_of_every_type()


def problems_of(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands, in each look."""
    return [problem for look in LOOKS for problem in problems_in(page, look, name)]


def problems_in(page: Page, look: str, name: str) -> list[str]:
    viewport, scheme = LOOKS[look]
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)
    problems = [*accessibility_problems(page), *page.evaluate(SMALL_TARGETS)]
    if page.locator("h1").count() != 1:
        problems.append(f"has {page.locator('h1').count()} headings of the first level")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        problems.append(f"is {overflow} px wider than the screen")
    return [f"{name} ({look}): {problem}" for problem in problems]


def known_as(page: Page, client: Client, live_server) -> None:
    """Gives the visitor of `page` the session of `client`."""
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])


FORMS = ("sign up in Spanish", "press application")


def test_every_page_is_quiet_accessible_fits_and_sets_no_cookie(page, addresses):
    """Quiet: the page asks nothing of other hosts either (see conftest)."""
    problems = []
    for name, address in addresses.items():
        page.goto(address)
        if name in pages.PERSONAL or name in FORMS:  # their forms need a token
            page.context.clear_cookies()
        assert page.context.cookies() == [], name
        problems += problems_of(page, name)
    assert not problems, "\n".join(problems)


def test_a_page_that_begins_narrow_and_dark_is_accessible(new_page, addresses):
    """The other tests change a page's look after it has loaded."""
    viewport, scheme = LOOKS["narrow, dark"]
    page = new_page(viewport=viewport, color_scheme=scheme)
    problems = []
    for name in ("home", "meeting", "abstract", "search", "keywords"):
        page.goto(addresses[name])
        problems += problems_in(page, "narrow, dark", name)
    assert not problems, "\n".join(problems)


def test_the_pages_of_one_who_saved_are_too(page, addresses, live_server):
    reader = Client()
    reader.force_login(UserFactory())
    mine = pages.star_everything(reader)
    known_as(page, reader, live_server)
    problems = []
    for name, address in {**mine, "starred": addresses["abstract"]}.items():
        page.goto(address)
        problems += problems_of(page, name)
    assert not problems, "\n".join(problems)


def test_the_pages_of_an_account_are_too(page, addresses, live_server):
    reader = confirmed()
    known_as(page, shown_again(signed_in(reader)), live_server)
    problems = []
    for name, address in pages.an_account_with_everything(reader).items():
        page.goto(address)
        assert page.url.endswith(address), name
        problems += problems_of(page, name)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("look", LOOKS)
def test_open_menus_and_suggestions_are_too(new_page, addresses, look):
    viewport, scheme = LOOKS[look]
    page = new_page(viewport=viewport, color_scheme=scheme)
    page.goto(addresses["abstract"])
    for summary in page.locator("details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()
    problems = problems_in(page, look, "abstract, all open")
    page.goto("/")
    page.get_by_role("main").get_by_role("combobox").press_sequentially("imm")
    page.get_by_role("option").first.wait_for()
    problems += problems_in(page, look, "suggestions")
    assert not problems, "\n".join(problems)


def test_the_curators_pages_are_too(new_page, addresses, live_server):
    # axe styles elements while it measures, which the policy would stop; test_admin holds the admin to the policy.
    page, staff, user = new_page(bypass_csp=True), Client(), StaffFactory()
    staff.force_login(user)
    known_as(page, staff, live_server)
    page.goto(reverse("admin:abstracts_import"))
    problems = accessibility_problems(page)
    for name, address in (pages.changes_of_what_the_public_sees(user) | pages.embargo_of_a_meeting()).items():
        page.goto(address)
        problems += [f"{name}: {problem}" for problem in accessibility_problems(page)]
    page.goto(addresses["abstract"])
    problems += problems_of(page, "abstract, read by staff")
    assert not problems, "\n".join(problems)


def test_nothing_moves_while_a_page_loads(new_page, addresses):
    page = new_page(viewport=NARROW)
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.moved += e.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    for name in ("home", "meeting", "abstract", "search", "keywords"):
        page.goto(addresses[name], wait_until="networkidle")
        assert page.evaluate("window.moved") < 0.01, name


def test_a_figure_has_its_place_before_it_loads(new_page, addresses):
    page = new_page(viewport=NARROW)
    page.route("**/figures/**", lambda route: None)  # never answered
    page.goto(addresses["abstract"], wait_until="domcontentloaded")
    image = page.locator(".figure img[width]").last
    shape = image.evaluate("image => [image.complete && image.naturalWidth, image.width, image.height]")
    assert shape[0] in (False, 0)
    assert shape[1] > 300
    assert shape[2] == pytest.approx(shape[1] * 0.7, abs=3)  # as tests.pages plants it


def test_the_keyboard_skips_to_the_content(page, addresses):
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.urls("tests.acrsite.styleguide_urls")
def test_the_style_guide_is_accessible(page, transactional_db):
    page.goto("/styleguide/")
    problems = problems_of(page, "style guide")
    assert not problems, "\n".join(problems)
    assert not Abstract.unfiltered.exists()
