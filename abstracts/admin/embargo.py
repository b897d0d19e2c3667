"""The embargo as curators see it: states and outlooks, read from levels that the law computed in SQL."""

import datetime as dt

from django.db import models
from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Value, When

from ..models import Abstract
from ..visibility import ANONYMOUS, Level, Status, level_of
from .forms import in_zone


class State(models.TextChoices):
    """What the public sees of an abstract now. HELD is hidden, and no release is known."""

    HIDDEN = "hidden", "Hidden"
    SHELL = "shell", "Shell"
    NOTED = "noted", "Note only"
    TITLED = "titled", "Titled"
    LISTED = "listed", "Listed"
    RELEASED = "released", "Released"
    HELD = "held", "Held"


WORDS = {
    Level.HIDDEN: "nothing",
    Level.SHELL: "its number and session only",
    Level.NOTED: "its number, its session and the note on its withdrawal only",
    Level.TITLED: "its title, number and session only",
    Level.LISTED: "its title, authors, keywords and session, not its text",
    Level.FULL: "everything",
}


# Later than every embargo: the public sees then all that it will ever see.
IN_THE_END = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)


def with_state(abstracts: QuerySet, at: dt.datetime) -> QuerySet:
    """`abstracts` annotated with what the public sees at `at` (`public_now`) and with the `State`."""
    return abstracts.annotate(public_now=level_of(ANONYMOUS, at)).annotate(
        embargo_state=Case(
            When(public_now=Level.FULL, then=Value(State.RELEASED)),
            When(public_now=Level.LISTED, then=Value(State.LISTED)),
            When(public_now=Level.TITLED, then=Value(State.TITLED)),
            When(public_now=Level.NOTED, then=Value(State.NOTED)),
            When(public_now=Level.SHELL, then=Value(State.SHELL)),
            When(released_from=None, then=Value(State.HELD)),
            default=Value(State.HIDDEN),
            output_field=models.CharField(),
        )
    )


def outlook(abstract: Abstract, at: dt.datetime) -> str:
    """What the public sees of `abstract` at `at`, and when that changes, in sentences. One query."""
    columns = (abstract.numbered_from, abstract.titled_from, abstract.listed_from, abstract.released_from)
    instants = sorted({instant for instant in columns if instant})
    levels = Abstract.unfiltered.filter(pk=abstract.pk).order_by()
    for number, instant in enumerate([at, *instants]):
        levels = levels.annotate(**{f"level_{number}": level_of(ANONYMOUS, instant)})
    seen, *later = levels.values_list(*(f"level_{number}" for number in range(len(instants) + 1))).get()
    sentences = [f"The public now sees {WORDS[seen]}."]
    for instant, level in zip(instants, later, strict=True):
        if level > seen:
            sentences.append(f"From {both_zones(instant, abstract.meeting.zone)} it sees {WORDS[level]}.")
            seen = level
    if seen < Level.FULL and (reason := _reason_for_hiding(abstract)):
        sentences.append(reason)
    return " ".join(sentences)


def _reason_for_hiding(abstract: Abstract) -> str:
    if abstract.status == Status.DRAFT:
        return "A draft stays hidden whatever the embargo says."
    if abstract.status == Status.WITHDRAWN:
        return "The text of a withdrawn abstract stays hidden."
    if not abstract.meeting.is_published:
        return "Its meeting is not published."
    if abstract.released_from is None:
        return "It is held: no release is known until its tier, its session or an override gives one."
    return ""


def both_zones(instant: dt.datetime | None, zone: dt.tzinfo) -> str:
    """`instant` in the meeting's zone and in UTC."""
    local, utc = in_zone(instant, zone), in_zone(instant, dt.UTC)
    return local if local == utc else f"{local} ({utc})"


def tally(scope: Q, zone: dt.tzinfo, at: dt.datetime) -> str:
    """The number of abstracts of `scope` in each state, and when the others are released. Two queries."""
    abstracts = with_state(Abstract.unfiltered.filter(scope).order_by(), at)
    states = dict(abstracts.values_list("embargo_state").annotate(Count("pk")))
    if not states:
        return "No abstracts yet."
    parts = [f"{states[state]} {state.label.lower()}" for state in State if state in states]
    rising = abstracts.annotate(in_the_end=level_of(ANONYMOUS, IN_THE_END)).filter(public_now__lt=F("in_the_end"))
    ahead = rising.aggregate(n=Count("released_from"), first=Min("released_from"), last=Max("released_from"))
    return f"{sum(states.values())} abstracts: {', '.join(parts)}.{_releases(ahead, zone)}"


def _releases(ahead: dict, zone: dt.tzinfo) -> str:
    if not ahead["n"]:
        return ""
    first, last = both_zones(ahead["first"], zone), both_zones(ahead["last"], zone)
    noun = "abstract" if ahead["n"] == 1 else "abstracts"
    if first == last:
        return f" Releases {ahead['n']} {noun} at {first}."
    return f" Releases {ahead['n']} {noun}, the first at {first}, the last at {last}."
