"""Cuts what somebody typed into words, phrases, brackets, operators and tags."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .tree import YEARS, Part, Without

MAX_PARTS = 150
# Before words, with a colon.
FIELDS = {
    "author": "author", "title": "title", "institution": "institution", "affiliation": "institution",
    "place": "institution", "keyword": "keyword", "number": "number", "trial": "trial", "doi": "doi", "year": "year",
    "country": "country", "meeting": "meeting", "session": "session", "type": "type",
}  # fmt: skip
# Tags of PubMed, in square brackets, and of Ovid, between full stops. "": anywhere.
TAGS = {
    **FIELDS,
    "ti": "title", "tiab": "", "tw": "", "ab": "", "all": "", "all fields": "", "title/abstract": "", "text word": "",
    "mp": "", "af": "", "au": "author", "1au": "author", "lastau": "author", "fau": "author", "ad": "institution",
    "in": "institution", "mh": "keyword", "majr": "keyword", "mesh": "keyword", "mesh terms": "keyword",
    "kw": "keyword", "kf": "keyword", "sh": "keyword", "ot": "keyword", "dp": "year", "pdat": "year",
    "yr": "year", "aid": "doi", "si": "trial",
}  # fmt: skip
_OVID = r"\.(?:ti|ab|au|mp|tw|af|in|kw|kf|sh|yr)(?:,[a-z]{2})*\.(?!\w)"
_TOKEN = re.compile(
    rf"""
    (?P<tag>\[[^\]\[()"]{{1,40}}\](?!\w)|(?<=[)"]){_OVID})
    |(?P<minus>(?<![^\s("])-(?=[^\s-]))?
     (?:(?P<field>[A-Za-z]+):(?=[^\s])|(?P<before>[A-Za-z]+):\s+(?=\())?
     (?:(?P<open>\()|"(?P<phrase>[^"]*)"|(?P<close>\))|(?P<word>[^\s"\[]+(?=\[[^\]\[()"]{{1,40}}\](?!\w))|[^\s"]+))
    """,
    re.X,
)
_OVID_OF_WORD = re.compile(rf"(.*[^.]){_OVID}$")
# The brackets that a word closes, and their tag.
_CLOSING = re.compile(rf"(\)+)[,;.?!]*(\[[^\]\[]{{1,40}}\]|{_OVID})?[,;.?!]*$")
_LEADING, _TRAILING = re.compile(r"^[\[{,;]+"), re.compile(r"[\]},;.?!]+$")
_NEARNESS = re.compile(r"adj\d+|(?:near|n|w)/\d+", re.I)
_WILDCARD = re.compile(r"[A-Za-z][?#$*][A-Za-z]")
# Lower-case operators count only next to a bracket, or where one has a tag: "(lupus or gout) and heart".
_SMALL_OPERATORS = re.compile(r"\)\s*(?:and|or|not)\s|\)(?:\[|\.[a-z])|\s(?:and|or|not)\s*\(|^not\s*\(")

MESSAGES = {
    "bracket": _("a bracket without its partner"),
    "operator": _("“%(text)s” without words on both sides"),
    "tag": _("the tag %(text)s"),
    "field": _("“%(text)s:” is not a field, it was searched as a word"),
    "near": _("“%(text)s”, which was read as AND"),
    "wildcard": _("a placeholder inside of a word, in “%(text)s”; only * at its end is"),
    "year": _("the year “%(text)s”"),
    "long": _("what follows after %(text)s words"),
}


@dataclass(frozen=True)
class Problem:
    """Something that was not understood: a key of MESSAGES, and what was typed."""

    kind: str
    text: str = ""

    def __str__(self) -> str:
        return str(MESSAGES[self.kind]) % {"text": self.text}


@dataclass(frozen=True)
class Sign:
    """An operator or a bracket. `field`: that of a bracket; `minus`: it is excluded."""

    sign: str
    field: str = ""
    minus: bool = False


@dataclass(frozen=True)
class Tag:
    """A tag, with its brackets or full stops; it belongs to what stands before it."""

    text: str


Token = Part | Without | Sign | Tag
END = Sign("end")


class Tokens:
    """The tokens of `text`, and what of it was not understood.

    `has_small_operators`: "and", "or", "not" count as operators.
    """

    def __init__(self, text: str):
        self.problems: list[Problem] = []
        self.has_small_operators = bool(_SMALL_OPERATORS.search(text)) and not re.search(r"\b(?:AND|OR|NOT)\b", text)
        self.all = [*self._tokens(text), END]

    def _tokens(self, text: str) -> Iterator[Token]:
        count = 0
        for match in _TOKEN.finditer(text):
            for token in self._tokens_of(match):
                count += isinstance(token, Part | Without)
                if count > MAX_PARTS:
                    self._complain("long", str(MAX_PARTS))
                    return
                yield token

    def _tokens_of(self, match: re.Match) -> Iterator[Token]:
        if match["tag"]:
            yield from self._tag_or_words(match["tag"], attached=not match.string[: match.start()][-1:].isspace())
            return
        name = match["field"] or match["before"] or ""
        field, minus = FIELDS.get(name.lower(), ""), bool(match["minus"])
        before = "" if field or not name else f"{name}:"
        if match["open"]:
            if before:
                self._complain("field", name)
                yield Part(name)
            yield Sign("(", field, minus)
        elif match["close"]:
            yield Sign(")")
        elif match["phrase"] is not None:
            if _has_letters_or_digits(match["phrase"]):
                yield _negated(Part(match["phrase"].strip(), field, phrase=True), minus)
        else:
            yield from self._tokens_of_word(before + match["word"], field, minus, name if before else "")

    def _tag_or_words(self, tag: str, attached: bool = True) -> Iterator[Token]:
        # A tag stands right behind what it belongs to: "[gout]" elsewhere is a word in brackets.
        if attached or names_of(tag)[0] in TAGS:
            yield Tag(tag)
        else:
            yield from (Part(word) for word in tag.strip("[]").split() if _has_letters_or_digits(word))

    def _tokens_of_word(self, word: str, field: str, minus: bool, unknown: str) -> Iterator[Token]:
        surplus = word.count(")") - word.count("(")
        closing = _CLOSING.search(word) if surplus > 0 else None
        if closing:
            surplus = min(surplus, closing.end(1) - closing.start(1))
            word = word[: closing.end(1) - surplus]
        if not field and not minus and (operator := self._operator_in(word)):
            yield Sign(operator)
        else:
            yield from self._part(word, field, minus, unknown)
        if closing:
            yield from [Sign(")")] * surplus
            yield from [Tag(closing[2])] if closing[2] else []

    def _operator_in(self, word: str) -> str:
        if word in ("AND", "OR", "NOT"):
            return word
        if self.has_small_operators and word in ("and", "or", "not"):
            return word.upper()
        if _NEARNESS.fullmatch(word):
            self._complain("near", word)
            return "AND"
        return ""

    def _part(self, word: str, field: str, minus: bool, unknown: str) -> Iterator[Token]:
        tag = ""
        if ovid := _OVID_OF_WORD.match(word):
            word, tag = ovid[1], word[ovid.end(1) :]
        word = _TRAILING.sub("", _LEADING.sub("", word.strip("()") if word.count("(") != word.count(")") else word))
        if _has_letters_or_digits(word):
            after = word.partition(":")[2]
            if unknown and after[:1].isalpha():
                self._complain("field", unknown)
            if _WILDCARD.search(word):
                self._complain("wildcard", word)
            if field == "year" and not YEARS.fullmatch(word):
                self._complain("year", word)
            truncated = word[-1:] in "*$" and len(word) > 3
            yield _negated(Part(word.rstrip("*$"), field, prefix=truncated), minus)
        if tag:
            yield from self._tag_or_words(tag)

    def _complain(self, kind: str, text: str) -> None:
        self.problems.append(Problem(kind, text))


def names_of(tag: str) -> list[str]:
    """["ti", "ab"] for ".ti,ab."; ["mesh terms"] for "[MeSH Terms:noexp]"."""
    return [name.strip().lower() for name in tag.strip("[].").partition(":")[0].split(",")]


def _negated(part: Part, minus: bool) -> Part | Without:
    return Without(part) if minus else part


def _has_letters_or_digits(text: str) -> bool:
    return any(c.isalnum() for c in text)
