"""Names of authors in the parts that citations and reference managers use: family, given, suffix."""

from dataclasses import dataclass

from ..reading import Author
from ..words.suffixes import split_suffix


@dataclass(frozen=True, slots=True)
class Name:
    """A person's family name (with particles), given name and suffix; or `literal`: a group, or a name not parsed."""

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
    """The parts of an author's name. The suffix is stored with the family name (“Medsger Jr”) and split off here."""
    if author.is_group or not author.family:
        return Name(literal=author.name)
    family, suffix = split_suffix(author.family)
    return Name(family, author.given, suffix)
