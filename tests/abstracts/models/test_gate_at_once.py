"""Two people who change one abstract at once: the second one's change is compared with what the first one left."""

import threading
import time

import pytest
from django.db import connections

from abstracts.models import Abstract, EmbargoRecord, RecordHead
from abstracts.models.gate import Decision, Refused, bypassing, deciding, passing
from abstracts.models.record import broken_links
from tests import factories
from tests.factories import FAR_AHEAD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.several_connections]


def in_threads(*works) -> list[threading.Thread]:
    """Run each of `works` in a connection of its own."""

    def run(work):
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    return threads


def test_a_stale_save_does_not_undo_a_postponement_that_commits_while_it_waits():
    abstract = factories.AbstractFactory()
    stale, postponed = Abstract.unfiltered.get(), Abstract.unfiltered.get()
    outcomes = []

    def save_stale():
        stale.title = "Another"
        try:
            stale.save()
            outcomes.append("written")
        except Refused as refused:
            outcomes.append("refused" if refused.needs_officer else "asked")

    with bypassing("a test"), passing():
        postponed.override_released_from = FAR_AHEAD
        postponed.save()
        [thread] = in_threads(save_stale)
        time.sleep(1)
        assert outcomes == []
    thread.join(timeout=30)
    assert outcomes == ["refused"]
    assert Abstract.unfiltered.get(pk=abstract.pk).released_from == FAR_AHEAD


def test_entries_written_at_once_make_one_chain():
    abstracts = factories.AbstractFactory.create_batch(6)

    def withdraw(abstract):
        with deciding(Decision(reason="The authors asked for it", expected=1)):
            abstract.status, abstract.status_note = "withdrawn", "Why."
            abstract.save()

    for thread in in_threads(*(lambda one=abstract: withdraw(one) for abstract in abstracts)):
        thread.join(timeout=30)
    assert EmbargoRecord.objects.count() == RecordHead.objects.get().number == 6
    assert list(broken_links()) == []
