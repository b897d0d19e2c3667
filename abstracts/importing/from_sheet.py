"""A row of a sheet becomes an entry."""

from collections.abc import Callable
from typing import Any

from ..words.identifiers import normalize_doi, trial_ids
from ..words.text import fold, squeeze, strip_controls
from .byline import Byline, parse_byline
from .columns import SECTION
from .disclosures import cut_disclosures, people, strip_label
from .entries import Entry, byline_value, figure_value, keyword_values, orcid_value, session_value
from .markup import paragraphs, resolve_entities, text_html, title_html
from .names import Hint
from .readers import Record
from .sections import is_promise, split_text
from .values import parse_date, parse_time, parse_time_range, slug_of, split_list


class SheetConverter:
    """Makes entries of the rows of one sheet: `used` is column -> field, `labels` are those of its sections."""

    def __init__(self, used: dict[str, str], labels: frozenset[str]):
        self.used, self.labels = used, labels
        self.fields = set(used.values())

    def identity(self, record: Record) -> Entry:
        """An entry with nothing but what it is known by."""
        cells = self._cells(record)
        entry = Entry(record.line, squeeze(cells.get("meeting", "")), squeeze(cells.get("number", "")))
        entry.reference = squeeze(cells.get("reference", ""))
        if address := cells.get("slug") or cells.get("link") or "":
            entry.slug, former = slug_of(address)
            entry.former_slugs = [former] if former else []
        return entry

    def entry(self, record: Record) -> Entry:
        """The whole entry."""
        entry = self.identity(record)
        entry.row = {name: strip_controls(text) for name, text in record.data.items()}
        entry.errors, entry.messages = list(record.errors), list(record.messages)
        cells = self._cells(record)
        if any(strip_controls(text) != text for text in cells.values()):
            entry.messages.append("control characters were taken out")
        self._plain_fields(entry, cells)
        self._text(entry, cells)
        self._byline(entry, cells)
        self._sessions(entry, cells)
        self._figures(entry, cells)
        return entry

    def _cells(self, record: Record) -> dict[str, str]:
        return {field: record.data.get(column) or "" for column, field in self.used.items()}

    def _plain_fields(self, entry: Entry, cells: dict[str, str]) -> None:
        values = entry.values
        values["title"] = title_html(cells["title"])
        if {"link", "slug"} & self.fields and entry.slug:
            values["slug"] = entry.slug
        if "keywords" in self.fields:
            values["keywords"] = keyword_values(entry, split_list(resolve_entities(cells["keywords"])))
        if "status" in self.fields:
            values["status"] = squeeze(cells["status"]).lower() or "published"
        for name in ("status_note", "doi"):
            if name in self.fields:
                values[name] = squeeze(cells[name])
        if "doi" in values:
            values["doi"] = normalize_doi(values["doi"])
        entry.tier = squeeze(cells.get("tier", ""))
        if "first_published" in self.fields:
            values["first_published"] = self._tried(entry, lambda: _iso(parse_date, cells["first_published"]), "")
        if "legacy_id" in self.fields:
            values["legacy_id"] = self._tried(
                entry, lambda: _integer(cells["legacy_id"], "id of the former site"), None
            )

    # Text

    def _text(self, entry: Entry, cells: dict[str, str]) -> None:
        body, disclosures = cells.get("text", ""), cells.get("disclosures", "")
        if "text" in self.fields and not disclosures.strip():
            body, disclosures = cut_disclosures(body)
        if "text" in self.fields and is_promise(body) and not cells.get("authors", "").strip():
            entry.promise = squeeze(body)
            return
        labelled = [(c.removeprefix(SECTION), cells[c]) for c in self.used.values() if c.startswith(SECTION)]
        if "text" in self.fields or labelled:
            text = split_text(body, self.labels)
            sections = text.sections + [(label, paragraphs(part)) for label, part in labelled if part.strip()]
            entry.values["sections"] = [[label, text_html(parts)] for label, parts in sections]
            if text.captions:
                entry.values["figures"] = [figure_value(label, title_html(cap)) for label, cap in text.captions]
            everything = [body, *(part for _, part in labelled), cells.get("trial_ids", "")]
            entry.values["trial_ids"] = trial_ids(*everything)
        elif "trial_ids" in self.fields:
            entry.values["trial_ids"] = trial_ids(cells["trial_ids"])
        self._unread_trials(entry, cells.get("trial_ids", ""))
        if {"text", "disclosures"} & self.fields:
            entry.values["disclosures"] = text_html(paragraphs(strip_label(disclosures)))

    def _unread_trials(self, entry: Entry, typed: str) -> None:
        if typed.strip() and not trial_ids(typed):
            entry.messages.append(f"“{squeeze(typed)}” is no trial id that is known; it was left out")

    # Byline

    def _byline(self, entry: Entry, cells: dict[str, str]) -> None:
        if "authors" not in self.fields or entry.promise:
            return
        typed = resolve_entities(cells["authors"])
        if affiliations := cells.get("affiliations", "").strip():
            typed = f"{typed.strip().rstrip(',;')} , {resolve_entities(affiliations)}"
        told = people(self._disclosures(cells))
        byline = parse_byline(typed, [one.person for one in told])
        entry.messages += byline.problems
        if told and len(told) != len(byline.authors):
            entry.messages.append(f"{len(byline.authors)} authors, but {len(told)} people in the disclosures")
        self._mark_presenter(entry, byline, squeeze(cells.get("presenter", "")))
        entry.values["byline"] = byline_value(byline)

    def _disclosures(self, cells: dict[str, str]) -> str:
        return strip_label(cells.get("disclosures", "")) or cut_disclosures(cells.get("text", ""))[1]

    def _mark_presenter(self, entry: Entry, byline: Byline, presenter: str) -> None:
        if not presenter:
            return
        orcid = orcid_value(entry, presenter) if presenter[:1].isdigit() or "orcid.org" in presenter else ""
        found = [a for a in byline.authors if fold(a.name) == fold(presenter) or (orcid and a.orcid == orcid)]
        found = found or [a for a in byline.authors if _same_person(a.name, presenter)]
        if len(found) == 1:
            found[0].is_presenter = True
        else:
            entry.messages.append(f"the presenter “{presenter}” is not among the authors")

    # Sessions, figures

    def _sessions(self, entry: Entry, cells: dict[str, str]) -> None:
        if not {"session_code", "session_title"} & self.fields:
            return
        if not (cells.get("session_code", "").strip() or cells.get("session_title", "").strip()):
            entry.values["sessions"] = []
            return
        given: dict[str, Any] = {
            name: resolve_entities(squeeze(cells.get(f"session_{name}", "")))
            for name in ("code", "title", "type", "place")
        }
        given["date"] = self._tried(entry, lambda: _iso(parse_date, cells.get("session_date", "")), "")
        given["start"], given["end"] = self._times(entry, cells, "session_time", "session_start", "session_end")
        given["presentation_start"], given["presentation_end"] = self._times(
            entry, cells, "presentation_time", "presentation_start", "presentation_end"
        )
        given["position"] = self._tried(entry, lambda: _integer(cells.get("position", ""), "position"), None)
        entry.values["sessions"] = [session_value(entry.number, **given)]

    def _times(self, entry: Entry, cells: dict[str, str], both: str, start: str, end: str) -> tuple[str, str]:
        if cells.get(both, "").strip():
            first, last = self._tried(entry, lambda: parse_time_range(cells[both]), (None, None))
            return (first.isoformat() if first else ""), (last.isoformat() if last else "")
        return tuple(  # type: ignore[return-value]
            self._tried(entry, lambda name=name: _iso(parse_time, cells.get(name, "")), "")  # type: ignore[misc]
            for name in (start, end)
        )

    def _figures(self, entry: Entry, cells: dict[str, str]) -> None:
        if not {"figures", "figure_captions"} & self.fields or entry.promise:
            return
        columns = ("figures", "figure_labels", "figure_captions", "figure_alts")
        # Places count: “;;” leaves one out.
        files, labels, captions, alts = ([p.strip() for p in cells.get(c, "").split(";")] for c in columns)
        count = max(sum(map(bool, files)) and len(files), sum(map(bool, captions)) and len(captions))
        found = list(entry.values.get("figures", []))
        found += [figure_value() for _ in range(count - len(found))]
        if len(files) < len(captions) and any(files):
            entry.messages.append(f"{len(files)} figure files, but {len(captions)} captions")
        for place, figure in enumerate(found):
            for name, parts in (("label", labels), ("caption", captions), ("alt", alts)):
                if place < len(parts) and parts[place]:
                    figure[name] = title_html(parts[place]) if name == "caption" else resolve_entities(parts[place])
            if place < len(files) and files[place]:
                entry.images[place] = files[place]
                figure["label"] = figure["label"] or f"Figure {place + 1}"
        entry.values["figures"] = found

    def _tried(self, entry: Entry, read: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return read()
        except ValueError as error:
            entry.errors.append(str(error))
            return otherwise


def _iso(parse: Callable[[str], Any], text: str) -> str:
    return parse(text).isoformat() if text.strip() else ""


def _integer(text: str, what: str) -> int | None:
    if not (plain := text.strip()):
        return None
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise ValueError(f"“{plain}” is no {what}; it should be a whole number")
    return int(plain)


def _same_person(name: str, other: str) -> bool:
    """“Ann B. Lee” and “A. Lee”: the same last word and first letter."""
    mine, its = fold(name).split(), fold(other).split()
    return bool(mine and its) and mine[-1] == its[-1] and mine[0][0] == its[0][0]


def hints(disclosures: str) -> list[Hint]:
    """The people whom disclosures name."""
    return [one.person for one in people(disclosures)]
