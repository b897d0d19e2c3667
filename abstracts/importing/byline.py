"""Bylines: one string of authors and affiliations, in the shapes that submission systems write.

- numbered: “Ann Lee 1 , Bo Ito 1 , 2 and  Cy Day 2 , 1 North Hospital, Oslo, Norway, 2 South Clinic, Bergen”
- shared:   “Ann Lee, Bo Ito and  Cy Day, North Hospital, Oslo, Norway”
- bare:     “Ann Lee” or “Ann Lee, Bo Ito”

Affiliations hold commas and numbers themselves (“Hospital 12 de Octubre”), so that only the order 1, 2, 3 … tells where
they part. Disclosures name every author, and so tell authors from affiliations and family names from given ones.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from ..words.text import squeeze, strip_controls
from .names import Hint, Name, agrees, by_hint, is_group, is_title, take_apart

_NUMBER = re.compile(r"(?<![\w.\-/#+])\d+(?![\w.\-/])")
_SUPERSCRIPTS = re.compile(
    r"(?P<name>.*?\D)[\s,]*(?<!\w)(?P<numbers>\d{1,3}(?:\s*[,;]?\s+\d{1,3}|\s*[,;]\s*\d{1,3})*)", re.S
)
_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_AUTHOR_END = re.compile(r"(?<=\d)\s*,\s*(?:and\s+)?(?=[^\s\d])|(?<=\d)\s+and\s+(?=[^\s\d])")
_LAST_AUTHOR = re.compile(r",?\s+and\s{2,}")
_LAST_AUTHOR_LOOSE = re.compile(r",?\s+(?:and|&)\s+")


@dataclass
class Author:
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
class Byline:
    """Authors in order, affiliations in order (the first is number 1), and what could not be made sense of."""

    authors: list[Author] = field(default_factory=list)
    affiliations: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_byline(text: str, people: list[Hint] | None = None) -> Byline:
    """The byline in `text`; `people` are those of the disclosures, in order. Never raises; problems say what is odd."""
    text = strip_controls(text).replace("\xa0", " ").strip().rstrip(",")
    people = people or []
    if not text:
        return Byline()
    byline = _numbered(text, people) or _shared(text, people)
    name_authors(byline, people)
    return byline


# Numbered


def _numbered(text: str, people: list[Hint]) -> Byline | None:
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f" {m[0].translate(_SUPER)} ", text)
    start = _affiliations_start(text)
    if start is None:
        return None
    byline = Byline()
    for chunk in _AUTHOR_END.split(text[:start].rstrip(" ,;")):
        byline.authors += _authors_of(chunk, people)
    most = max((n for author in byline.authors for n in author.affiliations), default=1)
    byline.affiliations, doubtful = _split_affiliations(text[start:], most)
    byline.problems += [f"two affiliations could be number {n}; they were parted at the first" for n in doubtful]
    count = len(byline.affiliations)
    for author in byline.authors:
        if lost := [n for n in author.affiliations if not 1 <= n <= count]:
            byline.problems.append(f"{author.name}: no affiliation numbered {', '.join(map(str, lost))}")
            author.affiliations = [n for n in author.affiliations if 1 <= n <= count]
    used = {n for author in byline.authors for n in author.affiliations}
    byline.problems += [f"affiliation {n} belongs to no author" for n in range(1, count + 1) if n not in used]
    return byline


def _affiliations_start(text: str) -> int | None:
    """Where the affiliation numbered 1 begins: a 1 after a comma, with words behind it.

    The 1 may be glued to a number with which the affiliation itself begins: “11st Clinic”.
    """
    for one in re.finditer(r"(?<=[,;])\s*(?<!\d)1\d*\s+(?=\S)", text):
        before, after = text[: one.start()], text[one.end() :]
        if re.search(r"(?<!\w)\d{1,3}\s*[,;]$", before) and not re.match(r"[,;]|and\s", after):
            return one.start()
    return None


class _Beginning(NamedTuple):
    """A number in the text that may begin an affiliation: the best chain 1, 2, 3 … that ends here."""

    score: float
    start: int
    end: int
    before: "_Beginning | None"


def _split_affiliations(text: str, most: int) -> tuple[list[str], list[int]]:
    """Part “1 …, 2 …, 3 …” at the numbers in order, up to `most`; of several chains the best marked one.

    Returns the affiliations, and the numbers that might as well have been found elsewhere.
    """
    chains: dict[int, list[_Beginning]] = {0: [_Beginning(0, 0, 0, None)]}
    for digits in _NUMBER.finditer(text):
        # From the highest down: one token continues a chain once.
        for number in range(min(max(chains) + 1, most), 0, -1):
            score = _beginning(text, digits, number)
            if score and (number - 1) in chains and not (number == 1 and 1 in chains):
                before = max(chains[number - 1], key=lambda chain: chain.score)
                end = digits.start() + len(str(number))
                chains.setdefault(number, []).append(_Beginning(before.score + score, digits.start(), end, before))
    at: _Beginning | None = max(chains[max(chains)], key=lambda chain: chain.score)
    parts: list[str] = []
    doubtful: list[int] = []
    stop = len(text)
    while at and at.before:
        number = max(chains) - len(parts)
        if any(at.start < rival.start < stop and rival.score == at.score for rival in chains[number]):
            doubtful.append(number)
        parts.append(squeeze(text[at.end : stop]).strip(" ,;"))
        at, stop = at.before, at.start
    return parts[::-1], doubtful


def _beginning(text: str, digits: re.Match, number: int) -> float:
    """How much `digits` look like the beginning of affiliation `number`; 0: not at all."""
    before, after = text[: digits.start()].rstrip(), text[digits.end() :].lstrip()
    comma = not before or before[-1] == ","
    if not digits[0].startswith(str(number)) or not after:
        return 0
    if digits[0] != str(number) or after[0] in ",;":
        # Glued to a number of the affiliation's own, or without a first word: believed after a comma only.
        return 2.5 if comma and after[0] not in ",;" else 0.5 if comma else 0
    return (3 if comma else 1 if before[-1] == ";" else 0.3) + (1 if after[0].isupper() else 0.2)


def _authors_of(chunk: str, people: list[Hint]) -> list[Author]:
    """“Ann Lee 1 , 2” is one author. In “Ann Lee, Bo Ito 1” the first has no affiliation."""
    found = _SUPERSCRIPTS.fullmatch(chunk.strip())
    name = found["name"] if found else chunk
    numbers = [int(n) for n in re.findall(r"\d+", found["numbers"])] if found else []
    names = _split_names(squeeze(name).strip(" ,;"), people)
    return [Author(one) for one in names[:-1]] + [Author(one, list(dict.fromkeys(numbers))) for one in names[-1:]]


# Without numbers


def _split_names(text: str, people: list[Hint]) -> list[str]:
    """Names parted by commas; degrees and suffixes stay with their name, and so does “Family, Given” of one person."""
    names: list[str] = []
    for part in (p.strip() for p in text.split(",")):
        if names and is_title(part):
            names[-1] += f", {part}" if part else ""
        elif part:
            names.append(part)
    if len(names) == 2 and len(people) == 1 and agrees(Name(names[1], names[0]), people[0]):
        return [text]
    return names


def _shared(text: str, people: list[Hint]) -> Byline:
    """Names, the last one after “and”, then one affiliation for all of them."""
    last = _LAST_AUTHOR.search(text) or _loose_and(text, people)
    if last:
        name, affiliation = _name_first(text[last.end() :])
        authors = [*_split_names(text[: last.start()], people), name]
    else:
        authors, affiliation = _without_and(text, people)
    numbers = [1] if affiliation else []
    return Byline([Author(squeeze(name), list(numbers)) for name in authors], [affiliation] if affiliation else [])


def _loose_and(text: str, people: list[Hint]) -> re.Match | None:
    """An “and” with one space: it may stand in an affiliation, so what is before it must look like names."""
    found = _LAST_AUTHOR_LOOSE.search(text)
    if not found:
        return None
    names = _split_names(text[: found.start()], people)
    if people:
        return found if len(names) < len(people) and by_hint(names[-1], people[len(names) - 1]) else None
    return found if all(2 <= len(name.split()) <= 5 and not is_group(name) for name in names) else None


def _name_first(text: str) -> tuple[str, str]:
    """The name at the beginning of `text`, with its degrees, and the rest."""
    name, *rest = text.split(",")
    while rest and rest[0].strip() and is_title(rest[0]):
        name += "," + rest.pop(0)
    return name, squeeze(",".join(rest))


def _without_and(text: str, people: list[Hint]) -> tuple[list[str], str]:
    """One author with an affiliation, or several without: the disclosures tell how many are authors."""
    names = _split_names(text, people)
    if len(names) == 1:
        return names, ""
    count = 1
    while count < min(len(people), len(names)) and by_hint(names[count], people[count]):
        count += 1
    rest = text
    for name in names[:count]:
        rest = rest[rest.index(name) + len(name) :] if name in rest else ""
    return names[:count], squeeze(rest).strip(" ,;")


# Names


def name_authors(byline: Byline, people: list[Hint]) -> None:
    """Give every author of `byline` the person of the disclosures that they are, and by it family and given name."""
    for author, person in zip(byline.authors, _pair(byline.authors, people), strict=True):
        author.hint = person
        author.is_group = author.is_group or is_group(author.name)
        if not author.family and not author.is_group:
            author.given, author.family = take_apart(author.name, person)


def _pair(authors: list[Author], people: list[Hint]) -> list[Hint | None]:
    """Align two lists in order, as many as possible agreeing; where both have the same length, one to one."""
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
    parted = by_hint(name, person)
    return 0 if parted is None else 2 if agrees(parted, person) else 1
