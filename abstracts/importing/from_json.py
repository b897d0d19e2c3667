"""Converts lines of JSON Lines. docs/import.md defines the format, in which the archive exports."""

from typing import Any

from ..words.identifiers import trial_ids
from ..words.text import block_html, squeeze, strip_controls
from .byline import ParsedAuthor, ParsedByline, name_authors
from .disclosures import people_in, strip_label
from .fields import PLAIN, PRESENTATION, SESSION, TITLE, WHOLE_NUMBER, Kind, figure_value
from .incoming import IncomingAbstract, byline_value, keyword_values, orcid_value, presentation_in
from .records import Record
from .typed_text import paragraphs, resolve_entities, text_html, title_html
from .values import parse_flag

_KEYS = """
meeting number reference title slug link former_slugs tier authors affiliations keywords sections disclosures
disclosures_html trial_ids figures session sessions embargo
"""
KEYS = frozenset((*_KEYS.split(), *(field.name for field in PLAIN)))


class FormatError(ValueError):
    """A key does not hold what the format wants."""


class JsonConverter:
    """Converts JSON objects; collects the keys that it does not know."""

    def __init__(self) -> None:
        self.unknown_keys: set[str] = set()

    def identify(self, record: Record) -> IncomingAbstract:
        """Only what identifies the abstract."""
        data = record.data
        incoming = IncomingAbstract(record.line)
        for name in ("meeting", "number", "reference"):
            value = data.get(name)
            setattr(incoming, name, squeeze(str(value)) if isinstance(value, str | int) else "")
        if isinstance(address := data.get("slug") or data.get("link"), str):
            incoming.set_address(address)
        return incoming

    def convert(self, record: Record) -> IncomingAbstract:
        """The whole abstract."""
        incoming = self.identify(record)
        incoming.row, incoming.errors = _without_controls(record.data), list(record.errors)
        if incoming.errors:
            return incoming
        self.unknown_keys |= incoming.row.keys() - KEYS
        for add in (_add_plain_fields, _add_text, _add_byline, _add_sessions, _add_figures):
            try:
                add(incoming, incoming.row)
            except ValueError as error:
                incoming.errors.append(str(error))
        return incoming


def _without_controls(value: Any) -> Any:
    if isinstance(value, str):
        return strip_controls(value)
    if isinstance(value, list):
        return [_without_controls(part) for part in value]
    if isinstance(value, dict):
        return {strip_controls(key): _without_controls(part) for key, part in value.items()}
    return value


def _string(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise FormatError(f"“{name}” is not text")
    return str(value)


def _text(data: dict[str, Any], name: str) -> str:
    return squeeze(resolve_entities(_string(data, name)))


def _value(data: dict[str, Any], name: str, kind: Kind) -> Any:
    if kind is WHOLE_NUMBER and not isinstance(data.get(name), int | None):
        raise FormatError(f"“{name}” is not a whole number")
    return kind.parse(_string(data, name))


def _list(data: dict[str, Any], name: str, types: type | tuple[type, ...]) -> list[Any]:
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(part, types) for part in value):
        raise FormatError(f"“{name}” is not the list it should be")
    return value


def _add_plain_fields(incoming: IncomingAbstract, data: dict[str, Any]) -> None:
    values = incoming.values
    values["title"] = TITLE.parse(_string(data, "title"))
    if incoming.slug:
        values["slug"] = incoming.slug
    incoming.former_slugs += [slug for slug in _list(data, "former_slugs", str) if 0 < len(slug) <= 220]
    incoming.tier = squeeze(_string(data, "tier"))
    if data.get("tier") == "":
        # No tier at all: an override of its own holds the abstract.
        values["tier"] = ""
    if "keywords" in data:
        values["keywords"] = keyword_values(incoming, [resolve_entities(k) for k in _list(data, "keywords", str)])
    for field in PLAIN:
        if field.name in data:
            values[field.name] = _value(data, field.name, field.kind)


def _add_text(incoming: IncomingAbstract, data: dict[str, Any]) -> None:
    texts: list[str] = []
    if "sections" in data:
        sections = _list(data, "sections", dict)
        labeled = [[_text(section, "label"), _html(section, "text", "html")] for section in sections]
        incoming.values["sections"] = [part for part in labeled if part[0] or part[1]]
        texts = [_string(section, "text") or _string(section, "html") for section in sections]
    if "disclosures" in data or "disclosures_html" in data:
        plain = {"disclosures": strip_label(_string(data, "disclosures"))}
        incoming.values["disclosures"] = _html({**data, **plain}, "disclosures", "disclosures_html")
    if "trial_ids" in data:
        ids = data["trial_ids"]
        texts = _list(data, "trial_ids", str) if isinstance(ids, list) else [_string(data, "trial_ids")]
    if "trial_ids" in data or texts:
        incoming.values["trial_ids"] = trial_ids(*texts)


