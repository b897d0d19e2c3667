"""Parses what somebody typed: words, "exact phrases", -without, either OR other, author:name.

Nothing is an error: what is not valid syntax is taken as words or left out.
"""

import re
from dataclasses import dataclass

MAX_CLAUSES = 150
FIELDS = {
    "author": "author", "title": "title", "institution": "institution", "affiliation": "institution",
    "keyword": "keyword", "number": "number", "trial": "trial",
}  # fmt: skip

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_PART = re.compile(
    r"""
    (?P<minus>(?<![^\s("])-(?=[^\s-]))?
    (?:(?P<field>[A-Za-z]+):(?=[^\s]))?
    (?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))
    """,
    re.X,
)
_PARENTHESES = re.compile(r"^[(\[{]+|[)\]},;.?!]+$")


@dataclass(frozen=True)
class Part:
    """A word or a phrase to look for in `field` ("": anywhere). `prefix`: words that begin with it."""

    text: str
    field: str = ""
    phrase: bool = False
    prefix: bool = False


@dataclass(frozen=True)
class Clause:
    """Parts of which any has to match; if `without`, none may match."""

    parts: tuple[Part, ...]
    without: bool = False


def parse(text: str) -> list[Clause]:
    """The clauses of `text`, at most MAX_CLAUSES; a result has to meet all of them."""
    clauses: list[Clause] = []
    either = negate = False
    for match in _PART.finditer(text.translate(_QUOTES)):
        word = match["word"]
        if word == "OR":
            either = bool(clauses)
        elif word == "NOT":
            negate = True
        elif word != "AND" and (part := _part(match)):
            without = negate or bool(match["minus"])
            if either and not without and not clauses[-1].without:
                clauses[-1] = Clause((*clauses[-1].parts, part))
            else:
                clauses.append(Clause((part,), without))
            either = negate = False
        if len(clauses) == MAX_CLAUSES:
            break
    return clauses


def _part(match: re.Match) -> Part | None:
    """The part in `match`; None if it has no letters or digits."""
    field = FIELDS.get((match["field"] or "").lower(), "")
    if match["phrase"] is not None:
        return Part(match["phrase"].strip(), field, phrase=True) if _has_letters_or_digits(match["phrase"]) else None
    before = "" if field or not match["field"] else f"{match['field']}:"
    word = _PARENTHESES.sub("", before + match["word"])
    if not _has_letters_or_digits(word):
        return None
    return Part(word.rstrip("*"), field, prefix=word.endswith("*") and len(word) > 3)


def _has_letters_or_digits(text: str) -> bool:
    return any(c.isalnum() for c in text)
