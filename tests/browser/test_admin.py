"""The admin in a browser: its scripts run, and nothing in it breaks the strict policy."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from abstracts.models import Abstract, PersonName
from abstracts.models.groups import CURATORS, OFFICERS
from accounts.models import User
from tests import factories


@pytest.fixture
def new_boss_page(new_page, live_server, transactional_db):
    """Opens a page for a new superuser."""

    def open_page(**fields):
        client = Client()
        client.force_login(factories.StaffFactory(**fields))
        page = new_page()
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        return page

    return open_page


@pytest.fixture
def boss_page(new_boss_page):
    return new_boss_page()


def test_lists_and_forms_are_quiet(boss_page):
    abstract = factories.whole_abstract()
    for address in (
        reverse("admin:index"),
        reverse("admin:abstracts_abstract_changelist"),
        reverse("admin:abstracts_abstract_add"),
        reverse("admin:abstracts_abstract_history", args=[abstract.pk]),
        reverse("admin:abstracts_import"),
        reverse("admin:abstracts_meeting_change", args=[abstract.meeting_id]),
        reverse("admin:accounts_user_add"),
    ):
        assert boss_page.goto(address, wait_until="networkidle").status == 200


def test_an_author_is_added_with_a_suggested_person(boss_page):
    person = factories.PersonFactory(given="Zoë", family="Suggested")
    PersonName(person=person, name=person.name).save()
    abstract = factories.whole_abstract(authors=1)
    boss_page.goto(reverse("admin:abstracts_abstract_change", args=[abstract.pk]), wait_until="networkidle")
    boss_page.locator("#authorline-group .add-row a").click()
    row = boss_page.locator("tr.dynamic-authorline").nth(1)
    row.locator("input[name$=-name]").fill("Z. Suggested")
    row.locator(".select2-selection").click()
    boss_page.locator(".select2-search__field").fill("suggested")
    boss_page.locator(".select2-results__option", has_text="Suggested, Zoë").click()
    boss_page.locator("input[name=_save]").click()
    boss_page.wait_for_url("**/admin/abstracts/abstract/")
    assert person.name == "Zoë Suggested"
    assert Abstract.unfiltered.filter(authorline__person=person).exists()


def test_keywords_are_merged(boss_page):
    factories.KeywordFactory(name="gout")
    factories.KeywordFactory(name="podagra")
    boss_page.goto(reverse("admin:abstracts_keyword_changelist"), wait_until="networkidle")
    for row in boss_page.locator("input.action-select").all():
        row.check()
    boss_page.select_option("select[name=action]", "merge_selected")
    boss_page.locator("button[name=index]").click()
    boss_page.get_by_label("gout").check()
    boss_page.locator("input[value=Merge]").click()
    expect(boss_page.get_by_text("Merged 1 into “gout”")).to_be_visible()


def test_second_of_two_who_save_is_shown_both_versions_and_saves_again_by_keyboard(new_boss_page):
    abstract = factories.whole_abstract(title="Before", authors=3)
    address = reverse("admin:abstracts_abstract_change", args=[abstract.pk])
    first, second = new_boss_page(email="first@example.org"), new_boss_page()
    for page in (first, second):
        page.goto(address, wait_until="networkidle")
    first.get_by_label("Title:").fill("As the first one wants it")
    first.locator("#id_section-0-html").fill("<p>The first one counted <b>seven</b> patients.</p>")
    first.locator("#id_authorline-1-DELETE").check()
    first.locator("#id_number").press("Enter")
    first.wait_for_url("**/admin/abstracts/abstract/")

    second.get_by_label("Title:").fill("As the second one wants it")
    second.locator("#id_authorline-1-name").fill("As the second one spells it")
    second.locator("#id_number").press("Enter")
    message = second.get_by_text("Somebody changed this while you were editing (last: first@example.org")
    expect(message).to_be_visible()
    expect(second.get_by_text("Stored now: As the first one wants it")).to_be_visible()
    expect(second.get_by_text("Stored now: <p>The first one counted <b>seven</b> patients.</p>")).to_be_visible()
    expect(second.get_by_text("As the second one spells it")).to_be_visible()
    expect(second.get_by_label("Title:")).to_have_value("As the second one wants it")
    abstract.refresh_from_db()
    assert abstract.title == "As the first one wants it"
    second.locator("#id_number").press("Enter")
    second.wait_for_url("**/admin/abstracts/abstract/")
    abstract.refresh_from_db()
    assert abstract.title == "As the second one wants it"


def test_a_curator_proposes_and_an_officer_confirms_by_keyboard(new_boss_page):
    tier = factories.TierFactory(embargoed=True)
    factories.AbstractFactory(number="0001", meeting=tier.meeting, tier=tier)
    curator, officer = (new_boss_page(is_superuser=False) for _ in range(2))
    for user, group in zip(User.objects.order_by("pk"), (CURATORS, OFFICERS), strict=True):
        user.groups.add(Group.objects.get(name=group))
    curator.goto(reverse("admin:abstracts_embargotier_change", args=[tier.pk]), wait_until="networkidle")
    curator.locator("#id_embargostep-0-date").fill("2020-01-01")
    curator.locator("#id_name").press("Enter")
    curator.wait_for_url("**/decide/")
    expect(curator.locator("#content")).to_contain_text("Nothing was saved yet. This changes what the public sees of 1")
    curator.get_by_label("Reason").fill("The congress is over")
    press(curator, "Propose to an embargo officer")
    expect(curator.locator("#content")).to_contain_text("Waits for an embargo officer")

    officer.goto(reverse("admin:index"))
    officer.get_by_role("link", name="1 proposal waits for an embargo officer").press("Enter")
    officer.wait_for_url("**/heldchange/**")
    officer.get_by_role("link", name="Change embargo tier").press("Enter")
    officer.wait_for_url("**/decide/")
    expect(officer.locator("#content")).to_contain_text("The congress is over")
    officer.get_by_label("Reason").fill("Checked")
    press(officer, "Confirm and carry out")
    officer.wait_for_url("**/heldchange/")
    expect(officer.locator(".messagelist")).to_contain_text("1 abstract public at once")
    assert factories.step_of(tier).date.year == 2020


def press(page, button: str) -> None:
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
