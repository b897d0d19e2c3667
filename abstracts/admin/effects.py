"""What a change does to what the public sees, for pages: groups of abstracts to which the same happens."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from typing import Any

from ..models import Meeting
from ..models.effects import FUTURE_LEVELS, KINDS
from ..visibility import Level
from .embargo import WORDS, both_zones

SHOWN = 10


def effects_for_page(stored: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of `effects_as_json`, with words: `title`, `sentences`, the first SHOWN abstracts and the others."""
    slugs = {group["meeting"] for group in stored.get("groups", [])}
    meetings = {meeting.slug: meeting for meeting in Meeting.objects.filter(slug__in=slugs)}
    return [_group_for_page(group, meetings.get(group["meeting"])) for group in stored.get("groups", [])]


def _group_for_page(group: dict[str, Any], meeting: Meeting | None) -> dict[str, Any]:
    return {
        "kind": group["kind"],
        "title": KINDS[group["kind"]],
        "meeting": meeting or group["meeting"],
        "count": len(group["abstracts"]),
        "sentences": _sentences(group, meeting.zone if meeting else zoneinfo.ZoneInfo("UTC")),
        "first": group["abstracts"][:SHOWN],
        "others": group["abstracts"][SHOWN:],
    }


def _sentences(group: dict[str, Any], zone: dt.tzinfo) -> list[str]:
    before, after = group["level_before"], group["level_after"]
    sentences = [f"The public now sees {WORDS[Level(before)]}."]
    if after != before:
        sentences = [f"The public sees {WORDS[Level(before)]} now, and {WORDS[Level(after)]} after the change."]
    # Levels that come at the same instant are one sentence, with the words of the highest.
    changed: dict[tuple[str | None, str | None], Level] = {}
    for level, old, new in zip(FUTURE_LEVELS, group["opens_before"], group["opens_after"], strict=True):
        if level > after and (level <= before or old != new):
            changed[None if level <= before else old, new] = level
    return sentences + [_change_of_instant(level, old, new, zone) for (old, new), level in changed.items()]


def _change_of_instant(level: Level, old: str | None, new: str | None, zone: dt.tzinfo) -> str:
    former = f", so far from {_when(old, zone)}" if old else ""
    if new is None:
        return f"No time is set from which it will see {WORDS[level]}{former}."
    return f"It will see {WORDS[level]} from {_when(new, zone)}{former}."


def _when(instant: str, zone: dt.tzinfo) -> str:
    return both_zones(dt.datetime.fromisoformat(instant), zone)


def summary_of(stored: dict[str, Any]) -> str:
    """“12 abstracts public at once; 1 abstract hidden from the public at once”."""
    counts: dict[str, int] = defaultdict(int)
    for group in stored.get("groups", []):
        counts[group["kind"]] += len(group["abstracts"])
    kinds = [f"{count:,} abstract{'' if count == 1 else 's'} {_lower(KINDS[kind])}" for kind, count in counts.items()]
    return "; ".join(kinds) or "nothing"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
