"""The admin in a browser: its scripts run, and nothing in it breaks the strict policy."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from abstracts.models import Abstract, PersonName
from tests import factories


@pytest.fixture
def boss_page(new_page, live_server, transactional_db):
    client = Client()
    client.force_login(factories.StaffFactory())
    page = new_page()
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    return page


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
