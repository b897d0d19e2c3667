"""Which column of a sheet holds which field."""

import re
from collections.abc import Mapping

from ..words.text import fold, squeeze
from .fields import FIELDS
from .options import BadInput
from .sections import KNOWN_LABELS

IGNORE = "ignore"
SECTION = "section:"


def column_key(header: str) -> str:
    """A header in lower case, without accents, spaces and punctuation."""
    return re.sub(r"[^a-z0-9]", "", fold(header))


_FIELD_NAMES = {
    key: field.name
    for field in FIELDS.values()
    for key in (column_key(field.name), column_key(field.header), *field.aliases.split())
    if key
}


def count_known(headers: list[str]) -> int:
    """How many of `headers` have a known name."""
    return sum(bool(_field_of(header)) for header in headers)


def match_columns(headers: list[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Column -> field, for the columns that are used: by `mapping` first, then by name.

    A column with the name of a section (“Methods”) is that section. Raises BadInput where the mapping names something
    that does not exist, two columns are the same field, or a field that every abstract needs is missing.
    """
    mapped = {_find_column(name, headers): _check_field(field) for name, field in mapping.items()}
    fields = {}
    for header in filter(None, headers):
        field = mapped.get(header) or _field_of(header)
        if field and field != IGNORE and (header in mapped or field not in mapped.values()):
            fields[header] = field
    _refuse_duplicates(fields)
    _refuse_missing(fields, headers)
    return fields


def ignored_columns(headers: list[str], mapping: Mapping[str, str]) -> set[str]:
    """Columns that the mapping says to ignore; no note reports them as unused."""
    return {_find_column(name, headers) for name, field in mapping.items() if field == IGNORE}


def _field_of(header: str) -> str:
    if field := _FIELD_NAMES.get(column_key(header)):
        return field
    return SECTION + squeeze(header) if fold(header) in KNOWN_LABELS else ""


def _find_column(name: str, headers: list[str]) -> str:
    if name in headers:
        return name
    key = column_key(name)
    if key and (same := [header for header in headers if column_key(header) == key]):
        return same[0]
    raise BadInput(f"There is no column “{name}” to map; the columns are: {', '.join(filter(None, headers))}.")


def _check_field(field: str) -> str:
    if field in FIELDS or field == IGNORE or (field.startswith(SECTION) and field != SECTION):
        return field
    raise BadInput(f"There is no field “{field}”; the fields are: {', '.join([*FIELDS, 'section:LABEL', IGNORE])}.")


def _refuse_duplicates(fields: dict[str, str]) -> None:
    for field in set(fields.values()):
        if len(same := [column for column, name in fields.items() if name == field]) > 1:
            columns = " and ".join(f"“{column}”" for column in same)
            raise BadInput(f"The columns {columns} both are the {field}; map one of them: --map “{same[0]}=ignore”.")


def _refuse_missing(fields: dict[str, str], headers: list[str]) -> None:
    names, columns = set(fields.values()), ", ".join(filter(None, headers))
    if "title" not in names:
        raise BadInput(f"No column holds the title. The columns are: {columns}. Name it: --map COLUMN=title.")
    if not names & {"number", "reference", "link", "slug"}:
        raise BadInput(
            f"No column holds the number (or a reference or link). The columns are: {columns}. "
            "Name it: --map COLUMN=number."
        )
