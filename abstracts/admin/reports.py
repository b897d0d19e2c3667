"""An import's report for people: by outcome, with lines, shortened."""

from ..importing import Outcome
from .effects import effects_for_page

ROWS_SHOWN = 100
MESSAGES_SHOWN = 5


def report_context(report: dict) -> dict:
    """Template context for `_report.html` from `ImportReport.as_dict()`.

    `effects` are for `_effects.html`. Each outcome has at most ROWS_SHOWN rows with their lines, fields and messages;
    `more` counts the others.
    """
    rows = report.get("rows", [])
    groups = []
    for outcome in (Outcome.INVALID, Outcome.SKIPPED, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED):
        same = [row for row in rows if row.get("outcome") == outcome.value]
        if same:
            shown = sorted(same, key=lambda row: not row.get("messages"))[:ROWS_SHOWN]
            groups.append(
                {
                    "outcome": outcome.value,
                    "count": len(same),
                    "rows": [_shortened(row) for row in shown],
                    "more": len(same) - len(shown),
                    "is_open": outcome in (Outcome.INVALID, Outcome.SKIPPED),
                }
            )
    return {"report": report, "groups": groups, "effects": _effects(report)}


def _effects(report: dict) -> list[dict] | None:
    """What becomes or became public, or hidden; None for reports of former versions, which did not say."""
    stored = report.get("effects")
    if not stored:
        return None
    return [group for group in effects_for_page(stored) if group["kind"] != "other"]


def _shortened(row: dict) -> dict:
    messages = row.get("messages", [])
    more = len(messages) - MESSAGES_SHOWN
    return row | {"messages": [*messages[:MESSAGES_SHOWN], *([f"… and {more} more"] if more > 0 else [])]}
