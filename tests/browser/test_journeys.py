"""The ten journeys that matter, as a researcher, a reporter or a curator makes them, with and without JavaScript.

The page fixtures see to it that no step of them makes the browser complain (see conftest).
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from abstracts.models import Abstract, AbstractKeyword, Presentation
from abstracts.visibility import Status
from tests.factories import AbstractFactory, PresentationFactory, StaffFactory, UserFactory, whole_abstract
from tests.pages import an_abstract_with_everything

from .conftest import NARROW

TITLE = "Glucocorticoid tapering in an invented cohort"
both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


@pytest.fixture
def abstract(transactional_db) -> Abstract:
    return whole_abstract(title=TITLE)


def in_main(page: Page):
    return page.get_by_role("main")


def star(page: Page):
    return in_main(page).get_by_role("button", name="Favorite").first


def sign_in(page: Page, user, live_server) -> None:
    """Gives the visitor of `page` the session of `user`."""
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])


def expect_at(page: Page, element: Locator, place: float) -> None:
    """Waits until `element` is where it was: browsers scroll back when the page has come, not before."""
    expect(element).to_be_in_viewport()
    for _ in range(100):
        if abs(element.bounding_box()["y"] - place) < 2:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{element} is at {element.bounding_box()}, and was at {place}")


@both_ways
def test_find_by_keyword(new_page, abstract, scripts):
    keyword = AbstractKeyword.unfiltered.filter(abstract=abstract).first().keyword
    page = new_page(java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Keyword Index").click()
    page.get_by_label("Find a keyword").fill(keyword.name.upper())
    if not scripts:
        page.get_by_label("Find a keyword").press("Enter")
    in_main(page).get_by_role("link", name=keyword.name, exact=True).click()
    in_main(page).get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


@both_ways
def test_search_then_refine(new_page, abstract, scripts):
    for number in range(3):
        whole_abstract(title=f"Glucocorticoid withdrawal in invented cohort {number}")
    page = new_page(java_script_enabled=scripts)
    page.goto("/meetings/")
    box = page.get_by_role("banner").get_by_label("Search abstracts")
    box.fill("glucocorticoid")
    box.press("Enter")
    expect(page.get_by_role("status").filter(has_text="4 abstracts found")).to_be_visible()
    facets = page.get_by_role("navigation", name="Narrow the search")
    facets.get_by_role("link", name=abstract.meeting.name).first.click()
    expect(page.get_by_role("status").filter(has_text="1 abstract found")).to_be_visible()
    page.get_by_role("link", name=re.compile(f"{abstract.meeting.name}.*take away")).click()
    expect(page.get_by_role("status").filter(has_text="4 abstracts found")).to_be_visible()


@both_ways
def test_follow_a_program_and_come_back_to_the_same_place(new_page, abstract, scripts):
    session = Presentation.unfiltered.get(abstract=abstract).session
    for position in range(2, 22):
        other = AbstractFactory(meeting=abstract.meeting, title=f"Poster {position} of the invented cohort")
        PresentationFactory(abstract=other, session=session, position=position)
    page = new_page(java_script_enabled=scripts, viewport=NARROW)
    page.goto("/")
    in_main(page).get_by_role("link", name=abstract.meeting.name).first.click()
    in_main(page).get_by_role("link", name=session.title).first.click()
    link = in_main(page).get_by_role("link", name="Poster 12 of")
    link.scroll_into_view_if_needed()
    place = link.bounding_box()["y"]
    link.click()
    page.get_by_role("link", name="Next in the session").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Poster 13 of the invented cohort")
    page.go_back()
    page.go_back()
    expect_at(page, link, place)
    # The header stays: search and favorites are within reach wherever one is.
    for name in ("Search", "Favorites"):
        expect(page.get_by_role("banner").get_by_role("link", name=name, exact=True).first).to_be_in_viewport()


@both_ways
def test_what_was_starred_without_an_account_is_kept_in_one(new_page, abstract, live_server, scripts):
    user = UserFactory()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    page = new_page(java_script_enabled=scripts)
    page.goto(abstract.get_absolute_url())
    star(page).click()
    expect(star(page)).to_have_attribute("aria-pressed", "true")
    page.goto("/accounts/login/?next=/favorites/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill("sesame-open-42")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(in_main(page)).to_contain_text(TITLE)
    page.context.clear_cookies()
    page.goto("/favorites/")
    expect(in_main(page)).not_to_contain_text(TITLE)
    sign_in(page, user, live_server)
    page.goto("/favorites/")
    expect(in_main(page)).to_contain_text(TITLE)


@both_ways
def test_save_print_clear_and_undo(new_page, abstract, scripts):
    page = new_page(java_script_enabled=scripts)
    page.goto(abstract.get_absolute_url())
    star(page).click()
    expect(star(page)).to_have_attribute("aria-pressed", "true")

    page.get_by_role("banner").get_by_role("link", name="Favorites").first.click()
    expect(in_main(page)).to_contain_text(TITLE)
    page.get_by_role("link", name="View and print all").click()
    page.emulate_media(media="print")
    expect(in_main(page)).to_contain_text("We counted invented patients.")
    expect(page.get_by_role("banner").get_by_role("searchbox")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    page.emulate_media(media="screen")

    page.goto("/favorites/")
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("button", name="Clear all").click()
    expect(in_main(page)).not_to_contain_text(TITLE)
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(in_main(page)).to_contain_text(TITLE)


@both_ways
def test_watch_an_embargo_lift(new_page, transactional_db, monkeypatch, scripts):
    abstract = whole_abstract(title=TITLE, listing=True)
    lift = Abstract.unfiltered.get(pk=abstract.pk).released_from
    page = new_page(java_script_enabled=scripts)
    page.goto(abstract.get_absolute_url())
    expect(in_main(page)).to_contain_text("Details will be released on")
    expect(in_main(page)).not_to_contain_text("We counted invented patients.")
    monkeypatch.setattr(timezone, "now", lambda: lift.astimezone(ZoneInfo("UTC")) + dt.timedelta(seconds=1))
    page.reload()
    expect(in_main(page)).to_contain_text("We counted invented patients.")
    expect(in_main(page)).not_to_contain_text("Details will be released on")


@both_ways
def test_export_to_a_reference_manager(new_page, abstract, scripts):
    page = new_page(java_script_enabled=scripts)
    page.goto(abstract.get_absolute_url())
    in_main(page).locator("details.export summary").first.click()
    with page.expect_download() as saved:
        in_main(page).get_by_role("link", name=re.compile("RIS")).first.click()
    assert saved.value.suggested_filename.endswith(".ris")
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert f"TI  - {TITLE}" in text


def test_a_curator_corrects_an_abstract(new_page, abstract, live_server):
    reader, curator = new_page(java_script_enabled=False), new_page()
    reader.goto(abstract.get_absolute_url())
    sign_in(curator, StaffFactory(), live_server)
    curator.goto(f"/admin/abstracts/abstract/{abstract.pk}/change/")
    curator.get_by_label("Status", exact=False).first.select_option(Status.CORRECTED)
    curator.locator("#id_status_note").fill("A number was misprinted.")
    curator.locator("input[name=_save]").click()
    curator.wait_for_url("**/admin/abstracts/abstract/")
    reader.reload()
    expect(in_main(reader)).to_contain_text("This abstract has been corrected. A number was misprinted.")


def test_by_keyboard_alone(page, abstract):
    page.goto("/")
    for key in ("Tab", "Enter", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("tapering")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    # A star stays under the finger that pressed it, and the count is told.
    star(page).focus()
    page.keyboard.press("Enter")
    expect(star(page)).to_have_attribute("aria-pressed", "true")
    expect(star(page)).to_be_focused()
    expect(page.locator("#favorites-count")).to_contain_text("1")
    page.keyboard.press("Space")
    expect(star(page)).to_have_attribute("aria-pressed", "false")
    expect(star(page)).to_be_focused()


@both_ways
def test_a_figure_opens_large_and_one_comes_back(new_page, transactional_db, scripts):
    abstract = an_abstract_with_everything()
    page = new_page(java_script_enabled=scripts, viewport=NARROW)
    page.goto(abstract.get_absolute_url())
    figure = page.get_by_role("link", name="Full size").first
    figure.scroll_into_view_if_needed()
    place = figure.bounding_box()["y"]
    figure.click()
    page.wait_for_url("**/figures/**")
    page.go_back()
    expect_at(page, figure, place)
