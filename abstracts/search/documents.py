"""Abstracts as index documents.

An abstract has one document for each level that anyone may see: FULL with its text, LISTED with title, authors and
keywords, TITLED with its title, SHELL with number and session. Each document has a window, two instants between which
the public finds it. Staff, and the press of its meeting once it is open to them, find the one document of their level.

The windows come from the law: SQL computes `level_of` for the public from each instant of the abstract on. Nothing is
decided here.
"""

import datetime as dt
import hashlib
import html
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import F

from .. import clock
from ..models import Abstract, AbstractKeyword, Affiliation, AuthorLine, Figure, Presentation, Section
from ..visibility import ANONYMOUS, AheadLevel, LawfulQuerySet, Level, Role, Viewer, level_of
from ..words.identifiers import number_key
from ..words.text import sort_key
from .analysis import indexed, lexemes, name_words, wording
from .schema import BOUNDARY, SEPARATOR
from .synonyms import case_sensitive_words_in

INDEXER = Viewer(Role.STAFF)
# At which the public's level may rise.
INSTANTS = ("numbered_from", "titled_from", "listed_from", "released_from")
NEVER = 2**62
CHUNK = 500
MAX_ENTRY = 120

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BEFORE_ALL = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
_INLINE = re.compile(r"</?(?:i|em|b|strong|sub|sup)>")
_TAG = re.compile(r"<[^>]*>")


class Window(NamedTuple):
    """A document's level, the times (µs) between which the public finds it, and whether press and staff find it."""

    level: int
    valid_from: int
    valid_until: int
    press: int = 0
    staff: int = 0


def microseconds(instant: dt.datetime) -> int:
    """`instant` (aware) in the unit of the index: microseconds since 1970."""
    return (instant - _EPOCH) // dt.timedelta(microseconds=1)


