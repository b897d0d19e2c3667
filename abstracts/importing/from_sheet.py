"""Converts rows of a sheet."""

from collections.abc import Callable
from typing import Any

from ..words.identifiers import trial_ids
from ..words.text import fold, squeeze, strip_controls
from .byline import ParsedByline, parse_byline
from .columns import SECTION
from .disclosures import cut_disclosures, people_in, strip_label
from .fields import PLAIN, SESSION, TIME, TITLE, WHOLE_NUMBER, Kind, figure_value
from .incoming import IncomingAbstract, byline_value, keyword_values, orcid_value, presentation_in
from .records import Record
from .sections import is_promise, split_text
from .typed_text import paragraphs, resolve_entities, text_html, title_html
from .values import parse_time_range, split_list

# Columns that say when something takes place: of no use without a session.
WHEN = (
    "session_date", "session_time", "session_start", "session_end",
    "presentation_time", "presentation_start", "presentation_end",
)  # fmt: skip


class SheetConverter:
    """Converts the rows of one sheet. `columns` maps column -> field; `labels` are those of its sections."""

    def __init__(self, columns: dict[str, str], labels: frozenset[str]):
        self.columns, self.labels = columns, labels
        self.fields = set(columns.values())

    def identify(self, record: Record) -> IncomingAbstract:
        """Only what identifies the abstract."""
        cells = self._cells(record)
        incoming = IncomingAbstract(record.line, squeeze(cells.get("meeting", "")), squeeze(cells.get("number", "")))
        incoming.reference = squeeze(cells.get("reference", ""))
        if address := cells.get("slug") or cells.get("link") or "":
            incoming.set_address(address)
        return incoming

    def convert(self, record: Record) -> IncomingAbstract:
        """The whole abstract."""
        incoming = self.identify(record)
        incoming.row = {name: strip_controls(text) for name, text in record.data.items()}
        incoming.errors = list(record.errors)
        cells = self._cells(record)
        if any(strip_controls(text) != text for text in cells.values()):
            incoming.messages.append("control characters were taken out")
        self._add_plain_fields(incoming, cells)
        self._add_text(incoming, cells)
        self._add_byline(incoming, cells)
        self._add_session(incoming, cells)
        self._add_figures(incoming, cells)
        return incoming

    def _cells(self, record: Record) -> dict[str, str]:
        return {field: record.data.get(column) or "" for column, field in self.columns.items()}

    def _add_plain_fields(self, incoming: IncomingAbstract, cells: dict[str, str]) -> None:
        values = incoming.values
        values["title"] = TITLE.parse(cells["title"])
        if {"link", "slug"} & self.fields and incoming.slug:
            values["slug"] = incoming.slug
        if "keywords" in self.fields:
            values["keywords"] = keyword_values(incoming, split_list(resolve_entities(cells["keywords"])))
        for field in PLAIN:
            if field.name in self.fields:
                values[field.name] = _parse(incoming, field.kind, cells[field.name])
        incoming.tier = squeeze(cells.get("tier", ""))

    # Text

    def _add_text(self, incoming: IncomingAbstract, cells: dict[str, str]) -> None:
        body, disclosures = cells.get("text", ""), cells.get("disclosures", "")
        if "text" in self.fields and not disclosures.strip():
            body, disclosures = cut_disclosures(body)
        if "text" in self.fields and is_promise(body) and not cells.get("authors", "").strip():
            incoming.promise = squeeze(body)
            return
        labeled = [(name.removeprefix(SECTION), text) for name, text in cells.items() if name.startswith(SECTION)]
        if "text" in self.fields or labeled:
            text = split_text(body, self.labels)
            sections = text.sections + [(label, paragraphs(part)) for label, part in labeled if part.strip()]
            incoming.values["sections"] = [[label, text_html(parts)] for label, parts in sections]
            if text.captions:
                captions = [(label, title_html(caption)) for label, caption in text.captions]
                incoming.values["figures"] = [figure_value(label, caption) for label, caption in captions]
            texts = [body, *(part for _, part in labeled), cells.get("trial_ids", "")]
            incoming.values["trial_ids"] = trial_ids(*texts)
        elif "trial_ids" in self.fields:
            incoming.values["trial_ids"] = trial_ids(cells["trial_ids"])
        typed = cells.get("trial_ids", "")
        if typed.strip() and not trial_ids(typed):
            incoming.messages.append(f"“{squeeze(typed)}” is no trial id that is known; it was left out")
        if {"text", "disclosures"} & self.fields:
            incoming.values["disclosures"] = text_html(paragraphs(strip_label(disclosures)))

    # ParsedByline

    def _add_byline(self, incoming: IncomingAbstract, cells: dict[str, str]) -> None:
        if "authors" not in self.fields or incoming.promise:
            return
        typed = resolve_entities(cells["authors"])
        if affiliations := cells.get("affiliations", "").strip():
            typed = f"{typed.strip().rstrip(',;')} , {resolve_entities(affiliations)}"
        people = people_in(strip_label(cells.get("disclosures", "")) or cut_disclosures(cells.get("text", ""))[1])
        byline = parse_byline(typed, people)
        incoming.messages += byline.problems
        if people and len(people) != len(byline.authors):
            incoming.messages.append(f"{len(byline.authors)} authors, but {len(people)} people in the disclosures")
        _mark_presenter(incoming, byline, squeeze(cells.get("presenter", "")))
        incoming.values["byline"] = byline_value(byline)

    # Session, figures

    def _add_session(self, incoming: IncomingAbstract, cells: dict[str, str]) -> None:
        if not (cells.get("session_code", "").strip() or cells.get("session_title", "").strip()):
            if typed := [name for name in WHEN if cells.get(name, "").strip()]:
                incoming.errors.append(
                    f"has “{squeeze(cells[typed[0]])}” ({typed[0]}), but names no session (session_code, session_title)"
                )
            if {"session_code", "session_title"} & self.fields:
                incoming.values["sessions"] = []
            return
        values: dict[str, Any] = {}
        for field in SESSION:
            if field.kind is not TIME:
                values[field.name] = _parse(incoming, field.kind, cells.get(f"session_{field.name}", ""))
        values["start"], values["end"] = _parse_times(incoming, cells, "session")
        values["presentation_start"], values["presentation_end"] = _parse_times(incoming, cells, "presentation")
        values["position"] = _parse(incoming, WHOLE_NUMBER, cells.get("position", ""))
        incoming.values["sessions"] = [presentation_in(incoming.number, values)]

    def _add_figures(self, incoming: IncomingAbstract, cells: dict[str, str]) -> None:
        if not {"figures", "figure_captions"} & self.fields or incoming.promise:
            return
        columns = ("figures", "figure_labels", "figure_captions", "figure_alts")
        # Places count: “;;” leaves one out.
        files, labels, captions, alts = ([p.strip() for p in cells.get(c, "").split(";")] for c in columns)
        count = max(sum(map(bool, files)) and len(files), sum(map(bool, captions)) and len(captions))
        figures = list(incoming.values.get("figures", []))
        figures += [figure_value() for _ in range(count - len(figures))]
        if len(files) < len(captions) and any(files):
            incoming.messages.append(f"{len(files)} figure files, but {len(captions)} captions")
        for place, figure in enumerate(figures):
            for name, parts in (("label", labels), ("caption", captions), ("alt", alts)):
                if place < len(parts) and parts[place]:
                    figure[name] = title_html(parts[place]) if name == "caption" else resolve_entities(parts[place])
            if place < len(files) and files[place]:
                incoming.images[place] = files[place]
                figure["label"] = figure["label"] or f"Figure {place + 1}"
        incoming.values["figures"] = figures


