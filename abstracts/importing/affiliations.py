"""Finds the institution and the country in an affiliation. The text itself stays as typed."""

import re
from typing import NamedTuple

from ..words.text import squeeze
from .countries import country_of

# The best sign of an institution first.
_INSTITUTIONS = [
    re.compile(pattern, re.I)
    for pattern in (
        r"\buniversi|\bunivers\w*it\w*\b",
        r"hospital|hôpital|hopital|krankenhaus|klinik|\bclinic\b|\bclínica|\bCHU\b|policlinico|\bcharit[eé]\b|"
        r"medical (?:center|centre)|health (?:system|center|centre|sciences)",
        r"institut|college|school|academy|foundation|national|\bcent(?:er|re|ro)\b|laborator",
        r"\b(?:inc|ltd|llc|gmbh|corp\w*|co|company|therapeutics|pharma\w*|biosciences|bio\w+)\b\.?|\bS\.?A\.?$",
    )
]
_PART_OF = re.compile(
    r"^(?:the )?(?:departa?m\w+|dept|division|section|service|servicio|unit|unité|clinic of|faculty|school|college|"
    r"rheumatology|dermatology|program|laboratory of)\b",
    re.I,
)


class ParsedAffiliation(NamedTuple):
    """Institution and country of an affiliation; "" where it names none that is known."""

    institution: str
    country: str


def parse_affiliation(text: str) -> ParsedAffiliation:
    """The institution and the country that `text` names."""
    parts = [part.strip() for part in re.split(r",|\. (?=[A-Z])", squeeze(text)) if part.strip()]
    country = next(filter(None, map(country_of, reversed(parts[-2:]))), "")
    return ParsedAffiliation(_institution(parts)[:300], country)


def _institution(parts: list[str]) -> str:
    candidates = [part for part in parts if not _PART_OF.match(part)]
    for pattern in _INSTITUTIONS:
        for part in candidates:
            if pattern.search(part):
                return part
    return parts[0] if len(candidates) == len(parts) and len(parts) > 1 else ""
