"""The citation styles that the archive offers."""

from collections.abc import Callable
from dataclasses import dataclass

from .names import Name


@dataclass(frozen=True)
class Style:
    """A citation style: its name in addresses, and its label on the page."""

    name: str
    label: str


@dataclass(frozen=True)
class CslStyle(Style):
    """The style of the file `name`.csl, and how it wants names and titles prepared.

    `given` writes given names. `ends_title`: titles end in a period. `has_dots`: the suffix is “Jr.” and not “Jr”, and
    a journal's name keeps its own final period.
    """

    given: Callable[[Name], str]
    ends_title: bool
    has_dots: bool


def _dotted_initials(name: Name) -> str:
    """“A. B.”, “J.-P.”."""
    words = name.given.replace(".", " ").split()
    return " ".join("-".join(f"{part[:1].upper()}." for part in word.split("-") if part) for word in words)


_ALL = (
    Style("ama", "AMA"),
    CslStyle("vancouver", "Vancouver (NLM)", lambda name: name.initials.replace("-", "")[:2], False, False),
    CslStyle("apa", "APA", _dotted_initials, ends_title=False, has_dots=True),
    CslStyle("chicago", "Chicago", lambda name: name.given, ends_title=True, has_dots=True),
    CslStyle("mla", "MLA", lambda name: name.given, ends_title=True, has_dots=True),
    CslStyle("harvard", "Harvard", lambda name: _dotted_initials(name).replace(" ", ""), False, True),
)
# In the order of the page.
STYLES: dict[str, Style] = {style.name: style for style in _ALL}
