"""Disclosures: “Disclosures: M. Retuerto Guerrero: None; C. Moriano: Acme, 2, 5.”"""

import re
from typing import NamedTuple

from ..words.text import squeeze
from .names import Hint

_LABEL = re.compile(r"(?:^|(?<=\n))[ \t]*(?:Disclosures?[ \t]*:\s*)+", re.I)
_DOUBLED = re.compile(r"(?:^|(?<=\n))[ \t]*(?:Disclosures?[ \t]*:\s*){2,}", re.I)
_PERSON = re.compile(r"(?P<initial>[^\W\d_](?:\.|(?=\s)))\s*(?P<family>[^:;|]{1,80}?)\s*:\s*(?P<text>.*)", re.S)
# “… Acme, 3, P. Ericks: None”: a person without a semicolon before. Initial, name and colon must all be there.
_MISSING_SEMICOLON = re.compile(
    r"(?:(?<=\d)|(?<=\w\w)|(?<=\))|(?<=\w\w\.))[, ]\s*(?=[^\W\d_]\.\s[^\W\d_][^:;|,.\d]{1,50}:\s)"
)


class Disclosure(NamedTuple):
    """The disclosure of one person."""

    person: Hint
    text: str


def cut_disclosures(text: str) -> tuple[str, str]:
    """`text` without its disclosures; and these, without their label, however often it is repeated.

    The last label begins them; where one is doubled, the last doubled one.
    """
    labels = list(_DOUBLED.finditer(text)) or list(_LABEL.finditer(text))
    if not labels:
        return text, ""
    return text[: labels[-1].start()].rstrip(), text[labels[-1].end() :].strip()


def strip_label(text: str) -> str:
    """`text`, from a column of its own, without the label that it may begin with."""
    return re.sub(r"^\s*(?:Disclosures?\s*:\s*)+", "", text, flags=re.I).strip()


def parse_disclosures(text: str) -> list[Disclosure]:
    """Who discloses what, in order. A part that names nobody belongs to the person before."""
    disclosures: list[Disclosure] = []
    for part in _MISSING_SEMICOLON.sub(";", squeeze(text)).split(";"):
        if person := _PERSON.fullmatch(part.strip()):
            disclosures.append(Disclosure(Hint(person["initial"][0], person["family"]), person["text"].rstrip(". ")))
        elif disclosures and part.strip():
            disclosures[-1] = disclosures[-1]._replace(text=f"{disclosures[-1].text}; {part.strip()}")
    return disclosures


def people_in(text: str) -> list[Hint]:
    """The people whom disclosures name, in order."""
    return [disclosure.person for disclosure in parse_disclosures(text)]
