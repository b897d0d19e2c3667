"""The rules for identifiers: ORCID iDs, DOIs, ids of trial registries, numbers of abstracts."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from .text import fold

_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/|ORCID:?\s*)?"
    r"([0-9]{4})[- ]?([0-9]{4})[- ]?([0-9]{4})[- ]?([0-9]{3}[0-9X])/?",
    re.I,
)
_DOI = r"10\.\d{4,9}/\S+"
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)\s*", re.I)
_TRIAL = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}p?|DRKS\d{8}|ChiCTR[-\w]{6,20}|CTRI/\d{4}/\d{2,3}/\d{6}"
    r"|EudraCT ?:? ?\d{4}-\d{6}-\d{2}|jRCTs?\d{9,10}|UMIN\d{9}|NTR\d{3,4}|IRCT\d{11,14}N\d+)",
    re.I,
)
_ANY_TRIAL = re.compile(r"(?:NCT\d{8}|ISRCTN\d{8}|\d{4}-\d{6}-\d{2}|[A-Za-z]{3,7}[\d/-]{6,20})", re.I)
_NUMBER_LABEL = re.compile(
    r"^(?:(?:abstract|poster|presentation|number|no|nr|nº|#)[\s.:#]*)+(?=[a-z]{0,3}[- ]?\d)", re.I
)
_NUMBER = re.compile(r"[a-z]{0,3}[- ]?\d{1,6}", re.I)
_DIGITS = re.compile(r"([0-9]+)")


def normalize_orcid(typed: str) -> str:
    """The ORCID iD in `typed` (with or without hyphens, or as an address) as 0000-0002-1825-0097; "" for "".

    Raises ValidationError: code "form" where it is not written like one, "checksum" where its check digit is wrong.
    """
    typed = typed.strip()
    if not typed:
        return ""
    match = _ORCID.fullmatch(typed)
    if not match:
        raise ValidationError(_("Write it as 0000-0002-1825-0097."), code="form")
    orcid = "-".join(match.groups()).upper()
    if orcid_check_digit(orcid[:-1]) != orcid[-1]:
        raise ValidationError(_("This is no ORCID: a digit of it is wrong."), code="checksum")
    return orcid


def validate_orcid(orcid: str) -> None:
    """Validator of model fields: `orcid` must be valid and in its normal form."""
    if normalize_orcid(orcid) != orcid:
        raise ValidationError(_("Write it as 0000-0002-1825-0097."), code="form")


def is_orcid(text: str) -> bool:
    """Whether `text` is a valid ORCID iD in its normal form."""
    try:
        validate_orcid(text)
    except ValidationError:
        return False
    return bool(text)


def orcid_check_digit(digits: str) -> str:
    """The last character for the first 15 `digits` of an ORCID iD (ISO 7064 MOD 11-2); hyphens do not count."""
    total = 0
    for digit in digits.replace("-", ""):
        total = (total + int(digit)) * 2
    result = (12 - total % 11) % 11
    return "X" if result == 10 else str(result)


validate_doi = RegexValidator(f"^{_DOI}$", "Write it as 10.1002/art.…")


def normalize_doi(typed: str) -> str:
    """`typed` without the prefix "doi:" or the address of the resolver."""
    return _DOI_PREFIX.sub("", typed.strip())


def is_doi(text: str) -> bool:
    """Whether `text`, without a prefix, is written like a DOI."""
    return bool(re.fullmatch(_DOI, text))


def trial_ids(*texts: str) -> str:
    """The ids of trial registries in `texts`, in order, each once, separated by spaces; at most 300 characters."""
    ids = dict.fromkeys(re.sub(r"\s+", "", match[0]) for text in texts for match in _TRIAL.finditer(text))
    joined = ""
    for trial_id in ids:
        if len(longer := f"{joined} {trial_id}".strip()) <= 300:
            joined = longer
    return joined


def is_trial_id(text: str) -> bool:
    """Whether `text` is written like the id of a trial registry; ids without its name ("2015-001234-12") count, too."""
    return bool(_ANY_TRIAL.fullmatch(text))


def is_abstract_number(text: str) -> bool:
    """Whether `text` looks like the number of an abstract: 0489, L17, LB 24."""
    return bool(_NUMBER.fullmatch(text))


def without_label(number: str) -> str:
    """The number in "Abstract No. 0489" or "#0489"; anything else as it is."""
    return _NUMBER_LABEL.sub("", number)


def number_key(number: str) -> str:
    """Sort key of the number of an abstract, in the order in which people count: 2 < 10, L9 < L17, LB after plain ones.

    It has only ASCII digits and letters, so that all database collations order it alike.
    """
    chunks = _DIGITS.split(fold(number))
    key = "".join(c.zfill(9) if _DIGITS.match(c) else re.sub(r"[^a-z]", "", c) for c in chunks)
    return ("0" if key[:1].isdigit() else "1") + key[:120]


PLAIN_NUMBERS = "0-9"


def number_prefix(number: str) -> str:
    """What a number begins with: its letters before the first digit, in capitals; "0-9" for a digit; "" for neither."""
    plain = re.sub(r"[\W_]", "", number)
    letters = re.match(r"\D*", plain)[0].upper()  # type: ignore[index]
    return letters or (PLAIN_NUMBERS if plain else "")


def number_prefixes(typed: str) -> list[str]:
    """The prefixes in `typed`, which commas or spaces separate: in capitals, each once."""
    return list(dict.fromkeys(part.upper() for part in re.split(r"[\s,;]+", typed) if part))


def validate_number_prefixes(typed: str) -> None:
    """Validator of model fields: letters, or "0-9"."""
    for prefix in number_prefixes(typed):
        if prefix != PLAIN_NUMBERS and not prefix.isalpha():
            raise ValidationError(f"“{prefix}”: write letters, such as LB, or 0-9 for numbers without letters.")


def last_digits(number: str) -> int:
    """The last run of digits in the number of an abstract, as an integer; 0 if there is none."""
    match = re.search(r"(\d+)\D*$", number)
    return int(match[1]) if match else 0
