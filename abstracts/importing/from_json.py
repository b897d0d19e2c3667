"""A line of JSON Lines becomes an entry. docs/import.md defines the format, which the export writes."""

from collections.abc import Callable
from typing import Any

from ..words.identifiers import normalize_doi, trial_ids
from ..words.text import block_html, squeeze, strip_controls
from .byline import Author, Byline, name_authors
from .disclosures import strip_label
from .entries import Entry, byline_value, figure_value, keyword_values, orcid_value, session_value
from .from_sheet import hints
from .markup import paragraphs, resolve_entities, text_html, title_html
from .readers import Record
from .values import parse_date, parse_flag, parse_time, slug_of

_KEYS = """
meeting number reference title slug link former_slugs tier status status_note doi first_published legacy_id authors
affiliations keywords sections disclosures disclosures_html figures session sessions trial_ids embargo
"""
KEYS = frozenset(_KEYS.split())


class Wrong(Exception):
    """A key does not hold what the format says."""


class JsonConverter:
    """Makes entries of JSON objects; remembers the keys that it does not know."""

    def __init__(self) -> None:
        self.unused: set[str] = set()

    def identity(self, record: Record) -> Entry:
        """An entry with nothing but what it is known by."""
        data = record.data
        entry = Entry(record.line)
        for name in ("meeting", "number", "reference"):
            value = data.get(name)
            setattr(entry, name, squeeze(str(value)) if isinstance(value, str | int) else "")
        if isinstance(address := data.get("slug") or data.get("link"), str):
            entry.slug, former = slug_of(address)
            entry.former_slugs = [former] if former else []
        return entry

    def entry(self, record: Record) -> Entry:
        """The whole entry."""
        entry = self.identity(record)
        entry.row, entry.errors = _clean(record.data), list(record.errors)
        if entry.errors:
            return entry
        self.unused |= entry.row.keys() - KEYS
        for read in (_plain_fields, _text, _byline, _sessions, _figures):
            try:
                read(entry, entry.row)
            except (Wrong, ValueError) as error:
                entry.errors.append(str(error))
        return entry


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return strip_controls(value)
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return {strip_controls(k): _clean(part) for k, part in value.items()} if isinstance(value, dict) else value


def _string(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Wrong(f"“{name}” is not text")
    return str(value)


def _list(data: dict[str, Any], name: str, kinds: type | tuple[type, ...]) -> list[Any]:
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(part, kinds) for part in value):
        raise Wrong(f"“{name}” is not the list it should be")
    return value


def _plain_fields(entry: Entry, data: dict[str, Any]) -> None:
    values = entry.values
    values["title"] = title_html(_string(data, "title"))
    if entry.slug:
        values["slug"] = entry.slug
    entry.former_slugs += [s for s in _list(data, "former_slugs", str) if 0 < len(s) <= 220]
    entry.tier = squeeze(_string(data, "tier"))
    if data.get("tier") == "":
        # None at all: an override of its own holds it.
        values["tier"] = ""
    if "keywords" in data:
        values["keywords"] = keyword_values(entry, [resolve_entities(k) for k in _list(data, "keywords", str)])
    for name in ("status", "status_note", "doi"):
        if name in data:
            values[name] = squeeze(_string(data, name))
    if "doi" in values:
        values["doi"] = normalize_doi(values["doi"])
    if "status" in values:
        values["status"] = values["status"].lower() or "published"
    if "first_published" in data:
        values["first_published"] = _iso(parse_date, _string(data, "first_published"))
    if "legacy_id" in data:
        values["legacy_id"] = _whole(data, "legacy_id")


