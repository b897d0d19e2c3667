"""What somebody searches for."""

import datetime as dt
import enum
from dataclasses import dataclass, fields


class Order(enum.StrEnum):
    """How results are ordered; the total never depends on it."""

    NEWEST = "newest"
    NUMBER = "number"
    TITLE = "title"


@dataclass(frozen=True)
class SearchQuery:
    """A search, validated. Fields narrow each other; "" and () ask nothing.

    - `text`: words, each of which is in the title, an author, a keyword or the text; or an abstract's number.
    - `title`, `affiliation`, `keyword`: words, all of them in it.
    - `author`: beginnings of names, all of them of one author.
    - `meetings`: slugs, any of them. `session_type` and `day`: of one and the same presentation.
    - `number`, `trial_id`: exactly this one.
    """

    text: str = ""
    title: str = ""
    author: str = ""
    affiliation: str = ""
    keyword: str = ""
    meetings: tuple[str, ...] = ()
    session_type: str = ""
    day: dt.date | None = None
    number: str = ""
    trial_id: str = ""
    order: Order = Order.NEWEST

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing; that is not the same as for everything."""
        return not self.text and not self.narrowed_by

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """Names of the fields, beside the words, that ask for something."""
        names = (field.name for field in fields(self) if field.name not in ("text", "order"))
        return tuple(name for name in names if getattr(self, name))