def build_documents(pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Field values of the index documents of the abstracts `pks`, as far as these exist."""
    for start in range(0, len(pks), CHUNK):
        yield from _build_chunk(pks[start : start + CHUNK])


def _build_chunk(pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    at = clock.now()
    parts = _Parts(pks, at)
    for abstract in _abstracts(pks, at):
        for window in windows_of(abstract):
            fields = parts.fields(abstract, window.level) | {"level": window.level}
            fields["digest"] = _digest(fields)
            press_from = microseconds(abstract.press_from) if abstract.press_from else NEVER
            yield fields | window._asdict() | {"press_from": press_from}


def _digest(fields: dict[str, Any]) -> int:
    """64 bits of what a document contains, without who may find it and when."""
    digest = hashlib.blake2b(json.dumps(fields, sort_keys=True).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _abstracts(pks: Sequence[int], at: dt.datetime) -> LawfulQuerySet:
    return (
        Abstract.objects.visible_to(INDEXER, at)
        .filter(pk__in=pks)
        .select_related("meeting")
        .annotate(
            public_at_first=level_of(ANONYMOUS, _BEFORE_ALL),
            **{f"public_{column}": level_of(ANONYMOUS, F(column)) for column in INSTANTS},
            press_level=AheadLevel(),
        )
        .order_by("pk")
    )


def windows_of(abstract: Any) -> list[Window]:
    """The windows of the documents of `abstract`, a row of `_abstracts`."""
    steps = [(-NEVER, abstract.public_at_first)]
    for column in INSTANTS:
        if instant := getattr(abstract, column):
            steps.append((microseconds(instant), getattr(abstract, f"public_{column}")))
    steps.sort()
    windows: list[Window] = []
    for (start, level), end in zip(steps, [start for start, _ in steps[1:]] + [NEVER], strict=True):
        if windows and windows[-1].level == level and windows[-1].valid_until == start:
            windows[-1] = windows[-1]._replace(valid_until=end)
        elif level > Level.HIDDEN and start < end:
            windows.append(Window(level, start, end))
    windows = _grant(windows, abstract.press_level, "press")
    return _grant(windows, abstract.level, "staff")


def _grant(windows: list[Window], level: int, audience: str) -> list[Window]:
    """`windows` with the one of `level` marked for `audience`; if there is none, one is added that is never public."""
    if level <= Level.HIDDEN:
        return windows
    index = next((i for i, window in enumerate(windows) if window.level == level), None)
    if index is None:
        index, windows = len(windows), [*windows, Window(level, NEVER, NEVER)]
    return [*windows[:index], windows[index]._replace(**{audience: 1}), *windows[index + 1 :]]


def plain(markup: str) -> str:
    """The text of sanitized `markup`. (`text.plain_text` takes any markup and is ten times slower.)"""
    return html.unescape(_TAG.sub(" ", _INLINE.sub("", markup)))


class _Parts:
    """The rows that belong to the abstracts `pks`, with one query for each table."""

    def __init__(self, pks: Sequence[int], at: dt.datetime):
        self.pks, self.at = pks, at
        self.sections = self._by_abstract(Section, "html")
        self.figures = self._by_abstract(Figure, "caption", "alt")
        self.lines = self._by_abstract(AuthorLine, "name", "family", "given", "person_id")
        self.places = self._by_abstract(Affiliation, "text", "institution", "country")
        self.keywords = self._by_abstract(AbstractKeyword, "label", "keyword_id", "keyword__name")
        self.slots = self._by_abstract(
            Presentation, "session__type", "session__date", "session__title", "session__code"
        )

    def _by_abstract(self, model: Any, *columns: str) -> dict[int, list[tuple]]:
        rows = model.objects.visible_to(INDEXER, self.at).filter(abstract__in=self.pks)
        grouped: dict[int, list[tuple]] = defaultdict(list)
        for pk, *values in rows.values_list("abstract_id", *columns):
            grouped[pk].append(tuple(values))
        return grouped

    def fields(self, abstract: Abstract, level: int) -> dict[str, Any]:
        """Field values of the document that shows `level` of `abstract`."""
        fields = self._shell(abstract)
        if level >= Level.TITLED:
            fields |= self._title(abstract, fields["by_newest"])
            fields |= self._text(abstract, level)
        if level >= Level.LISTED:
            fields |= self._listing(abstract)
        if level >= Level.FULL:
            fields |= {
                "trial": sorted({trial.lower() for trial in abstract.trial_id_list}),
                "doi": abstract.doi.lower(),
                "figures": int(bool(self.figures[abstract.pk])),
            }
        return fields

    def _title(self, abstract: Abstract, newest: str) -> dict[str, Any]:
        title = abstract.title_text
        return {
            "title": indexed(lexemes(title)),
            "title_key": sort_key(title)[:500],
            "title_words": " ".join(wording(lexemes(title))),
            "by_title": f"{sort_key(title)[:150]} {newest}",
        }

    def _listing(self, abstract: Abstract) -> dict[str, Any]:
        lines, keywords = self.lines[abstract.pk], self.keywords[abstract.pk]
        names = [name_words(name) for name, *_ in lines]
        places = self.places[abstract.pk]
        countries = _sorted_without_empty(country for *_, country in places)
        return {
            "keywords": indexed(lexemes(" ; ".join(self._labels(abstract)))),
            "authors": " ".join(word for name in names for word in with_initials(name)),
            "author_pairs": sorted({pair for name in names for pair in name_pairs(name)}),
            "author_keys": sorted({key for line in lines for key in author_keys(*line[:3])}),
            "places": indexed(lexemes(" ; ".join([*(text for text, *_ in places), *countries]))),
            "keyword": sorted({key for _, key, _ in keywords}),
            "keyword_entry": _name_entries((name, key) for _, key, name in keywords),
            "person": sorted({person for *_, person in lines if person}),
            "person_entry": _name_entries(_spellings(lines)),
            "institution": _sorted_without_empty(institution for _, institution, _ in places),
            "country": countries,
            "country_words": indexed(lexemes(" ; ".join(countries))),
        }

    def _text(self, abstract: Abstract, level: int) -> dict[str, Any]:
        """The fields for words: title; of a listing its keywords and authors; of a whole abstract its text too."""
        is_titled = level >= Level.LISTED
        texts = [abstract.title_text, *(self._labels(abstract) if is_titled else ())]
        if level >= Level.FULL:
            texts += [plain(markup) for (markup,) in self.sections[abstract.pk]]
            texts += [plain(f"{caption} {alt}") for caption, alt in self.figures[abstract.pk]]
        text_lexemes = [lexemes(text) for text in texts]
        names = [lexemes(name) for name, *_ in self.lines[abstract.pk]] if is_titled else []
        return {
            "everything": indexed(itertools.chain.from_iterable(text_lexemes)),
            "words": f" {BOUNDARY} ".join(" ".join(wording(part)) for part in text_lexemes + names),
            "cased": sorted(case_sensitive_words_in(texts)),
        }

    def _labels(self, abstract: Abstract) -> list[str]:
        """The keywords as typed and as named in the keyword index."""
        return list(dict.fromkeys(name for label, _, entry in self.keywords[abstract.pk] for name in (label, entry)))

    def _shell(self, abstract: Abstract) -> dict[str, Any]:
        meeting, slots = abstract.meeting, self.slots[abstract.pk]
        newest = _newest_key(abstract)
        types = _sorted_without_empty(type for type, *_ in slots)
        return {
            "pk": abstract.pk,
            "number": number_key(abstract.number) if abstract.number else "",
            "meeting": meeting.pk,
            "year": meeting.year,
            "meeting_words": indexed(lexemes(meeting.name)),
            "session_words": indexed(lexemes(" ; ".join(sorted(f"{code} {title}" for *_, title, code in slots)))),
            "type": types,
            "type_words": indexed(lexemes(" ; ".join(types))),
            "day": _sorted_without_empty(day.isoformat() for _, day, *_ in slots if day),
            "slot": sorted({f"{type}{SEPARATOR}{day.isoformat()}" for type, day, *_ in slots if day}),
            "figures": 0,
            "by_newest": newest,
            "by_number": f"{abstract.number_key} {newest}" if abstract.number else f"~ {newest}",
            "by_title": f"~ {newest}",
        }


def _newest_key(abstract: Abstract) -> str:
    """Sort key that gives the order of `ordering.NEWEST_FIRST`."""
    meeting = abstract.meeting
    day = 9_999_999 - (meeting.starts_on.toordinal() if meeting.starts_on else 0)
    name = sort_key(meeting.name)[:60]
    return f"{9999 - meeting.year:04}{day:07}{name} {meeting.pk:08} {abstract.number_key} {abstract.pk:010}"


def with_initials(name: list[str]) -> list[str]:
    """The words of one name, and the initials of the longer ones."""
    return name + sorted({word[0] for word in name} - set(name))


def name_pairs(name: list[str]) -> Iterator[str]:
    """All pairs of words of one name, also with an initial in index of a word; each pair in alphabetical order."""
    for index, word in enumerate(name):
        for other in name[index + 1 :]:
            for pair in ((word, other), (word, other[0]), (word[0], other)):
                yield "+".join(sorted(pair))


def author_keys(name: str, family: str, given: str) -> Iterator[str]:
    """What finds a name by family name and initials: "rossi+a", "rossi+am"; and "rossi+am." if these are all."""
    if not family:
        *first, family = name.split() or [""]
        given = " ".join(first)
    families, initials = name_words(family), "".join(word[0] for word in name_words(given))
    for one in {"".join(families), *families}:
        for size in range(1, len(initials) + 1):
            yield f"{one}+{initials[:size]}"
        if initials:
            yield f"{one}+{initials}."


def _spellings(lines: Iterable[tuple]) -> Iterator[tuple[str, int]]:
    for name, family, given, person in lines:
        if person:
            yield f"{family} {given}" if family else name, person
            if family and given:
                yield f"{given} {family}", person


def _name_entries(names: Iterable[tuple[str, int]]) -> list[str]:
    """Entries that find each name by the beginning of any of its first four words."""
    entries = set()
    for name, pk in names:
        parts = sort_key(name).split()
        for start in range(min(len(parts), 4)):
            entries.add(f"{' '.join(parts[start:])[:MAX_ENTRY]}{SEPARATOR}{pk}")
    return sorted(entries)


def _sorted_without_empty(values: Iterable[str]) -> list[str]:
    return sorted({value for value in values if value})
