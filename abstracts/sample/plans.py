"""What a sample meeting consists of, before it is stored."""

import datetime as dt
from dataclasses import dataclass, field

from .people import AuthorPlan
from .study import FigurePlan


@dataclass
class Place:
    """A presentation: the code of the session, and the abstract's own time in it."""

    session: str
    position: int
    start_time: dt.time | None = None
    end_time: dt.time | None = None


@dataclass
class AbstractPlan:
    """One abstract. `fields` are further values of the model's columns: status, override, DOI …"""

    number: str | None
    title: str
    tier: str
    places: list[Place]
    sections: list[tuple[str, str]]
    keywords: list[str]
    authors: list[AuthorPlan] = field(default_factory=list)
    figures: list[FigurePlan] = field(default_factory=list)
    disclosures: str = ""
    former_title: str = ""
    fields: dict = field(default_factory=dict)


@dataclass
class MeetingPlan:
    """One meeting: values of the columns of Meeting, EmbargoTier and Session, and the abstracts."""

    fields: dict
    tiers: list[dict]
    sessions: list[dict]
    abstracts: list[AbstractPlan] = field(default_factory=list)