def _parse(incoming: IncomingAbstract, kind: Kind, text: str) -> Any:
    """The value of `text`; where it has none, an error and the empty value."""
    return _try(incoming, lambda: kind.parse(text), kind.empty)


def _parse_times(incoming: IncomingAbstract, cells: dict[str, str], prefix: str) -> tuple[str, str]:
    """Start and end, from one column that has both, or from two; where both ways are used they must agree."""
    start, end = (_parse(incoming, TIME, cells.get(f"{prefix}_{name}", "")) for name in ("start", "end"))
    if not (range_text := cells.get(f"{prefix}_time", "").strip()):
        return start, end
    in_range = [TIME.dump(time) for time in _try(incoming, lambda: parse_time_range(range_text), (None, None))]
    for name, typed, time in zip(("start", "end"), (start, end), in_range, strict=True):
        if typed and typed != time:
            incoming.errors.append(f"says “{range_text}” ({prefix}_time), but {typed} ({prefix}_{name})")
    return in_range[0], in_range[1]


def _try(incoming: IncomingAbstract, read: Callable[[], Any], default: Any) -> Any:
    try:
        return read()
    except ValueError as error:
        incoming.errors.append(str(error))
        return default


def _mark_presenter(incoming: IncomingAbstract, byline: ParsedByline, presenter: str) -> None:
    if not presenter:
        return
    orcid = orcid_value(incoming, presenter) if presenter[:1].isdigit() or "orcid.org" in presenter else ""
    authors = [a for a in byline.authors if fold(a.name) == fold(presenter) or (orcid and a.orcid == orcid)]
    authors = authors or [a for a in byline.authors if _may_be_same(a.name, presenter)]
    if len(authors) == 1:
        authors[0].is_presenter = True
    else:
        incoming.messages.append(f"the presenter “{presenter}” is not among the authors")


def _may_be_same(name: str, other: str) -> bool:
    """“Ann B. Lee” and “A. Lee”: the same last word and first letter."""
    words, other_words = fold(name).split(), fold(other).split()
    return bool(words and other_words) and words[-1] == other_words[-1] and words[0][0] == other_words[0][0]
