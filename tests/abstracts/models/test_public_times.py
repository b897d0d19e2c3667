"""After any changes: the gate asked about exactly what the law shows otherwise, and the record tells the truth."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from abstracts.models import Abstract
from abstracts.models.effects import FUTURE_LEVELS, digest_of
from abstracts.models.gate import Decision, Refused, bypassing, deciding, passing
from abstracts.models.public_times import public_times
from abstracts.models.record import broken_links
from abstracts.visibility import Level, Role
from tests.abstracts import oracle
from tests.abstracts.worlds import bounded, build, statuses, undone, worlds

from .test_embargo import EDITS, WAYS, chosen, write

pytestmark = pytest.mark.django_db

TICK = dt.timedelta(microseconds=1)
BEGIN = dt.datetime(2011, 12, 28, tzinfo=dt.UTC)


def edit_status(data, way):
    write(Abstract.unfiltered, chosen(data, Abstract.unfiltered), {"status": data.draw(statuses)}, way)


def delete_abstract(data, way):
    if Abstract.unfiltered.count() > 1:
        rows = Abstract.unfiltered.filter(pk=chosen(data, Abstract.unfiltered))
        rows.get().delete() if way == "save" else rows.delete()


def edit_in_vain(data, way):
    """In a part of the transaction that is rolled back."""
    with transaction.atomic():
        edit_status(data, way)
        transaction.set_rollback(True)


EVERY_EDIT = [*EDITS, edit_status, edit_status, delete_abstract, edit_in_vain]


class Drawn:
    """Draws from `data` and remembers what: the same change can be made again, once it is confirmed."""

    def __init__(self, data):
        self.data, self.values, self.again = data, [], None

    def draw(self, strategy):
        if self.again is not None:
            return next(self.again)
        self.values.append(self.data.draw(strategy))
        return self.values[-1]


def facts():
    return {pk: oracle.facts(pk) for pk in Abstract.unfiltered.order_by("pk").values_list("pk", flat=True)}


def level(fact: dict | None, at: dt.datetime) -> int:
    return oracle.level(Role.ANONYMOUS, at, **fact) if fact else Level.HIDDEN


def instants(fact: dict | None) -> list[dt.datetime]:
    return [instant for instant in oracle.embargo(**fact)[:4] if instant] if fact else []


def rises(old: dict | None, new: dict | None, now: dt.datetime) -> bool:
    """Whether the public sees more at any time from `now` on."""
    times = [now, *(instant for instant in instants(old) + instants(new) if instant > now)]
    return any(level(new, at) > level(old, at) for at in times)


def change(drawn: Drawn, edits, way: str) -> Refused | None:
    """Make the change; if the gate asks, confirm it. What the gate said."""

    def make():
        with passing():
            for edit in edits:
                edit(drawn, way)

    before = facts()
    try:
        with deciding(None):
            make()
    except Refused as refused:
        assert facts() == before
        drawn.again = iter(drawn.values)
        with deciding(Decision(reason="Agreed", confirmed=digest_of(refused.effects))):
            make()
        return refused
    return None


changes = st.tuples(
    st.lists(st.sampled_from(EVERY_EDIT), min_size=1, max_size=3),
    st.sampled_from(WAYS),
    st.integers(1, 800 * 86_400_000_000).map(lambda microseconds: dt.timedelta(microseconds=microseconds)),
)


@given(data=st.data(), world=worlds(most_abstracts=3), history=st.lists(changes, min_size=2, max_size=6))
@bounded
def test_the_gate_asks_and_the_record_answers_as_the_law_was(data, world, history):
    clock = [BEGIN]
    with undone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: clock[0])
        with bypassing("Invented", records=True):
            build(world)
        seen, stored, since = [], facts(), clock[0]
        for edits, way, pause in history:
            clock[0] += pause
            before = stored
            refused = change(Drawn(data), edits, way)
            stored = facts()
            lifted = {pk for pk in before if rises(before[pk], stored.get(pk), clock[0])}
            hidden = {pk for pk in before if level(stored.get(pk), clock[0]) < level(before[pk], clock[0])}
            assert (
                {effect.pk for effect in refused.effects if effect.asks} == lifted | hidden
                if refused
                else not (lifted | hidden)
            )
            assert not refused or refused.needs_officer == bool(lifted)
            seen += [(pk, since, clock[0], fact) for pk, fact in before.items()]
            since = clock[0]
        seen += [(pk, since, since + dt.timedelta(9000), fact) for pk, fact in stored.items()]
        for pk, start, end, fact in seen:
            times = public_times(pk)
            for at in {start, end - TICK, *(i + step for i in instants(fact) for step in (-TICK, 0 * TICK))}:
                if start <= at < end:
                    answer = [
                        public
                        for public in FUTURE_LEVELS
                        if any(p.start <= at and (p.until is None or at < p.until) for p in times[public])
                    ]
                    assert answer == [public for public in FUTURE_LEVELS if level(fact, at) >= public]
        assert list(broken_links()) == []
