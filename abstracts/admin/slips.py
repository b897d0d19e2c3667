"""What staff are told after saving a value that is allowed, but often a slip that moves or hides a release."""

import datetime as dt
from collections.abc import Callable

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html

from ..models import Abstract, EmbargoStep, EmbargoTier, Meeting, Session

# A release further away from the meeting than this is worth a look.
USUAL = dt.timedelta(days=90)


def slips_in(row: Model) -> list[str]:
    """Sentences about a stored row. At most two queries."""
    look = LOOKS.get(type(row))
    return look(row) if look else []


def _meeting(meeting: Meeting) -> list[str]:
    slips = []
    if (until := meeting.news_embargo_at) and meeting.is_far(until.astimezone(meeting.zone).date(), USUAL):
        slips.append(f"The news embargo ends on {until:%Y-%m-%d}, far from the meeting's days ({meeting.days}).")
    dates = Session.objects.filter(meeting=meeting, date__isnull=False).values_list("date", flat=True)
    if far := sum(meeting.is_far(date) for date in dates):
        slips.append(f"Sessions outside the meeting's days ({meeting.days}): {far}.")
    return slips


def _tier(tier: EmbargoTier) -> list[str]:
    if tier.steps.exists():
        return []
    page = reverse("admin:abstracts_embargotier_change", args=[tier.pk])
    message = 'The tier “{}” has no steps: nothing of its abstracts ever shows. <a href="{}">Add its steps</a>.'
    return [format_html(message, tier, page)]


def _step(step: EmbargoStep) -> list[str]:
    slips = []
    meeting = step.tier.meeting
    if step.date and meeting.is_far(step.date, USUAL):
        slips.append(f"“{step}” of “{step.tier}” is on {step.date}, far from the meeting's days ({meeting.days}).")
    return slips


def _session(session: Session) -> list[str]:
    slips = []
    if session.date and session.meeting.is_far(session.date):
        slips.append(f"The session is on {session.date}, outside the meeting's days ({session.meeting.days}).")
    if session.start_time and session.end_time and session.end_time < session.start_time:
        slips.append(
            f"The session ends on the next day, {session.date + dt.timedelta(1)}, at {session.end_time:%H:%M}."
        )
    return slips


def _abstract(abstract: Abstract) -> list[str]:
    slips = []
    meeting = abstract.meeting
    for name, instant in (("released", abstract.override_released_from), ("shown", abstract.override_listed_from)):
        if instant and meeting.is_far(instant.astimezone(meeting.zone).date(), USUAL):
            slips.append(f"It is {name} from {instant:%Y-%m-%d} on, far from the meeting's days ({meeting.days}).")
    if abstract.tier and abstract.number:
        takers = [tier for tier in EmbargoTier.objects.filter(meeting=meeting) if tier.takes(abstract.number)]
        if takers and abstract.tier not in takers:
            slips.append(
                f"Numbers like {abstract.number} belong to the embargo tier “{takers[0]}”; it has “{abstract.tier}”."
            )
    return slips


LOOKS: dict[type[Model], Callable[..., list[str]]] = {
    Meeting: _meeting,
    EmbargoTier: _tier,
    EmbargoStep: _step,
    Session: _session,
    Abstract: _abstract,
}
