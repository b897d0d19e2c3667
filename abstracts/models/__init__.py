"""The archive's tables.

There are no reverse accessors (`related_name="+"`): what belongs to an abstract is read through the law.
"""

from . import embargo  # noqa: F401  (connects its receiver)
from .abstract import Abstract, Presentation, Section, SlugRedirect
from .base import ArchiveState, DocumentChange, Mark, PastRevision
from .byline import Affiliation, AuthorAffiliation, AuthorLine, Person, PersonName
from .figure import Figure, Rendition
from .keyword import AbstractKeyword, Keyword, KeywordSynonym
from .meeting import EmbargoTier, Meeting
from .page import Page
from .session import Session
from .source import AbstractSource, ImportRun

__all__ = [
    "Abstract",
    "AbstractKeyword",
    "AbstractSource",
    "Affiliation",
    "ArchiveState",
    "AuthorAffiliation",
    "AuthorLine",
    "DocumentChange",
    "EmbargoTier",
    "Figure",
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
    "Rendition",
    "Section",
    "Session",
    "SlugRedirect",
]
