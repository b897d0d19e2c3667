"""Names of authors as citations and reference managers take them: family, given, suffix."""

from dataclasses import dataclass

from ..importing.names import SUFFIXES, bare
from ..reading import Author


@dataclass(frozen=True, slots=True)
class Name:
    """A person as family (with particles), given and suffix; or, as `literal`, a group or a name not taken apart."""

    family: str = ""
    given: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def inverted(self) -> str:
        """“van Rivel, Ada, Jr”."""
        return self.literal or ", ".join(filter(None, [self.family, self.given, self.suffix]))

    @property
    def initials(self) -> str:
        """“AB” of “Ada Bea”, “J-P” of “Jean-Pierre”."""
        return "".join(_initial(word) for word in self.given.replace(".", " ").split())


def _initial(word: str) -> str:
    return "-".join(part[:1].upper() for part in word.split("-") if part)


def name_of(author: Author) -> Name:
    """The parts of a byline's name. A suffix is stored with the family name (“Medsger Jr”) and parted here."""
    if author.is_group or not author.family:
        return Name(literal=author.name)
    words = author.family.replace(",", " ").split()
    if len(words) > 1 and bare(words[-1]) in SUFFIXES:
        return Name(" ".join(words[:-1]), author.given, words[-1])
    return Name(author.family, author.given)
