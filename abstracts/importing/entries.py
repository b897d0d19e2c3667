"""An abstract as a file gives it, in the one form in which files, database and earlier imports are compared.

`values` holds the fields that the file provides, as JSON: text, numbers, lists, dicts. What is not there is not the
file's business. `affiliations` of an author are numbers, from 1, into those of the byline.
"""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from ..models.keyword import keyword_key
from ..visibility import Status
from ..words.identifiers import is_doi, last_digits, normalize_orcid
from ..words.text import plain_text, squeeze
from .byline import Author, Byline

NEEDS_NOTE = (Status.WITHDRAWN, Status.RETRACTED, Status.CORRECTED)
SMALL = 32_767
BIG = 2_147_483_647


@dataclass(slots=True)
class Entry:
    """One abstract of the file.

    It is known by its `number`, else its `reference`, else its `slug`. `promise` is the text of a row that only says
    when its text will come. `images` are files to fetch, by position among the figures.
    """

    line: int
    meeting: str = ""
    number: str = ""
    reference: str = ""
    slug: str = ""
    former_slugs: list[str] = field(default_factory=list)
    tier: str = ""
    promise: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    row: dict[str, Any] = field(default_factory=dict)
    images: dict[int, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """Two entries with the same key are the same abstract."""
        kind = "number" if self.number else "reference" if self.reference else "slug"
        return self.meeting, kind, self.number or self.reference or self.slug

    @property
    def name(self) -> str:
        """How reports call it."""
        return self.number or self.reference or self.slug


def figure_value(label: str = "", caption: str = "", alt: str = "") -> dict[str, str]:
    """A figure in `values`; `file` and `digest` are filled in where an image is supplied."""
    return {"label": label, "caption": caption, "alt": alt, "file": "", "digest": ""}


SESSION_FIELDS = ("code", "title", "type", "date", "start", "end", "place")
PRESENTATION_FIELDS = ("position", "presentation_start", "presentation_end")


def session_value(number: str, **given: Any) -> dict[str, Any]:
    """A presentation in `values`: the session's fields as text, ISO dates and times; position, an integer.

    Without a position the abstract's number gives it, so that a session reads in the order of its numbers.
    """
    found: dict[str, Any] = {name: given.get(name) or "" for name in (*SESSION_FIELDS, *PRESENTATION_FIELDS[1:])}
    position = given.get("position")
    found["position"] = position if position is not None else min(last_digits(number), BIG)
    found["title"] = found["title"] or found["code"]
    return found


def byline_value(byline: Byline) -> dict[str, Any]:
    """A byline in `values`."""
    return {"affiliations": list(byline.affiliations), "authors": [author_value(author) for author in byline.authors]}


def author_value(author: Author) -> dict[str, Any]:
    """An author in a byline of `values`."""
    return {
        "name": squeeze(author.name),
        "given": squeeze(author.given)[:200],
        "family": squeeze(author.family)[:200],
        "orcid": author.orcid,
        "presenter": author.is_presenter,
        "group": author.is_group,
        "affiliations": sorted(set(author.affiliations)),
    }


def keyword_values(entry: Entry, labels: list[str]) -> list[str]:
    """Keywords as typed, each once; the entry's messages say what was left out."""
    kept: dict[str, str] = {}
    for label in filter(None, map(squeeze, labels)):
        if not (key := keyword_key(label)):
            entry.messages.append(f"“{label}” is no keyword; it was left out")
        elif key in kept:
            entry.messages.append(f"keyword “{label}” stands there twice; it was taken once")
        elif len(label) > 300:
            entry.errors.append("has a keyword of more than 300 characters; are they parted by “;”?")
        else:
            kept[key] = label
    return list(kept.values())


def orcid_value(entry: Entry, typed: str) -> str:
    """The normal form of an ORCID iD; "" and a message where it is invalid. The row keeps it as typed."""
    try:
        return normalize_orcid(typed)
    except ValidationError as error:
        reason = "its check digit is wrong" if error.code == "checksum" else "it is written like 0000-0002-1825-0097"
        entry.messages.append(f"“{typed}” is no ORCID ({reason}); it was left out")
        return ""


def check(entry: Entry) -> None:
    """Add to the errors of `entry` what the database would refuse, in words."""
    values = entry.values
    if not plain_text(values.get("title", "")):
        entry.errors.append("has no title")
    if not (entry.number or entry.reference or entry.slug):
        entry.errors.append("has neither number, reference nor link")
    for name, text, most in (("number", entry.number, 40), ("reference", entry.reference, 200)):
        if len(text) > most:
            entry.errors.append(f"has a {name} of more than {most} characters")
    _check_status(entry)
    if not entry.promise and values.get("sections") == []:
        entry.messages.append("has no text")
    if "byline" in values and not values["byline"]["authors"]:
        entry.messages.append("has no authors")
    _check_doi(entry)
    _check_children(entry)


def _check_status(entry: Entry) -> None:
    status = entry.values.get("status")
    if status is not None and status not in Status.values:
        entry.errors.append(f"“{status}” is no status; it is one of {', '.join(Status.values)}")
    if status in NEEDS_NOTE and not entry.values.get("status_note"):
        entry.errors.append(f"is {status} and needs a public note that says why (status_note)")


def _check_doi(entry: Entry) -> None:
    """A mistyped identifier stops no import: it is said, and left out."""
    doi = entry.values.get("doi", "")
    if doi and not is_doi(doi):
        entry.messages.append(f"“{doi}” is no DOI (one looks like 10.1002/art.12345); it was left out")
        entry.values["doi"] = ""
    if len(doi) > 200:
        entry.errors.append("has a DOI of more than 200 characters")


def _check_children(entry: Entry) -> None:
    values = entry.values
    for label, _ in values.get("sections", []):
        if len(label) > 200:
            entry.errors.append("has a section label of more than 200 characters")
    byline = values.get("byline", {"authors": [], "affiliations": []})
    for author in byline["authors"]:
        if len(author["name"]) > 300:
            entry.errors.append(f"has an author's name of more than 300 characters: “{author['name'][:60]}…”")
    if len(byline["authors"]) > SMALL or len(byline["affiliations"]) > SMALL:
        entry.errors.append("has too many authors or affiliations")
    for figure in values.get("figures", []):
        if len(figure["label"]) > 100:
            entry.errors.append("has a figure label of more than 100 characters")
    for session in values.get("sessions", []):
        _check_session(entry, session)


def _check_session(entry: Entry, session: dict[str, Any]) -> None:
    for name, most in (("code", 40), ("title", 500), ("type", 120), ("place", 200)):
        if len(session[name]) > most:
            entry.errors.append(f"has a session {name} of more than {most} characters")
    if session["start"] and not session["date"]:
        entry.errors.append("has a session with a start but no date")
    if session["end"] and not session["start"]:
        entry.errors.append("has a session with an end but no start")
    if not session["title"]:
        entry.errors.append("has a session without title and code")
    if not 0 <= session["position"] <= BIG:
        entry.errors.append("has a position that is no positive number")
