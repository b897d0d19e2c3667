"""Addresses that contain words of a title that was never public, and new ones without redirects."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from abstracts import clock
from abstracts.models import Abstract, SlugRedirect, gate
from abstracts.models.groups import VIEWERS
from abstracts.visibility import Status
from tests import factories

from ..posting import edit
from .looking import texts, the_warning

pytestmark = pytest.mark.django_db

SECRET, PLAIN = "Inventumab Cures Gout", "Inventumab in Gout"


@pytest.fixture
def hidden():
    """An abstract of which the public sees nothing before 2099."""
    return factories.AbstractFactory(embargoed=True, title=SECRET, number="0007")


def rename(row, title: str) -> None:
    row = Abstract.unfiltered.get(pk=row.pk)
    row.title = title
    row.save()


def said(row) -> list[str]:
    return texts(row.meeting, "addresses", clock.now())


def slug_of(row) -> str:
    return Abstract.unfiltered.values_list("slug", flat=True).get(pk=row.pk)


def test_a_title_that_is_changed_under_embargo_leaves_its_words_in_the_address(hidden):
    assert said(hidden) == []
    rename(hidden, PLAIN)
    warning = the_warning(hidden.meeting, "addresses", clock.now())
    assert "a title that was never public: the addresses of 1 abstract." in warning.text
    assert (warning.pks, [example.text for example in warning.examples]) == ((hidden.pk,), ["0007"])


def test_a_title_that_was_public_may_stay_in_the_address():
    row = factories.AbstractFactory(title=SECRET)
    rename(row, PLAIN)
    assert slug_of(row) == "inventumab-cures-gout"
    assert said(row) == []
    listed = factories.AbstractFactory(listing=True, title="Inventumab Heals Gout")
    rename(listed, PLAIN)
    assert said(listed) == []


def test_a_title_that_only_the_number_stood_for_was_not_public():
    row = factories.AbstractFactory(shell=True, title=SECRET)
    rename(row, PLAIN)
    assert len(said(row)) == 1


def test_it_stays_a_warning_after_the_release_of_the_new_title(hidden):
    rename(hidden, PLAIN)
    factories.change_step(hidden.tier, date=dt.date(2020, 1, 1))
    assert len(said(hidden)) == 0, "by its rule it was public since 2020, before the title was changed"
    factories.change_step(hidden.tier, date=clock.now().date() + dt.timedelta(1))
    assert len(texts(hidden.meeting, "addresses", clock.now() + dt.timedelta(3))) == 1


def test_a_longer_title_says_no_more_in_the_address(hidden):
    rename(hidden, f"{SECRET}: a Randomized Trial")
    assert said(hidden) == []


def test_an_address_from_the_number_tells_nothing():
    row = factories.AbstractFactory(embargoed=True, title="痛风", number="0007", meeting__slug="forum", slug="")
    assert slug_of(row) == "forum-0007"
    rename(row, PLAIN)
    assert said(row) == []


def test_a_former_address_tells_as_much(hidden):
    rename(hidden, PLAIN)
    row = Abstract.unfiltered.get(pk=hidden.pk)
    row.slug = "inventumab-in-gout"
    row.save()
    assert SlugRedirect.unfiltered.get().slug == "inventumab-cures-gout"
    assert len(said(hidden)) == 1


def test_a_withdrawn_abstract_whose_title_was_never_public(hidden):
    hidden.status, hidden.status_note, hidden.hides_title = Status.WITHDRAWN, "By its authors.", True
    hidden.save()
    assert len(said(hidden)) == 1


def test_a_withdrawn_abstract_whose_title_was_public_keeps_its_address():
    with gate.bypassing("a test that looks at the record"):
        row = factories.AbstractFactory(title=SECRET)
        row.status, row.status_note, row.hides_title = Status.WITHDRAWN, "By its authors.", True
        row.save()
    factories.AbstractFactory(embargoed=True, withdrawn=True, meeting=row.meeting)
    assert said(row) == []


def renew(client, *rows):
    data = {"action": "renew_addresses", "_selected_action": [row.pk for row in rows]}
    return client.post(reverse("admin:abstracts_abstract_changelist"), data, follow=True)


def test_a_new_address_has_the_new_words_and_nothing_leads_to_it(boss, hidden):
    rename(hidden, PLAIN)
    other = factories.AbstractFactory(title="Other")
    response = renew(boss, hidden, other)
    assert "New addresses: 1 abstract." in response.content.decode()
    assert (slug_of(hidden), slug_of(other)) == (f"inventumab-in-gout-{hidden.meeting.slug}-0007", "other")
    assert not SlugRedirect.unfiltered.exists()
    assert said(hidden) == []
    assert "words of a title that was never public" in LogEntry.objects.latest("pk").change_message
    factories.change_step(hidden.tier, date=dt.date(2020, 1, 1))
    assert boss.get(f"/abstract/{slug_of(hidden)}/").status_code == 200
    assert boss.get("/abstract/inventumab-cures-gout/").status_code == 404


def test_a_former_address_ends_and_the_present_one_stays(boss, hidden):
    rename(hidden, PLAIN)
    edit(boss, reverse("admin:abstracts_abstract_change", args=[hidden.pk]), "abstract_form", slug="my-own")
    SlugRedirect(slug="gout-inventumab", abstract=hidden).save()
    renew(boss, hidden)
    assert slug_of(hidden) == "my-own"
    assert SlugRedirect.unfiltered.get().slug == "gout-inventumab"


def test_a_hidden_title_gives_an_address_from_the_number(boss, hidden):
    hidden.status, hidden.status_note, hidden.hides_title = Status.WITHDRAWN, "By its authors.", True
    hidden.save()
    renew(boss, hidden)
    assert slug_of(hidden) == f"{hidden.meeting.slug}-0007"
    assert said(hidden) == []


def test_addresses_that_tell_nothing_stay(boss, hidden):
    assert "No address of these has words of a title" in renew(boss, hidden).content.decode()
    assert slug_of(hidden) == "inventumab-cures-gout"


def test_who_may_not_change_abstracts_gives_no_new_address(client, hidden):
    rename(hidden, PLAIN)
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=VIEWERS))
    client.force_login(user)
    assert "renew_addresses" not in client.get(reverse("admin:abstracts_abstract_changelist")).content.decode()
    renew(client, hidden)
    assert slug_of(hidden) == "inventumab-cures-gout"
