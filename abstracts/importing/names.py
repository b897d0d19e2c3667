"""Splits names of persons into given and family name."""

import re
from typing import NamedTuple

from ..words.suffixes import SUFFIXES, bare_word
from ..words.text import fold, squeeze


class SplitName(NamedTuple):
    """The parts of a person's name, as typed; "" where a part is not known."""

    given: str
    family: str


class Hint(NamedTuple):
    """A person in disclosures: “M. Retuerto Guerrero”."""

    initial: str
    family: str


_DEGREES = """
md phd dphil mph msc ms ma mba bs ba bsc do rn np pa pharmd dpharm mbbs mbchb mbbch mrcp frcp frcpc facr faad facp faap
fache dds dmd dvm dnp dpt pt ot scd drph mhs mhsc mscr msce mas med edd jd llm esq cbe mtr faan
"""
_PARTICLES = """
van von vom der den de del della delle dello dell di da das do dos du des la las le los lo el al abu bin ibn bint ben
ter ten te zu zum zur af av st st. san santa 't op dal dalla degli ould ap mac
"""
DEGREES = frozenset(_DEGREES.split())
PARTICLES = frozenset(_PARTICLES.split())
_GROUP = re.compile(
    r"\b(?:groups?|consorti\w+|investigators?|networks?|collaborat\w+|committee|registry|study|team|initiative|"
    r"alliance|part\w*ship|society|association|project|working party|on behalf of|for the)\b",
    re.I,
)
_INITIALS = re.compile(r"^(?:[^\W\d_]\.?-?){1,4}\.$|^[^\W\d_]$|^(?:[^\W\d_][a-z]?\.-?){1,5}$")


def is_group(name: str) -> bool:
    """Whether `name` is that of a study group, not of a person."""
    return bool(_GROUP.search(name)) and len(name.split()) > 1


def is_title(words: str) -> bool:
    """Whether all of `words` are degrees and suffixes: “MD, PhD”, “Jr.”; also for ""."""
    return all(bare_word(word) in DEGREES | SUFFIXES for word in words.replace(",", " ").split())


def words_of(name: str) -> list[str]:
    """The words of a name without degrees, with a suffix (“Jr”): ["Thomas", "Medsger", "Jr"]."""
    head, *tail = [part.strip() for part in squeeze(name).split(",")]
    words = head.split()
    while len(words) > 2 and bare_word(words[-1]) in DEGREES and not (words[-1].islower() or words[-1].istitle()):
        words.pop()
    for part in tail:
        words += [word for word in part.split() if bare_word(word) not in DEGREES]
    return words


def _folded(words: list[str]) -> str:
    """For comparisons: letters only. The first word is never a degree (“MA Acosta” has the initials M. A.)."""
    words = words[:1] + [word for word in words[1:] if bare_word(word) not in SUFFIXES | DEGREES]
    return re.sub(r"[\W_]+", "", fold(" ".join(words)))


def split_by_hint(name: str, hint: Hint) -> SplitName | None:
    """`name` split at the hint's family name, which stands at its end or at its beginning; None if it does not."""
    words, family = words_of(name), _folded(words_of(hint.family))
    if not words or not family:
        return None
    for index in range(len(words)):
        if _folded(words[index:]) == family:
            return SplitName(" ".join(words[:index]), " ".join(words[index:]))
    for index in range(len(words) - 1, 0, -1):
        rest = words[index:]
        if _folded(words[:index]) == family and _folded(rest)[:1] == fold(hint.initial)[:1]:
            return SplitName(" ".join(rest), " ".join(words[:index]))
    return None


def split_by_shape(name: str) -> SplitName:
    """`name` split by its shape alone: “Family, Given”, initials, particles, suffixes; else before the last word."""
    if is_group(name):
        return SplitName("", "")
    if family_first := _split_at_comma(name):
        return family_first
    words = words_of(name)
    if len(words) < 2:
        return SplitName("", " ".join(words))
    start = _family_start(words)
    return SplitName(" ".join(words[:start]), " ".join(words[start:]))


def _split_at_comma(name: str) -> SplitName | None:
    """“Family, Given”; None where no given name follows a comma."""
    head, comma, tail = squeeze(name).partition(",")
    first = bare_word(tail.split(",")[0])
    if not comma or not first or first in SUFFIXES or all(w in DEGREES for w in first.split()):
        return None
    return SplitName(" ".join(words_of(tail)), head)


def _family_start(words: list[str]) -> int:
    """The index of the first word of the family name."""
    initials = next((i for i, word in enumerate(words) if not _INITIALS.match(word)), 0)
    if initials:
        return initials
    last = len(words) - 1
    while last > 1 and bare_word(words[last]) in SUFFIXES:
        last -= 1
    start = next((i for i in range(1, last) if fold(words[i]) in PARTICLES), last)
    if start == last and last > 2 and words[last - 1] in ("y", "e", "i"):
        return last - 2
    return start


def split_name(name: str, hint: Hint | None = None) -> SplitName:
    """Given and family name of `name`: as in the disclosures if possible, else by its shape."""
    return (hint and split_by_hint(name, hint)) or split_by_shape(name)


def agrees(name: SplitName, hint: Hint) -> bool:
    """Whether initial and family name of `name` are those of `hint`."""
    family = _folded(words_of(name.family)) == _folded(words_of(hint.family))
    return family and fold(name.given)[:1] == fold(hint.initial)[:1]
