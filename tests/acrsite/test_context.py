"""Header and footer: what every page says of the site."""

import pytest

from acrsite.context import MENU_GROUPS, MENU_MEETINGS, menu_of
from tests.factories import MeetingFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_the_menu_folds_groups_and_stays_short():
    rows = [(f"Forum {n}", f"forum-{n}", "") for n in range(50)] + [
        (f"Old {n}", f"old-{n}", "Old ones") for n in range(300)
    ]
    menu = menu_of(rows)
    assert len(menu.meetings) == MENU_MEETINGS
    assert [(g.name, g.url) for g in menu.groups] == [("Old ones", "/meetings/#group-old-ones")]
    assert menu.current.slug == "forum-0"
    assert len(menu_of([(f"F {n}", f"f-{n}", f"Group {n}") for n in range(99)]).groups) == MENU_GROUPS


def test_no_meeting_no_menu():
    assert menu_of([]) == ([], [], None)


def test_unpublished_meetings_are_in_nobodys_menu(client):
    MeetingFactory(name="Secret Forum", is_published=False)
    client.force_login(StaffFactory())
    assert "Secret Forum" not in client.get("/embargo/none/").content.decode()


def test_links_of_the_header_and_footer(client, settings):
    settings.SOCIETY_MEETINGS_URL = "https://society.example.org/meetings"
    page = client.get("/").content.decode()
    for link in (
        "/meetings/",
        "/keywords/",
        "/authors/",
        "/search/",
        "/favorites/",
        "/favorites/print/",
        "/favorites/clear/",
        "/accounts/login/",
        "https://society.example.org/meetings",
        settings.JOURNAL_URL,
    ):
        assert f'href="{link}"' in page
    assert settings.SOCIETY_NAME in page


def test_links_without_a_setting_are_left_out(client, settings):
    settings.SOCIETY_MEETINGS_URL = settings.JOURNAL_URL = ""
    page = client.get("/").content.decode()
    assert settings.SOCIETY_MEETINGS_NAME not in page
    assert settings.JOURNAL_NAME not in page


def test_somebody_signed_in_can_sign_out(client):
    client.force_login(UserFactory())
    page = client.get("/").content.decode()
    assert 'href="/accounts/logout/"' in page
    assert 'href="/accounts/login/"' not in page
    assert "/admin/" not in page


def test_staff_see_a_link_to_the_admin(client):
    client.force_login(StaffFactory())
    assert 'href="/admin/"' in client.get("/").content.decode()