def _html(data: dict[str, Any], text: str, html: str) -> str:
    if data.get(html) is not None:
        return block_html(_string(data, html))
    return text_html(paragraphs(_string(data, text)))


def _add_byline(incoming: IncomingAbstract, data: dict[str, Any]) -> None:
    if "authors" not in data:
        return
    byline = ParsedByline(affiliations=[_affiliation(part) for part in _list(data, "affiliations", (str, dict))])
    people = []
    for place, person in enumerate(_list(data, "authors", (dict, str)), 1):
        person = {"name": person} if isinstance(person, str) else person
        if name := _text(person, "name"):
            byline.authors.append(_author(incoming, byline, name, person))
            people.append(person)
        else:
            _report_nameless(incoming, byline, place, person)
    name_authors(byline, people_in(strip_label(_string(data, "disclosures"))))
    for author, person in zip(byline.authors, people, strict=True):
        _take_explicit_parts(author, person)
    incoming.values["byline"] = byline_value(byline)


def _take_explicit_parts(author: ParsedAuthor, person: dict[str, Any]) -> None:
    """Keys about a name win over what was made of its shape, also where they are empty."""
    if "group" in person:
        author.is_group = parse_flag(person["group"])
    if "family" in person:
        author.given, author.family = _text(person, "given"), _text(person, "family")


def _affiliation(part: str | dict[str, Any]) -> str:
    return squeeze(resolve_entities(part if isinstance(part, str) else _string(part, "text")))


def _author(incoming: IncomingAbstract, byline: ParsedByline, name: str, person: dict[str, Any]) -> ParsedAuthor:
    author = ParsedAuthor(name, _affiliation_numbers(byline, person))
    author.given, author.family = _text(person, "given"), _text(person, "family")
    author.orcid = orcid_value(incoming, _string(person, "orcid"))
    author.is_presenter = parse_flag(person.get("presenter", False))
    author.is_group = parse_flag(person.get("group", False))
    return author


def _affiliation_numbers(byline: ParsedByline, person: dict[str, Any]) -> list[int]:
    numbers = []
    for part in _list(person, "affiliations", (str, int, dict)):
        if isinstance(part, int):
            if not 1 <= part <= len(byline.affiliations):
                raise FormatError(f"there is no affiliation number {part}")
            numbers.append(part)
        elif text := _affiliation(part):
            if text not in byline.affiliations:
                byline.affiliations.append(text)
            numbers.append(byline.affiliations.index(text) + 1)
    return numbers


def _report_nameless(incoming: IncomingAbstract, byline: ParsedByline, place: int, person: dict[str, Any]) -> None:
    affiliations = "; ".join(byline.affiliations[number - 1] for number in _affiliation_numbers(byline, person))
    detail = f" ({affiliations})" if affiliations else ""
    incoming.messages.append(f"author {place} has no name and was left out{detail}")


def _add_sessions(incoming: IncomingAbstract, data: dict[str, Any]) -> None:
    if "sessions" in data:
        sessions = _list(data, "sessions", dict)
    elif "session" in data:
        session = data["session"]
        titled = [{"title": session}] if isinstance(session, str) and session.strip() else []
        sessions = [session] if isinstance(session, dict) else titled
    else:
        return
    incoming.values["sessions"] = [_presentation(incoming, session) for session in sessions]


def _presentation(incoming: IncomingAbstract, session: dict[str, Any]) -> dict[str, Any]:
    values = {field.name: _value(session, field.name, field.kind) for field in (*SESSION, *PRESENTATION)}
    return presentation_in(incoming.number, values)


def _add_figures(incoming: IncomingAbstract, data: dict[str, Any]) -> None:
    if "figures" not in data:
        return
    figures = []
    for place, figure in enumerate(_list(data, "figures", dict)):
        caption = title_html(_string(figure, "caption"))
        figures.append(figure_value(_text(figure, "label"), caption, _text(figure, "alt")))
        if file := _string(figure, "file").strip():
            incoming.images[place] = file
    incoming.values["figures"] = figures
