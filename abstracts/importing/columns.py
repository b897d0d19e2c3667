"""Which column of a sheet is what."""

import re
from collections.abc import Mapping

from ..words.text import fold, squeeze
from .options import BadInput
from .sections import KNOWN_LABELS

# Field -> names of columns, without case and punctuation. The first is the field's own.
ALIASES: dict[str, str] = {
    "number": "number abstractnumber abstractno finalnumber finalabstractnumber presentationnumber posternumber",
    "title": "title abstracttitle",
    "authors": "authors authorsandaffiliations authoraffiliations authorsaffiliations authorlist authornames byline",
    "affiliations": "affiliations affiliation institutions",
    "presenter": "presenter presentingauthor presentingauthorname",
    "keywords": "keywords keyword tags",
    "text": "text abstracttext abstractbody body abstract abstractcontent",
    "disclosures": "disclosures disclosure authordisclosures",
    "link": "link linkfinal url permalink address pageurl",
    "slug": "slug",
    "reference": "reference sourceid sourcereference controlid controlnumber submissionid submissionnumber",
    "meeting": "meeting meetingslug",
    "tier": "tier embargotier embargo",
    "status": "status abstractstatus",
    "status_note": "statusnote publicnote",
    "doi": "doi",
    "first_published": "firstpublished firstpublishedon dateoffirstpublication publicationdate datepublished",
    "legacy_id": "legacyid formerid oldid wordpressid wpid postid",
    "trial_ids": "trialids trialid trialregistration trialregistrationnumber clinicaltrialid nctnumber nctid",
    "session_code": "sessioncode sessionid sessionnumber",
    "session_title": "sessiontitle session sessionname",
    "session_type": "sessiontype",
    "session_date": "sessiondate date presentationdate",
    "session_time": "sessiontime",
    "session_start": "sessionstart sessionstarttime",
    "session_end": "sessionend sessionendtime",
    "session_place": "sessionplace sessionlocation sessionroom place room location",
    "position": "position sessionposition orderinsession presentationorder",
    "presentation_time": "presentationtime",
    "presentation_start": "presentationstart presentationstarttime starttime",
    "presentation_end": "presentationend presentationendtime endtime",
    "figures": "figures figurefiles figurefile images imagefiles",
    "figure_labels": "figurelabels",
    "figure_captions": "figurecaptions figurecaption captions",
    "figure_alts": "figurealts figurealt alttexts alttext alternativetexts",
}
IGNORE = "ignore"
SECTION = "section:"
_BY_NAME = {alias: field for field, aliases in ALIASES.items() for alias in aliases.split()}


def bare(header: str) -> str:
    """A header without case, accents, spaces and punctuation."""
    return re.sub(r"[^a-z0-9]", "", fold(header))


def recognised(headers: list[str]) -> int:
    """How many of `headers` are known by name."""
    return sum(bool(_field_of(header)) for header in headers)


def recognise(headers: list[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Column -> field, for the columns that are used: by `mapping` first, then by name.

    A column named like a section (“Methods”) is that section. Raises BadInput where the mapping names what does not
    exist, two columns are the same field, or what every abstract needs is missing.
    """
    by_hand = {_column(name, headers): _checked(field) for name, field in mapping.items()}
    found = {header: by_hand.get(header) or _field_of(header) for header in headers if header}
    taken = set(by_hand.values())
    for header, field in list(found.items()):
        if header not in by_hand and field in taken:
            found[header] = ""
    used = {header: field for header, field in found.items() if field and field != IGNORE}
    _refuse_doubles(used)
    _refuse_missing(used, headers)
    return used


def ignored(headers: list[str], mapping: Mapping[str, str]) -> set[str]:
    """Columns that staff said to ignore: no note says that they were not used."""
    return {_column(name, headers) for name, field in mapping.items() if field == IGNORE}


def _field_of(header: str) -> str:
    if field := _BY_NAME.get(bare(header)):
        return field
    return SECTION + squeeze(header) if fold(header) in KNOWN_LABELS else ""


def _column(name: str, headers: list[str]) -> str:
    for same in (lambda header: header == name, lambda header: bool(bare(name)) and bare(header) == bare(name)):
        if found := [header for header in headers if same(header)]:
            return found[0]
    raise BadInput(f"There is no column “{name}” to map; the columns are: {', '.join(filter(None, headers))}.")


def _checked(field: str) -> str:
    if field in ALIASES or field == IGNORE or (field.startswith(SECTION) and field != SECTION):
        return field
    raise BadInput(f"There is no field “{field}”; the fields are: {', '.join([*ALIASES, 'section:LABEL', IGNORE])}.")


def _refuse_doubles(used: dict[str, str]) -> None:
    for field in set(used.values()):
        if len(same := [column for column, its in used.items() if its == field]) > 1:
            columns = " and ".join(f"“{column}”" for column in same)
            raise BadInput(f"The columns {columns} both are the {field}; map one of them: --map “{same[0]}=ignore”.")


def _refuse_missing(used: dict[str, str], headers: list[str]) -> None:
    fields, columns = set(used.values()), ", ".join(filter(None, headers))
    if "title" not in fields:
        raise BadInput(f"No column holds the title. The columns are: {columns}. Name it: --map COLUMN=title.")
    if not fields & {"number", "reference", "link", "slug"}:
        raise BadInput(
            f"No column holds the number (or a reference or link). The columns are: {columns}. "
            "Name it: --map COLUMN=number."
        )
