"""What can be recognised in an affiliation: the institution and the country. The text itself stays as typed."""

import re
from typing import NamedTuple

from ..words.text import squeeze
from .countries import country_of

# In order: what names an institution best.
_KINDS = [
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


class Recognised(NamedTuple):
    """Beside the affiliation as typed; "" where nothing was recognised."""

    institution: str
    country: str


def recognise(text: str) -> Recognised:
    """The institution and the country that `text` names."""
    parts = [part.strip() for part in re.split(r",|\. (?=[A-Z])", squeeze(text)) if part.strip()]
    country = next((found for part in reversed(parts[-2:]) if (found := country_of(part))), "")
    return Recognised(_institution(parts)[:300], country)


def _institution(parts: list[str]) -> str:
    whole = [part for part in parts if not _PART_OF.match(part)]
    for kind in _KINDS:
        if found := next((part for part in whole if kind.search(part)), ""):
            return found
    return parts[0] if len(whole) == len(parts) and len(parts) > 1 else ""
