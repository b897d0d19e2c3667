"""Disclosures: “Disclosures: M. Retuerto Guerrero: None; C. Moriano: Acme, 2, 5.”"""

import re
from typing import NamedTuple

from ..words.text import squeeze
from .names import Hint

_LABEL = re.compile(r"(?:^|(?<=\n))[ \t]*(?:Disclosures?[ \t]*:\s*)+", re.I)
_DOUBLED = re.compile(r"(?:^|(?<=\n))[ \t]*(?:Disclosures?[ \t]*:\s*){2,}", re.I)
_PERSON = re.compile(r"(?P<initial>[^\W\d_](?:\.|(?=\s)))\s*(?P<family>[^:;|]{1,80}?)\s*:\s*(?P<text>.*)", re.S)
# “… Acme, 3, P. Ericks: None”: somebody whose semicolon is missing. Initial, name and colon must all be there.
_UNPARTED = re.compile(r"(?:(?<=\d)|(?<=\w\w)|(?<=\))|(?<=\w\w\.))[, ]\s*(?=[^\W\d_]\.\s[^\W\d_][^:;|,.\d]{1,50}:\s)")


class Disclosure(NamedTuple):
    """One person's disclosure."""

    person: Hint
    text: str


def cut_disclosures(text: str) -> tuple[str, str]:
    """`text` without its disclosures, and these, their label taken off however often it stands there.

    A doubled label is the disclosures' own; a single one only where no doubled one is, and then the last.
    """
    found = list(_DOUBLED.finditer(text)) or list(_LABEL.finditer(text))
    if not found:
        return text, ""
    return text[: found[-1].start()].rstrip(), text[found[-1].end() :].strip()


def strip_label(text: str) -> str:
    """Disclosures of a column of their own: the label, where it stands there, taken off."""
    return re.sub(r"^\s*(?:Disclosures?\s*:\s*)+", "", text, flags=re.I).strip()


def people(disclosures: str) -> list[Disclosure]:
    """Who discloses what, in order. What names nobody goes on with the person before."""
    found: list[Disclosure] = []
    for part in _UNPARTED.sub(";", squeeze(disclosures)).split(";"):
        if person := _PERSON.fullmatch(part.strip()):
            found.append(Disclosure(Hint(person["initial"][0], person["family"]), person["text"].rstrip(". ")))
        elif found and part.strip():
            found[-1] = found[-1]._replace(text=f"{found[-1].text}; {part.strip()}")
    return found
