"""An abstract from a file, in the one form in which files, the database and earlier imports are compared.

`values` has the fields that the file provides, as JSON: text, numbers, lists, dicts (`abstracts.importing.fields`).
A field that is not in it is left alone. The `affiliations` of an author are numbers, from 1, into those of the byline.
"""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from ..models.keyword import keyword_key
from ..models.session import problem_of_times
from ..visibility import Status
from ..words.identifiers import is_doi, last_digits, normalize_orcid
from ..words.text import plain_text, squeeze
from .byline import ParsedByline
from .fields import PRESENTATION, SESSION, TIME, author_value
from .values import MAX_INTEGER, slug_of

NEEDS_NOTE = (Status.WITHDRAWN, Status.RETRACTED, Status.CORRECTED)
MAX_SMALL_INTEGER = 32_767


@dataclass(slots=True)
class IncomingAbstract:
    """One abstract of a file, with what is wrong (`errors`) or unusual (`messages`) about it.

    It is identified by its `number`, else its `reference`, else its `slug`. `promise` is the text of a row that says
    only when its text will come. `row` is the row as it came. `images` are names of image files by place among the
    figures.
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
    def keys(self) -> list[tuple[str, str]]:
        """What it is identified by, the best first: ("number" | "reference" | "slug", value)."""
        pairs = (("number", self.number), ("reference", self.reference), ("slug", self.slug))
        return [(kind, value) for kind, value in pairs if value]

    @property
    def name(self) -> str:
        """Its name in reports; "" where nothing identifies it."""
        return self.keys[0][1] if self.keys else ""

    def set_address(self, address: str) -> None:
        """Take the slug from an address; another one that stood there becomes a former one."""
        self.slug, former = slug_of(address)
        self.former_slugs = [former] if former else []


def presentation_in(number: str, values: dict[str, Any]) -> dict[str, Any]:
    """A presentation as a value, of what a file says: text, ISO dates and times; position, an integer.

    Without a position, the digits of the abstract's number give it, so that a session is in the order of its numbers.
    """
    value: dict[str, Any] = {field.name: values.get(field.name) or "" for field in (*SESSION, *PRESENTATION)}
    position = values.get("position")
    value["position"] = position if position is not None else min(last_digits(number), MAX_INTEGER)
    value["title"] = value["title"] or value["code"]
    return value


def byline_value(byline: ParsedByline) -> dict[str, Any]:
    """A parsed byline as a value."""
    authors = [author_value(author, sorted(set(author.affiliations))) for author in byline.authors]
    for author in authors:
        author["name"] = squeeze(author["name"])
        author["given"], author["family"] = squeeze(author["given"])[:200], squeeze(author["family"])[:200]
    return {"affiliations": list(byline.affiliations), "authors": authors}


def keyword_values(incoming: IncomingAbstract, labels: list[str]) -> list[str]:
    """Keywords as typed, each once. Messages name those that are left out."""
    by_key: dict[str, str] = {}
    for label in filter(None, map(squeeze, labels)):
        if not (key := keyword_key(label)):
            incoming.messages.append(f"“{label}” is no keyword; it was left out")
        elif key in by_key:
            incoming.messages.append(f"keyword “{label}” stands there twice; it was taken once")
        elif len(label) > 300:
            incoming.errors.append("has a keyword of more than 300 characters; are they parted by “;”?")
        else:
            by_key[key] = label
    return list(by_key.values())


def orcid_value(incoming: IncomingAbstract, typed: str) -> str:
    """The normal form of an ORCID iD; "" and a message where it is invalid. The row keeps it as typed."""
    try:
        return normalize_orcid(typed)
    except ValidationError as error:
        reason = "its check digit is wrong" if error.code == "checksum" else "it is written like 0000-0002-1825-0097"
        incoming.messages.append(f"“{typed}” is no ORCID ({reason}); it was left out")
        return ""


def check(incoming: IncomingAbstract) -> None:
    """Add to the errors of `incoming` what the database would refuse, in words."""
    values = incoming.values
    if not plain_text(values.get("title", "")):
        incoming.errors.append("has no title")
    if not incoming.keys:
        incoming.errors.append("has neither number, reference nor link")
    _check_length(incoming, "number", incoming.number, 40)
    _check_length(incoming, "reference", incoming.reference, 200)
    _check_status(incoming)
    if not incoming.promise and values.get("sections") == []:
        incoming.messages.append("has no text")
    if "byline" in values and not values["byline"]["authors"]:
        incoming.messages.append("has no authors")
    _check_doi(incoming)
    _check_parts(incoming)


def _check_length(incoming: IncomingAbstract, name: str, text: str, limit: int) -> None:
    if len(text) > limit:
        incoming.errors.append(f"has a {name} of more than {limit} characters")


def _check_status(incoming: IncomingAbstract) -> None:
    status = incoming.values.get("status")
    if status is not None and status not in Status.values:
        incoming.errors.append(f"“{status}” is no status; it is one of {', '.join(Status.values)}")
    if status in NEEDS_NOTE and not incoming.values.get("status_note"):
        incoming.errors.append(f"is {status} and needs a public note that says why (status_note)")


def check_note(incoming: IncomingAbstract, changes: dict[str, Any], stored: dict[str, Any]) -> None:
    """Add an error where `changes` of the values `stored` would leave a published abstract with a public note."""
    after = stored | changes
    if changes.keys() & {"status", "status_note"} and after["status"] == Status.PUBLISHED and after["status_note"]:
        incoming.errors.append(
            f"is published, but has the public note “{after['status_note'][:80]}”: "
            "clear the note (status_note), or write corrected, withdrawn or retracted"
        )


def _check_doi(incoming: IncomingAbstract) -> None:
    """A mistyped DOI does not stop an import: a message says that it was left out."""
    doi = incoming.values.get("doi", "")
    if doi and not is_doi(doi):
        incoming.messages.append(f"“{doi}” is no DOI (one looks like 10.1002/art.12345); it was left out")
        incoming.values["doi"] = ""
    _check_length(incoming, "DOI", doi, 200)


def _check_parts(incoming: IncomingAbstract) -> None:
    values = incoming.values
    for label, _ in values.get("sections", []):
        _check_length(incoming, "section label", label, 200)
    byline = values.get("byline", {"authors": [], "affiliations": []})
    for author in byline["authors"]:
        if len(author["name"]) > 300:
            incoming.errors.append(f"has an author's name of more than 300 characters: “{author['name'][:60]}…”")
    if len(byline["authors"]) > MAX_SMALL_INTEGER or len(byline["affiliations"]) > MAX_SMALL_INTEGER:
        incoming.errors.append("has too many authors or affiliations")
    for figure in values.get("figures", []):
        _check_length(incoming, "figure label", figure["label"], 100)
    for session in values.get("sessions", []):
        _check_session(incoming, session)


def _check_session(incoming: IncomingAbstract, session: dict[str, Any]) -> None:
    for name, limit in (("code", 40), ("title", 500), ("type", 120), ("place", 200)):
        _check_length(incoming, f"session {name}", session[name], limit)
    if session["start"] and not session["date"]:
        incoming.errors.append("has a session with a start but no date")
    if session["end"] and not session["start"]:
        incoming.errors.append("has a session with an end but no start")
    if not session["title"]:
        incoming.errors.append("has a session without title and code")
    for name, start, end in (("session", "start", "end"), ("presentation", "presentation_start", "presentation_end")):
        if problem := problem_of_times(TIME.load(session[start]), TIME.load(session[end])):
            incoming.errors.append(f"has a {name} that {problem}")
