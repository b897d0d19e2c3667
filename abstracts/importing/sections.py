"""Splits the text of an abstract into labeled sections and figure captions; recognizes promises of a text."""

import calendar
import datetime as dt
import re
import zoneinfo
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..models.meeting import to_instant
from ..words.text import fold, squeeze
from .typed_text import paragraphs

# Usual labels in medicine. `learn_labels` adds those of a file.
_LABELS = """
background;background/purpose;purpose;introduction;objective;objectives;aim;aims;aim of the study;hypothesis;rationale;
background and objectives;background/objectives;context;methods;method;materials and methods;methods and materials;
patients and methods;design;setting;participants;patients;intervention;interventions;main outcome measures;
outcome measures;measurements;statistical analysis;results;findings;conclusion;conclusions;discussion;interpretation;
conclusion/discussion;discussion/conclusion;summary;implications;clinical implications;maintenance;quality of life;
takeaway;takeaways;acknowledgement;acknowledgements;acknowledgment;acknowledgments;funding;trial registration;
registration;references;reference;case presentation;case report;learning objectives
"""
KNOWN_LABELS = frozenset(label.strip() for label in _LABELS.split(";"))
# So many rows make a label.
MIN_ROWS = 3

_LABEL = re.compile(r"(?P<label>[^\W\d_][\w/&,’' ()\-–]{1,58}?)\s*:(?=\s|$)\s*", re.S)
_CAPTION = re.compile(
    r"(?:(?P<label>Supporting image\s*\d*)\s*[:.]?\s*|(?=(?:Figure|Fig\.?)\s*\d+\s*[.:]))(?P<caption>.*)", re.I | re.S
)
_FIGURE_LABEL = re.compile(r"^(?P<label>(?:Figure|Fig\.?)\s*\d+\w?)\s*[.:]\s*", re.I)


@dataclass
class SplitText:
    """The parts of a cell of text, as plain text: (label, paragraphs) of sections, (label, caption) of figures."""

    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    captions: list[tuple[str, str]] = field(default_factory=list)


def label_of(paragraph: str) -> tuple[str, str]:
    """What may be a label at the beginning of `paragraph`, and the rest; ("", paragraph) without one."""
    match = _LABEL.match(paragraph)
    if not match or not match["label"][0].isupper() or len(match["label"].split()) > 6:
        return "", paragraph
    return match["label"].strip(), paragraph[match.end() :]


def learn_labels(texts: Iterable[str]) -> frozenset[str]:
    """The labels of a file: the usual ones, and what looks like a label in at least `MIN_ROWS` of its rows.

    Words before a colon in one abstract are a sentence; in several abstracts they are a label.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({fold(label) for paragraph in paragraphs(text) if (label := label_of(paragraph)[0])})
    return KNOWN_LABELS | {label for label, rows in counts.items() if rows >= MIN_ROWS}


def split_text(text: str, labels: frozenset[str] = KNOWN_LABELS) -> SplitText:
    """The sections and figure captions of `text`, which has no disclosures. Every word of it is in one of them."""
    parts = SplitText()
    for paragraph in paragraphs(text):
        if caption := _caption(paragraph, bool(parts.captions)):
            parts.captions.append(caption)
            continue
        label, rest = label_of(paragraph)
        if label and fold(label) in labels:
            parts.sections.append((squeeze(label), [rest] if rest else []))
        elif parts.sections:
            parts.sections[-1][1].append(paragraph)
        else:
            parts.sections.append(("", [paragraph]))
    return parts


def _caption(paragraph: str, after_another: bool) -> tuple[str, str] | None:
    """“Supporting image 1Figure 1. Course of …” gives ("Supporting image 1", "Figure 1. Course of …").

    “Figure 2. …” is a caption only after another caption: elsewhere it may begin a sentence.
    """
    match = _CAPTION.match(paragraph)
    if not match or not (match["label"] or after_another):
        return None
    caption = squeeze(match["caption"])
    label = squeeze(match["label"] or "")
    if not label and (figure := _FIGURE_LABEL.match(caption)):
        label, caption = figure["label"], caption[figure.end() :]
    return label, caption


# Rows that promise a text

_PROMISE = re.compile(
    r"\b(?:will be|to be) (?:released|available|published|presented|announced|posted)\b|\bembargoed until\b", re.I
)
_MONTHS = tuple(month.lower() for month in calendar.month_name if month)
_WHEN = re.compile(
    r"(?P<month>[A-Z][a-z]{2,8})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>\d{4}))?,?(?: at)? "
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))? ?(?P<half>[ap])\.?m\.?(?: (?P<zone>[A-Z]{2,4}))?",
    re.I,
)
_ZONES = {
    "ET": "America/New_York", "EST": "America/New_York", "EDT": "America/New_York", "CT": "America/Chicago",
    "CST": "America/Chicago", "CDT": "America/Chicago", "MT": "America/Denver", "MST": "America/Denver",
    "MDT": "America/Denver", "PT": "America/Los_Angeles", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
    "UTC": "UTC", "GMT": "UTC",
}  # fmt: skip


def is_promise(text: str) -> bool:
    """Whether `text` is one short paragraph that promises a text."""
    return len(text) < 200 and len(paragraphs(text)) == 1 and bool(_PROMISE.search(text))


def promised_instant(text: str, year: int | None, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    """The instant that a promise names, in the zone it names or else in `zone`; None where it is not clear."""
    match = _WHEN.search(text)
    if not match or not (match["year"] or year):
        return None
    months = [number for number, month in enumerate(_MONTHS, 1) if month.startswith(match["month"].lower())]
    abbreviation = (match["zone"] or "").upper()
    if len(months) != 1 or (abbreviation and abbreviation not in _ZONES):
        return None
    try:
        date = dt.date(int(match["year"] or year or 0), months[0], int(match["day"]))
        time = dt.time(int(match["hour"]) % 12 + (12 if match["half"].lower() == "p" else 0), int(match["minute"] or 0))
    except ValueError:
        return None
    return to_instant(date, time, zoneinfo.ZoneInfo(_ZONES[abbreviation]) if abbreviation else zone)
