"""Titles that state a result, and show before their text."""

import re

from ...visibility import Status
from ...words.counts import counted
from ..outcomes import Group
from .base import Embargo, MeetingWarning, abstract_links, list_link, rows_of

# Most titles are no sentences: a verb in the third person stands in those that are.
_VERBS = (
    "improves|reduces|increases|decreases|lowers|raises|worsens|ameliorates|attenuates|alleviates|exacerbates|prevents"
    "|inhibits|suppresses|promotes|outperforms|enhances|restores|reverses|prolongs|predicts|demonstrates|shows|reveals"
    "|confirms|suggests|identifies|induces|achieves|maintains|protects"
)
_DEGREES = "not|also|more|less|strongly|independently|significantly|positively|negatively|inversely"
_FINDINGS = (
    "associated|correlated|linked|superior|inferior|noninferior|non-inferior|effective|safe|elevated|increased|reduced"
    "|decreased|higher|lower|comparable|similar|related|predictive|common|frequent"
)
_RESULT = re.compile(
    rf"""\b(?:{_VERBS})\b
    | \bcorrelates\s+(?:\w+\s+)?with\b
    | \bleads?\s+to\b
    | \b(?:is|are|was|were|remains?)\s+(?:(?:{_DEGREES})\s+)*(?:{_FINDINGS})\b
    | \b(?:does|do|did)\s+not\b
    | \b(?:significantly|substantially|markedly|effectively|rapidly)\s+
      (?:improve|reduce|increase|decrease|lower|enhance|inhibit|suppress|more|less|high|great|better|worse)
    | \bnon-?inferior(?:ity)?\s+(?:to|of)\b
    | \bp\s*[<=≤]\s*0?\.\d
    | \b(?:hr|or|rr|hazard\s+ratio|odds\s+ratio|relative\s+risk)\s*[=:,(]?\s*\d+[.,]\d
    | \d\s*%
    """,
    re.VERBOSE,
)
_QUESTION = re.compile(r"\?|^\W*(?:does|do|did|can|could|is|are|should|will|would|how|what|why|which|when|whether)\b")


def states_result(title: str) -> bool:
    """Whether the plain, English `title` reads as if it stated a result: a guess (see docs/decisions.md)."""
    folded = title.casefold()
    return bool(_RESULT.search(folded)) and not _QUESTION.search(folded)


def titles_with_results(embargo: Embargo) -> list[MeetingWarning]:
    rows = [
        row
        for row in rows_of(filter(_shows_title_first, embargo.groups))
        if row.status != Status.WITHDRAWN and states_result(row.title)
    ]
    if not rows:
        return []
    text = (
        f"Shown before their text, and seem to state a result: the titles of {counted(len(rows), 'abstract')}. "
        "Change the title, or let only the number show before (by the steps of the tier, or the abstract's override)."
    )
    return [MeetingWarning("results", text, list_link(embargo.meeting), abstract_links(rows, with_title=True))]


def _shows_title_first(group: Group) -> bool:
    titled, released = group.resolved.titled_from, group.resolved.released_from
    return titled is not None and (released is None or titled < released)
