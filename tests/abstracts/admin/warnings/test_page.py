"""The warnings on the meeting's page, and the page that they have for themselves."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from abstracts.models import Abstract
from tests import factories

from ..posting import edit
from .looking import a_meeting, a_tier, fixed

pytestmark = pytest.mark.django_db

SAYS = "has no steps: nothing of its abstracts ever shows."


def meeting_page(client, meeting) -> str:
    return client.get(reverse("admin:abstracts_meeting_change", args=[meeting.pk])).content.decode()


def warnings_page(client, meeting) -> str:
    return client.get(reverse("admin:abstracts_meeting_warnings", args=[meeting.pk])).content.decode()


def test_a_meeting_without_warnings_says_so(boss):
    meeting = a_meeting(year=2099, starts_on=None, ends_on=None)
    assert "None: every rule gives what it says." in meeting_page(boss, meeting)
    assert "None: every rule gives what it says." in warnings_page(boss, meeting)
    a_tier(meeting)
    for page in (meeting_page(boss, meeting), warnings_page(boss, meeting)):
        assert SAYS in page
        assert "None: every rule" not in page


def test_three_examples_are_on_the_meetings_page_and_more_on_the_other(boss):
    meeting = a_meeting()
    tier = a_tier(meeting)
    rows = [factories.AbstractFactory(meeting=meeting, tier=tier, number=f"X{n}") for n in range(5)]
    links = [reverse("admin:abstracts_abstract_change", args=[row.pk]) for row in rows]
    short, full = meeting_page(boss, meeting), warnings_page(boss, meeting)
    assert [link in short for link in links] == [True, True, True, False, False]
    assert "and 2 more" in short
    assert all(link in full for link in links)
    assert "more</div>" not in full
    assert reverse("admin:abstracts_meeting_warnings", args=[meeting.pk]) in short
    fix = reverse("admin:abstracts_embargotier_change", args=[tier.pk])
    assert fix in full


def test_the_form_of_a_new_meeting_has_no_warnings(boss):
    assert "Warnings about the embargo" not in boss.get(reverse("admin:abstracts_meeting_add")).content.decode()


def test_a_form_with_errors_warns_of_what_is_stored(boss):
    meeting = a_meeting()
    a_tier(meeting, {"shows": "everything", "rule": "last_day", "time": dt.time(9)})
    url = reverse("admin:abstracts_meeting_change", args=[meeting.pk])
    page = edit(boss, url, "meeting_form", ends_on="2030-10-01").content.decode()
    assert "The last day is before the first." in page
    assert "None: every rule gives what it says." in page


def test_new_addresses_are_given_from_the_page(boss):
    row = factories.AbstractFactory(embargoed=True, title="Inventumab Cures Gout")
    row.title = "Inventumab in Gout"
    row.save()
    page = warnings_page(boss, row.meeting)
    assert "Give new addresses, without redirects" in page
    assert "Give new addresses" not in meeting_page(boss, row.meeting), "a form cannot be within a form"
    assert f'name="_selected_action" value="{row.pk}"' in page
    data = {"action": "renew_addresses", "_selected_action": row.pk}
    boss.post(reverse("admin:abstracts_abstract_changelist"), data)
    assert Abstract.unfiltered.get(pk=row.pk).slug.startswith("inventumab-in-gout-")


def staff_with(client, *codenames: str):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return client


def test_warnings_name_abstracts_only_to_those_who_may_see_them(client):
    meeting = a_meeting()
    a_tier(meeting)
    staff_with(client, "view_meeting")
    assert SAYS not in meeting_page(client, meeting)
    assert client.get(reverse("admin:abstracts_meeting_warnings", args=[meeting.pk])).status_code == 403
    staff_with(client, "view_meeting", "view_abstract")
    assert SAYS in meeting_page(client, meeting)
    assert SAYS in warnings_page(client, meeting)


def test_the_page_offers_no_action_to_those_who_may_not_change(client):
    row = factories.AbstractFactory(embargoed=True, title="Inventumab Cures Gout")
    row.title = "Inventumab in Gout"
    row.save()
    page = warnings_page(staff_with(client, "view_meeting", "view_abstract"), row.meeting)
    assert "Contain words of a title that was never public" in page
    assert "Give new addresses" not in page


@pytest.mark.parametrize("meeting", ["0", "9" * 18])
def test_warnings_of_a_meeting_that_is_not_there_are_404(boss, meeting):
    assert boss.get(reverse("admin:abstracts_meeting_warnings", args=[meeting])).status_code == 404


def test_queries_do_not_grow_with_rows(boss, django_assert_num_queries):
    meeting = a_meeting()
    url = reverse("admin:abstracts_meeting_warnings", args=[meeting.pk])
    for _ in range(2):  # 1 of each, then 3
        for number in range(meeting.tiers.count() + 1):
            steps = [fixed("title", 9, 1), {"shows": "everything", "rule": "session_start"}]
            tier = factories.TierFactory(meeting=meeting, steps=steps)
            row = factories.AbstractFactory(meeting=meeting, tier=tier, title=f"Inventumab Cures Gout {number}")
            row.title = "Inventumab Improves Gout"
            row.save()
            session = factories.SessionFactory(meeting=meeting, start_time=None, end_time=None)
            factories.PresentationFactory(abstract=row, session=session)
            factories.embargoed_read(row)
            session.date = dt.date(2030, 10, 26)
            session.save()
        boss.get(url)
        with django_assert_num_queries(17):
            page = boss.get(url).content.decode()
        for said in ("gives no instant", "seem to state a result", "never public", "Moved after the press"):
            assert said in page
