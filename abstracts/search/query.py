"""What somebody searches for."""

import datetime as dt
import enum
from dataclasses import dataclass, replace


class Order(enum.StrEnum):
    """How results are ordered; the total never depends on it."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    NUMBER = "number"
    TITLE = "title"


@dataclass(frozen=True)
class SearchQuery:
    """A search, validated. Fields narrow each other; "", (), None and False ask nothing.

    - `text`: as typed in the box (see `parser`); `title`, `author`, `affiliation`, `keyword` as typed in these fields.
    - `meetings`: slugs, any of them. `year_from`, `year_to`: of the meeting, inclusive.
    - `session_type` and `day`: of one and the same presentation.
    - `number`, `trial_id`: exactly this one.
    - `has_figures`: with a figure. `among`: primary keys, any of them.
    - `with_keywords`, `with_authors`: slugs of index entries, all of them. `countries`, `institutions`: all of them.
    - `exact`: words as typed, without their synonyms.
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
    order: Order = Order.RELEVANCE

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing; that is not the same as for everything."""
        return replace(self, order=Order.RELEVANCE, exact=False) == SearchQuery()

    @property
    def is_text_only(self) -> bool:
        """Whether nothing but the box was filled in."""
        return replace(self, order=Order.RELEVANCE, exact=False, text="") == SearchQuery()
