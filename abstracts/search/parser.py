"""What somebody typed, as parts: words, "exact phrases", -without, either OR other, author:name.

Nothing that can be typed is an error: what makes no sense as syntax is taken as words, or left out.
"""

import re
from dataclasses import dataclass

MOST_PARTS = 150
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
    """A word, or a phrase of several, to be found in `field` ("": anywhere). `prefix`: the word's beginning."""

    text: str
    field: str = ""
    phrase: bool = False
    prefix: bool = False


@dataclass(frozen=True)
class Clause:
    """Parts of which any has to be there, or, where `without`, none."""

    parts: tuple[Part, ...]
    without: bool = False


def parse(text: str) -> list[Clause]:
    """The clauses of `text`, all of which are asked for; at most MOST_PARTS."""
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
        if len(clauses) == MOST_PARTS:
            break
    return clauses


def _part(match: re.Match) -> Part | None:
    """The part that `match` is; None where there is nothing to look for in it."""
    field = FIELDS.get((match["field"] or "").lower(), "")
    if match["phrase"] is not None:
        return Part(match["phrase"].strip(), field, phrase=True) if _says_something(match["phrase"]) else None
    before = "" if field or not match["field"] else f"{match['field']}:"
    word = _PARENTHESES.sub("", before + match["word"])
    if not _says_something(word):
        return None
    return Part(word.rstrip("*"), field, prefix=word.endswith("*") and len(word) > 3)


def _says_something(text: str) -> bool:
    return any(c.isalnum() for c in text)
