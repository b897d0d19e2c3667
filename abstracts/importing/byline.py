"""Parses bylines: one string of authors and affiliations, in the shapes that submission systems write.

- numbered: “Ann Lee 1 , Bo Ito 1 , 2 and  Cy Day 2 , 1 North Hospital, Oslo, Norway, 2 South Clinic, Bergen”
- shared:   “Ann Lee, Bo Ito and  Cy Day, North Hospital, Oslo, Norway”
- bare:     “Ann Lee” or “Ann Lee, Bo Ito”

Affiliations contain commas and numbers (“Hospital 12 de Octubre”), so only the order 1, 2, 3 … shows where the next one
begins. Disclosures name every author; by them, authors differ from affiliations, and family names from given names.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from ..words.text import squeeze, strip_controls
from .names import Hint, SplitName, agrees, is_group, is_title, split_by_hint, split_name

_NUMBER = re.compile(r"(?<![\w.\-/#+])\d+(?![\w.\-/])")
_SUPERSCRIPTS = re.compile(
    r"(?P<name>.*?\D)[\s,]*(?<!\w)(?P<numbers>\d{1,3}(?:\s*[,;]?\s+\d{1,3}|\s*[,;]\s*\d{1,3})*)", re.S
)
_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_AUTHOR_END = re.compile(r"(?<=\d)\s*,\s*(?:and\s+)?(?=[^\s\d])|(?<=\d)\s+and\s+(?=[^\s\d])")
_LAST_AUTHOR = re.compile(r",?\s+and\s{2,}")
_LAST_AUTHOR_LOOSE = re.compile(r",?\s+(?:and|&)\s+")


@dataclass
class ParsedAuthor:
    """One author as typed, with the numbers of their affiliations (from 1)."""

    name: str
    affiliations: list[int] = field(default_factory=list)
    given: str = ""
    family: str = ""
    orcid: str = ""
    is_presenter: bool = False
    is_group: bool = False
    hint: Hint | None = None


@dataclass
class ParsedByline:
    """Authors in order, affiliations in order (the first is number 1), and messages about what is unclear."""

    authors: list[ParsedAuthor] = field(default_factory=list)
    affiliations: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_byline(text: str, people: list[Hint] | None = None) -> ParsedByline:
    """The byline in `text`; `people` are those of the disclosures, in order. Never raises: see `problems`."""
    text = strip_controls(text).replace("\xa0", " ").strip().rstrip(",")
    people = people or []
    if not text:
        return ParsedByline()
    byline = _numbered(text, people) or _shared(text, people)
    name_authors(byline, people)
    return byline


# Numbered


def _numbered(text: str, people: list[Hint]) -> ParsedByline | None:
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f" {m[0].translate(_SUPER)} ", text)
    start = _affiliations_start(text)
    if start is None:
        return None
    byline = ParsedByline()
    for chunk in _AUTHOR_END.split(text[:start].rstrip(" ,;")):
        byline.authors += _authors_of(chunk, people)
    highest = max((n for author in byline.authors for n in author.affiliations), default=1)
    byline.affiliations, doubtful = _split_affiliations(text[start:], highest)
    byline.problems += [f"two affiliations could be number {n}; they were parted at the first" for n in doubtful]
    count = len(byline.affiliations)
    for author in byline.authors:
        if missing := [n for n in author.affiliations if not 1 <= n <= count]:
            byline.problems.append(f"{author.name}: no affiliation numbered {', '.join(map(str, missing))}")
            author.affiliations = [n for n in author.affiliations if 1 <= n <= count]
    used = {n for author in byline.authors for n in author.affiliations}
    byline.problems += [f"affiliation {n} belongs to no author" for n in range(1, count + 1) if n not in used]
    return byline


def _affiliations_start(text: str) -> int | None:
    """The index at which affiliation 1 begins: a 1 after a comma, with words behind it.

    A number with which the affiliation itself begins may follow the 1 without a space: “11st Clinic”.
    """
    for match in re.finditer(r"(?<=[,;])\s*(?<!\d)1\d*\s+(?=\S)", text):
        before, after = text[: match.start()], text[match.end() :]
        if re.search(r"(?<!\w)\d{1,3}\s*[,;]$", before) and not re.match(r"[,;]|and\s", after):
            return match.start()
    return None


class _Link(NamedTuple):
    """A number in the text that may begin an affiliation, as the last link of the best chain 1, 2, 3 … up to it."""

    score: float
    start: int
    end: int
    previous: "_Link | None"


def _split_affiliations(text: str, highest: int) -> tuple[list[str], list[int]]:
    """Split “1 …, 2 …, 3 …” at the numbers in order, up to `highest`; of several possible chains the best one.

    Returns the affiliations, and the numbers that could as well stand elsewhere.
    """
    links: dict[int, list[_Link]] = {0: [_Link(0, 0, 0, None)]}
    for digits in _NUMBER.finditer(text):
        # From the highest down, so that one token continues a chain only once.
        for number in range(min(max(links) + 1, highest), 0, -1):
            score = _score(text, digits, number)
            if score and (number - 1) in links and not (number == 1 and 1 in links):
                previous = max(links[number - 1], key=lambda link: link.score)
                end = digits.start() + len(str(number))
                links.setdefault(number, []).append(_Link(previous.score + score, digits.start(), end, previous))
    link: _Link | None = max(links[max(links)], key=lambda link: link.score)
    parts: list[str] = []
    doubtful: list[int] = []
    stop = len(text)
    while link and link.previous:
        number = max(links) - len(parts)
        if any(link.start < rival.start < stop and rival.score == link.score for rival in links[number]):
            doubtful.append(number)
        parts.append(squeeze(text[link.end : stop]).strip(" ,;"))
        link, stop = link.previous, link.start
    return parts[::-1], doubtful


def _score(text: str, digits: re.Match, number: int) -> float:
    """How much `digits` look like the beginning of affiliation `number`; 0: not at all."""
    before, after = text[: digits.start()].rstrip(), text[digits.end() :].lstrip()
    after_comma = not before or before[-1] == ","
    if not digits[0].startswith(str(number)) or not after:
        return 0
    if digits[0] != str(number) or after[0] in ",;":
        # Without a space before a number of the affiliation itself, or without a first word: only after a comma.
        return 2.5 if after_comma and after[0] not in ",;" else 0.5 if after_comma else 0
    return (3 if after_comma else 1 if before[-1] == ";" else 0.3) + (1 if after[0].isupper() else 0.2)


def _authors_of(chunk: str, people: list[Hint]) -> list[ParsedAuthor]:
    """“Ann Lee 1 , 2” is one author. In “Ann Lee, Bo Ito 1” the first has no affiliation."""
    match = _SUPERSCRIPTS.fullmatch(chunk.strip())
    numbers = [int(n) for n in re.findall(r"\d+", match["numbers"])] if match else []
    names = _split_names(squeeze(match["name"] if match else chunk).strip(" ,;"), people)
    authors = [ParsedAuthor(name) for name in names]
    if authors:
        authors[-1].affiliations = list(dict.fromkeys(numbers))
    return authors


# Without numbers


def _split_names(text: str, people: list[Hint]) -> list[str]:
    """Split names at commas, but not before degrees and suffixes, nor in “Family, Given” of a single person."""
    names: list[str] = []
    for part in (p.strip() for p in text.split(",")):
        if names and is_title(part):
            names[-1] += f", {part}" if part else ""
        elif part:
            names.append(part)
    if len(names) == 2 and len(people) == 1 and agrees(SplitName(names[1], names[0]), people[0]):
        return [text]
    return names


def _shared(text: str, people: list[Hint]) -> ParsedByline:
    """Names, the last one after “and”, then one affiliation for all of them."""
    conjunction = _LAST_AUTHOR.search(text) or _single_spaced_and(text, people)
    if conjunction:
        last, affiliation = _split_after_name(text[conjunction.end() :])
        names = [*_split_names(text[: conjunction.start()], people), last]
    else:
        names, affiliation = _without_and(text, people)
    numbers = [1] if affiliation else []
    return ParsedByline(
        [ParsedAuthor(squeeze(name), list(numbers)) for name in names], [affiliation] if affiliation else []
    )


def _single_spaced_and(text: str, people: list[Hint]) -> re.Match | None:
    """An “and” with one space. It may stand in an affiliation, so names must stand before it."""
    conjunction = _LAST_AUTHOR_LOOSE.search(text)
    if not conjunction:
        return None
    names = _split_names(text[: conjunction.start()], people)
    if people:
        is_last = len(names) < len(people) and split_by_hint(names[-1], people[len(names) - 1])
        return conjunction if is_last else None
    return conjunction if all(2 <= len(name.split()) <= 5 and not is_group(name) for name in names) else None


def _split_after_name(text: str) -> tuple[str, str]:
    """The name at the beginning of `text`, with its degrees; and the rest."""
    name, *rest = text.split(",")
    while rest and rest[0].strip() and is_title(rest[0]):
        name += "," + rest.pop(0)
    return name, squeeze(",".join(rest))


def _without_and(text: str, people: list[Hint]) -> tuple[list[str], str]:
    """One author with an affiliation, or several without: the disclosures show how many names are authors."""
    names = _split_names(text, people)
    if len(names) == 1:
        return names, ""
    count = 1
    while count < min(len(people), len(names)) and split_by_hint(names[count], people[count]):
        count += 1
    rest = text
    for name in names[:count]:
        rest = rest[rest.index(name) + len(name) :] if name in rest else ""
    return names[:count], squeeze(rest).strip(" ,;")


# Names


def name_authors(byline: ParsedByline, people: list[Hint]) -> None:
    """Match the authors of `byline` with the people of the disclosures, and split their names accordingly."""
    for author, person in zip(byline.authors, _pair(byline.authors, people), strict=True):
        author.hint = person
        author.is_group = author.is_group or is_group(author.name)
        if not author.family and not author.is_group:
            author.given, author.family = split_name(author.name, person)


def _pair(authors: list[ParsedAuthor], people: list[Hint]) -> list[Hint | None]:
    """The person of each author, or None: as many as agree, in order; one to one if both lists have the same length."""
    if len(authors) == len(people):
        return list(people)
    fits = [[_fit(author.name, person) for person in people] for author in authors]
    best = [[0] * (len(people) + 1) for _ in range(len(authors) + 1)]
    for i in range(len(authors) - 1, -1, -1):
        for j in range(len(people) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + fits[i][j])
    pairs: list[Hint | None] = [None] * len(authors)
    i = j = 0
    while i < len(authors) and j < len(people):
        if fits[i][j] and best[i][j] == best[i + 1][j + 1] + fits[i][j]:
            pairs[i] = people[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _fit(name: str, person: Hint) -> int:
    """How well an author's name matches a person: 0, 1 or 2."""
    split = split_by_hint(name, person)
    return 0 if split is None else 2 if agrees(split, person) else 1