def _whole(data: dict[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Wrong(f"“{name}” is not a whole number")
    return value


def _iso(parse: Callable[[str], Any], text: str) -> str:
    return parse(text).isoformat() if text.strip() else ""


def _html(data: dict[str, Any], text: str, html: str) -> str:
    if data.get(html) is not None:
        return block_html(_string(data, html))
    return text_html(paragraphs(_string(data, text)))


def _text(entry: Entry, data: dict[str, Any]) -> None:
    texts: list[str] = []
    if "sections" in data:
        sections = _list(data, "sections", dict)
        entry.values["sections"] = [
            [squeeze(resolve_entities(_string(s, "label"))), _html(s, "text", "html")] for s in sections
        ]
        entry.values["sections"] = [part for part in entry.values["sections"] if part[0] or part[1]]
        texts = [_string(section, "text") or _string(section, "html") for section in sections]
    if "disclosures" in data or "disclosures_html" in data:
        plain = {"disclosures": strip_label(_string(data, "disclosures"))}
        entry.values["disclosures"] = _html({**data, **plain}, "disclosures", "disclosures_html")
    if "trial_ids" in data:
        typed = data["trial_ids"]
        entry.values["trial_ids"] = trial_ids(
            " ".join(typed) if isinstance(typed, list) else _string(data, "trial_ids")
        )
    elif texts:
        entry.values["trial_ids"] = trial_ids(*texts)


def _byline(entry: Entry, data: dict[str, Any]) -> None:
    if "authors" not in data:
        return
    shared = [_affiliation(part) for part in _list(data, "affiliations", (str, dict))]
    byline = Byline(affiliations=shared)
    people = []
    for place, person in enumerate(_list(data, "authors", (dict, str)), 1):
        person = {"name": person} if isinstance(person, str) else person
        if name := squeeze(resolve_entities(_string(person, "name"))):
            byline.authors.append(_author(entry, byline, name, person))
            people.append(person)
        else:
            _left_out(entry, byline, place, person)
    name_authors(byline, hints(strip_label(_string(data, "disclosures"))))
    for author, person in zip(byline.authors, people, strict=True):
        _as_given(author, person)
    entry.values["byline"] = byline_value(byline)


def _as_given(author: Author, person: dict[str, Any]) -> None:
    """What an export says of a name stands, also that nothing is known: names are taken apart where no key says."""
    if "group" in person:
        author.is_group = parse_flag(person["group"])
    if "family" in person:
        author.given, author.family = (squeeze(resolve_entities(_string(person, part))) for part in ("given", "family"))


def _affiliation(part: str | dict[str, Any]) -> str:
    return squeeze(resolve_entities(part if isinstance(part, str) else _string(part, "text")))


def _author(entry: Entry, byline: Byline, name: str, person: dict[str, Any]) -> Author:
    author = Author(name, _numbers(byline, person))
    author.given, author.family = (squeeze(resolve_entities(_string(person, part))) for part in ("given", "family"))
    author.orcid = orcid_value(entry, _string(person, "orcid"))
    author.is_presenter = parse_flag(person.get("presenter", False))
    author.is_group = parse_flag(person.get("group", False))
    return author


def _numbers(byline: Byline, person: dict[str, Any]) -> list[int]:
    numbers = []
    for part in _list(person, "affiliations", (str, int, dict)):
        if isinstance(part, int):
            if not 1 <= part <= len(byline.affiliations):
                raise Wrong(f"there is no affiliation number {part}")
            numbers.append(part)
        elif text := _affiliation(part):
            if text not in byline.affiliations:
                byline.affiliations.append(text)
            numbers.append(byline.affiliations.index(text) + 1)
    return numbers


def _left_out(entry: Entry, byline: Byline, place: int, person: dict[str, Any]) -> None:
    lost = [byline.affiliations[n - 1] for n in _numbers(byline, person)]
    entry.messages.append(f"author {place} has no name and was left out" + (f" ({'; '.join(lost)})" if lost else ""))


def _sessions(entry: Entry, data: dict[str, Any]) -> None:
    if "sessions" in data:
        sessions = _list(data, "sessions", dict)
    elif "session" in data:
        one = data["session"]
        sessions = [one] if isinstance(one, dict) else [{"title": one}] if isinstance(one, str) and one.strip() else []
    else:
        return
    entry.values["sessions"] = [_session(entry, session) for session in sessions]


def _session(entry: Entry, session: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        n: squeeze(resolve_entities(_string(session, n))) for n in ("code", "title", "type", "place")
    }
    given["date"] = _iso(parse_date, _string(session, "date"))
    for name in ("start", "end", "presentation_start", "presentation_end"):
        given[name] = _iso(parse_time, _string(session, name))
    return session_value(entry.number, position=_whole(session, "position"), **given)


def _figures(entry: Entry, data: dict[str, Any]) -> None:
    if "figures" not in data:
        return
    found = []
    for place, figure in enumerate(_list(data, "figures", dict)):
        caption = title_html(_string(figure, "caption"))
        alt = squeeze(resolve_entities(_string(figure, "alt")))
        found.append(figure_value(squeeze(resolve_entities(_string(figure, "label"))), caption, alt))
        if file := _string(figure, "file").strip():
            entry.images[place] = file
    entry.values["figures"] = found
