"""Several answers to one held change at once: it is carried out once, and nobody gets an error."""

import pytest
from django.apps import apps
from django.urls import reverse

from abstracts.models import Abstract, EmbargoRecord, HeldChange, groups
from abstracts.models.groups import ensure_groups
from tests import factories
from tests.abstracts.models.test_gate_at_once import in_threads

from .posting import answer
from .test_gating import change_tier, member, post, public_levels, signed_in, url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.several_connections]
State = HeldChange.State


def at_once(*answers) -> list[int]:
    """The statuses of responses to answers (user, page, button) that are sent at once."""
    statuses = []

    def send(user, page, button):
        statuses.append(answer(signed_in(user), page, button, follow=False).status_code)

    for thread in in_threads(*(lambda one=one: send(*one) for one in answers)):
        thread.join(timeout=60)
    return sorted(statuses)


def test_a_confirmation_that_is_sent_three_times_adds_one_abstract():
    boss, tier = factories.StaffFactory(), factories.TierFactory()
    fields = {"meeting": tier.meeting_id, "tier": tier.pk, "title": "Without a number"}
    page = post(signed_in(boss), url("abstract", verb="add"), "abstract_form", **fields)
    assert at_once(*[(boss, page, "confirm")] * 3) == [200, 200, 302]
    assert Abstract.unfiltered.count() == EmbargoRecord.objects.count() == 1


def test_of_different_answers_one_counts():
    ensure_groups(apps.get_app_config("abstracts"), "default")
    author, officer = member(groups.CURATORS), member(groups.OFFICERS)
    client = signed_in(author)
    response = answer(client, change_tier(client), "propose")
    address = reverse("admin:abstracts_heldchange_decide", args=[HeldChange.unfiltered.get().pk])
    page = signed_in(officer).get(address)
    statuses = at_once((officer, page, "confirm"), (officer, page, "decline"), (author, response, "leave"))
    assert len(statuses) == 3
    held = HeldChange.unfiltered.get()
    is_confirmed = held.state == State.CONFIRMED
    assert is_confirmed == bool(held.entry) == bool(public_levels()) == EmbargoRecord.objects.exists()
    assert is_confirmed or held.state == State.DECLINED
