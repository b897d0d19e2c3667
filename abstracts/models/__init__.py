"""The archive's tables.

There are no reverse accessors (`related_name="+"`): what belongs to an abstract is read through the law.
"""

from . import embargo, judging  # noqa: F401  (they connect themselves to `base` and `gate`)
from .abstract import Abstract, Presentation, Section, SlugRedirect
from .base import ArchiveState, DocumentChange, Mark, PastRevision
from .byline import Affiliation, AuthorAffiliation, AuthorLine, Person, PersonName
from .figure import Figure, Rendition
from .held import HeldChange
from .keyword import AbstractKeyword, Keyword, KeywordSynonym
from .meeting import EmbargoTier, Meeting
from .page import Page
from .record import EmbargoRecord, RecordHead, RecordLine
from .session import Session
from .source import AbstractSource, ImportRun
from .step import EmbargoStep

__all__ = [
    "Abstract",
    "AbstractKeyword",
    "AbstractSource",
    "Affiliation",
    "ArchiveState",
    "AuthorAffiliation",
    "AuthorLine",
    "DocumentChange",
    "EmbargoRecord",
    "EmbargoStep",
    "EmbargoTier",
    "Figure",
    "HeldChange",
    "ImportRun",
    "Keyword",
    "KeywordSynonym",
    "Mark",
    "Meeting",
    "Page",
    "PastRevision",
    "Person",
    "PersonName",
    "Presentation",
    "RecordHead",
    "RecordLine",
    "Rendition",
    "Section",
    "Session",
    "SlugRedirect",
]
