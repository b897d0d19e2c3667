"""The typed query that the engines answer."""

import datetime as dt
import enum
from dataclasses import dataclass, fields

from .parser import Parsed, parse
from .tree import Part, leaves

# Fields that are no conditions of their own.
_OF_TEXT = ("text", "order", "exact", "literal", "language")


class Order(enum.StrEnum):
    """The order of results; the total never depends on it."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    NUMBER = "number"
    TITLE = "title"


@dataclass(frozen=True)
class SearchQuery:
    """A validated search. A result meets all conditions; "", (), None and False are no conditions.

    - `text`: as typed in the box (see `parser`); `title`, `author`, `affiliation`, `keyword`: as typed in these fields.
    - `meetings`: slugs, any of them. `year_from`, `year_to`: of the meeting, inclusive.
    - `session_type` and `day`: of one and the same presentation.
    - `number`, `trial_id`: this one.
    - `has_figures`: with a figure. `among`: primary keys, any of them.
    - `with_keywords`, `with_authors`: slugs of index entries, all of them. `countries`, `institutions`: all of them.
    - `exact`: words as typed: neither with their synonyms, nor taken for anything else, nor corrected.
    - `literal`: words of `text` that are to be searched as typed, though others are not.
    - `language`: that of the page, in which words may be typed.
    """

    text: str = ""
    title: str = ""
    author: str = ""
    affiliation: str = ""
    keyword: str = ""
    meetings: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    session_type: str = ""
    day: dt.date | None = None
    number: str = ""
    trial_id: str = ""
    has_figures: bool = False
    among: frozenset[int] | None = None
    with_keywords: tuple[str, ...] = ()
    with_authors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    exact: bool = False
    literal: tuple[str, ...] = ()
    language: str = "en"
    order: Order = Order.RELEVANCE

    @property
    def parsed(self) -> list[Parsed]:
        """What was typed in the search box, which is the first, and in all fields for words."""
        fields = (("title", self.title), ("institution", self.affiliation), ("keyword", self.keyword))
        author = (Part(self.author, "author"),) if self.author.strip() else ()
        return [parse(self.text), *(parse(text, field) for field, text in fields), Parsed(author)]

    @property
    def plain_words(self) -> list[str]:
        """The words of the search box that may be anywhere: in no field, no quotation marks, not excluded."""
        return [part.text for node in parse(self.text).nodes for part in leaves(node) if part.is_plain]

    @property
    def has_words(self) -> bool:
        """Whether anything was typed in the box or in a field for words."""
        return bool(self.text or self.title or self.author or self.affiliation or self.keyword)

    @property
    def is_empty(self) -> bool:
        """Whether it has no conditions. It then has no results."""
        return not self.text and not self.narrowed_by

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """Names of the fields with conditions besides `text`."""
        names = (field.name for field in fields(self) if field.name not in _OF_TEXT)
        return tuple(name for name in names if getattr(self, name) or (name == "among" and self.among is not None))
