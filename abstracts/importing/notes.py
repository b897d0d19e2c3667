"""Notes and warnings about an import as a whole, known before it is written."""

from ..models import Abstract
from .forecast import Forecast
from .report import ImportReport, Outcome
from .targets import Target

MAX_LISTED = 20


def add_notes(report: ImportReport, targets: list[Target], forecast: Forecast, promises: set[int]) -> None:
    """Add notes on the meetings of a run, and conspicuous warnings of what the public does not see.

    `promises` are the lines of rows that only promise their text.
    """
    for target in targets:
        report.notes += dict.fromkeys(target.notes) if len(targets) <= 5 else []
        report.notes += _note_on_absent(target)
    empty = [f"“{session.title}”" for target in targets for session in forecast.empty_sessions(target)]
    if empty:
        report.notes.append(f"Sessions without abstracts: {', '.join(empty[:MAX_LISTED])}.")
    report.warnings += _warnings_on_days(targets)
    hidden = []
    for target in targets:
        shown = forecast.shown(target)
        report.warnings += _warnings_on_empty_pages(report, target, shown.stored, promises)
        if shown.hidden:
            total = shown.hidden + len(shown.stored) + shown.new
            hidden.append(
                f"NOT VISIBLE TO THE PUBLIC: {shown.hidden} of {total} abstracts of {target.meeting}. {_remedy(target)}"
            )
    more = len(hidden) - MAX_LISTED
    report.warnings += hidden[:MAX_LISTED] + ([f"… and {more} more meetings."] if more > 0 else [])


def _note_on_absent(target: Target) -> list[str]:
    """What is in the meeting but not in the file: reported, never deleted."""
    rows = Abstract.unfiltered.filter(meeting=target.meeting).order_by("number_key")
    absent = [number or "(no number)" for pk, number in rows.values_list("pk", "number") if pk not in target.seen]
    if not absent:
        return []
    numbers = ", ".join(absent[:50]) + (" …" if len(absent) > 50 else "")
    return [f"{target.meeting}: {len(absent)} abstracts here are not in the file and were left alone: {numbers}."]


def _warnings_on_days(targets: list[Target]) -> list[str]:
    warnings = []
    for target in targets:
        if far := target.sessions.far_away():
            listed = ", ".join(far[:MAX_LISTED]) + (" …" if len(far) > MAX_LISTED else "")
            warnings.append(f"SESSIONS OUTSIDE THE MEETING'S DAYS ({target.meeting}: {target.meeting.days}): {listed}.")
    return warnings


def _warnings_on_empty_pages(report: ImportReport, target: Target, shown: set[int], promises: set[int]) -> list[str]:
    lines = {line for pk, line in target.seen.items() if pk in shown and line in promises}
    return [
        f"{row.number} has no text, but its embargo shows it to the public."
        for row in report.rows
        if row.line in lines and row.outcome is not Outcome.INVALID
    ]


def _remedy(target: Target) -> str:
    if not target.meeting.is_published:
        return "The meeting is not published."
    held = [rules.tier.name for rules in target.rules().values() if rules.is_held]
    if held:
        return f"Held until staff choose a release rule for the embargo tier {', '.join(held)} in the admin."
    return "They wait for their embargo to lift; tiers and overrides are in the admin."
