"""ORCID identifiers: how they are written, and whether one can be right."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_FORM = re.compile(r"(?:https?://(?:www\.)?orcid\.org/)?(\d{4})[- ]?(\d{4})[- ]?(\d{4})[- ]?(\d{3}[\dXx])/?")


def normalized(typed: str) -> str:
    """`typed` (with or without hyphens, or as an address) as 0000-0002-1825-0097; "" for "". Else ValidationError.

    The last character is the check digit of ISO 7064 MOD 11-2.
    """
    typed = typed.strip()
    if not typed:
        return ""
    found = _FORM.fullmatch(typed)
    if not found:
        raise ValidationError(_("Write it as 0000-0002-1825-0097."), code="form")
    orcid = "-".join(found.groups()).upper()
    if check_digit(orcid[:-1]) != orcid[-1]:
        raise ValidationError(_("This is no ORCID: a digit of it is wrong."), code="checksum")
    return orcid


def check_digit(digits: str) -> str:
    """The last character to the 15 `digits` of an ORCID (hyphens do not count)."""
    total = 0
    for digit in digits.replace("-", ""):
        total = (total + int(digit)) * 2
    result = (12 - total % 11) % 11
    return "X" if result == 10 else str(result)
