"""The press ask for access: anybody may, and learns nothing from it."""

import datetime as dt

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import PressApplication, User
from tests.accounts.personas import give_access
from tests.factories import LONG_AGO, MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Ada Invented",
    "email": "ada@press.example",
    "outlet": "Invented Times",
    "work": "press.example/ada",
    "statement": "I write about joints.",
}


@pytest.fixture
def meeting():
    return MeetingFactory(starts_on=timezone.now().date(), press_terms="<p>Keep it.</p>")


@pytest.fixture
def client():
    return Client()


def address(meeting) -> str:
    return reverse("press-apply", args=[meeting.slug])


def test_the_list_has_the_meetings_that_are_not_over(client, meeting):
    MeetingFactory(name="Of old", starts_on=dt.date(2012, 1, 1))
    MeetingFactory(name="Hidden", starts_on=meeting.starts_on, is_published=False)
    response = client.get(reverse("press"))
    content = response.content.decode().partition("<main")[2]
    assert address(meeting) in content
    assert "Of old" not in content
    assert "Hidden" not in content
    assert response["Cache-Control"].startswith("public")


def test_without_such_meetings_it_says_so(client):
    MeetingFactory(starts_on=dt.date(2012, 1, 1))
    assert "No meeting takes applications now" in client.get(reverse("press")).content.decode()


def test_somebody_without_an_account_applies(client, meeting):
    page = client.get(address(meeting)).content.decode()
    assert "Keep it." in page
    assert "nobody is promised access" in page
    response = client.post(f"/es{address(meeting)}", TYPED)
    assert response.url == f"/es{reverse('press-sent', args=[meeting.slug])}"
    assert client.get(response.url).status_code == 200
    row = PressApplication.objects.get()
    assert (row.meeting, row.user, row.state, row.language) == (meeting, None, "waiting", "es")
    assert {name: getattr(row, name) for name in TYPED} == {**TYPED, "work": "https://press.example/ada"}
    assert not User.objects.exists()


def test_somebody_with_an_account_applies_with_its_address(client, meeting):
    user = UserFactory(first_name="Ada", last_name="Invented")
    client.force_login(user)
    page = client.get(address(meeting)).content.decode()
    assert 'value="Ada Invented"' in page
    assert 'name="email"' not in page
    client.post(address(meeting), {**TYPED, "email": "other@example.org"})
    row = PressApplication.objects.get()
    assert (row.user, row.email) == (user, user.email)
    assert "waits for a decision" in client.get(address(meeting)).content.decode()


def test_who_has_access_is_led_to_it(client, meeting):
    user = UserFactory()
    give_access(user, meeting)
    client.force_login(user)
    page = client.get(address(meeting)).content.decode()
    assert "You have access to this meeting" in page
    assert "<button>Apply" not in page


def test_the_answer_does_not_tell_who_has_an_account(meeting):
    UserFactory(email="ada@press.example")
    answers = []
    for email in ("ada@press.example", "eve@press.example"):
        client = Client()
        response = client.post(address(meeting), {**TYPED, "email": email})
        answers.append((response.status_code, response.url, client.get(response.url).content))
    assert answers[0] == answers[1]
    assert PressApplication.objects.filter(user=None).count() == 2


@pytest.mark.parametrize(
    ("name", "value"), [("name", ""), ("email", "nonsense"), ("work", "javascript:alert(1)"), ("statement", "x" * 3001)]
)
def test_slips_are_messages_and_nothing_is_stored(client, meeting, name, value):
    response = client.post(address(meeting), {**TYPED, name: value})
    assert response.status_code == 200
    assert b"errorlist" in response.content
    assert not PressApplication.objects.exists()


def test_a_meeting_that_is_over_takes_none(client):
    meeting = MeetingFactory(starts_on=LONG_AGO.date())
    for response in (client.get(address(meeting)), client.post(address(meeting), TYPED)):
        assert b"takes no applications any more" in response.content
        assert b"<button>Apply" not in response.content
    assert not PressApplication.objects.exists()


@pytest.mark.parametrize("name", ["press-apply", "press-sent"])
def test_meetings_that_are_not_published_are_404(client, name):
    hidden = MeetingFactory(starts_on=timezone.now().date(), is_published=False)
    assert client.get(reverse(name, args=[hidden.slug])).status_code == 404
    assert client.get(reverse(name, args=["nothing"])).status_code == 404


def test_applications_are_limited_and_looking_at_the_form_is_not(client, meeting, settings):
    settings.LIMITS = {**settings.LIMITS, "applications": (2, 3600)}
    caches["requests"].clear()
    assert [client.get(address(meeting)).status_code for _ in range(4)] == [200] * 4
    assert [client.post(address(meeting), TYPED).status_code for _ in range(3)] == [302, 302, 429]
    assert PressApplication.objects.count() == 2


def test_forms_carry_tokens(meeting):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(address(meeting), TYPED).status_code == 403


def test_the_policy_leads_to_it_while_it_is_open(client, meeting):
    over = MeetingFactory(starts_on=LONG_AGO.date())
    for each, leads in ((meeting, True), (over, False)):
        page = client.get(reverse("embargo-policy", args=[each.slug])).content.decode()
        assert (address(each) in page) is leads
