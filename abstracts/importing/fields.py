"""The fields of an abstract in files: their columns, how they are read, and how they are stored.

One table serves sheets, JSON Lines, the comparison with the database, and exports. A value is what `IncomingAbstract`
holds: JSON, with dates and times in ISO form. `parse` makes it of a file's text (ValueError with a message for people),
`load` makes the model's attribute of it, and `dump` makes it of the model's attribute.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..models import Abstract
from ..words.identifiers import normalize_doi
from ..words.text import squeeze
from .typed_text import resolve_entities, title_html
from .values import parse_date, parse_time, parse_whole_number


def _unchanged(value: Any) -> Any:
    return value


def _isoformat(value: dt.date | dt.time | None) -> str:
    return value.isoformat() if value else ""


@dataclass(frozen=True)
class Kind:
    """How values of a field are read and stored; `empty` is the value of one without content."""

    parse: Callable[[str], Any] = squeeze
    load: Callable[[Any], Any] = _unchanged
    dump: Callable[[Any], Any] = _unchanged
    empty: Any = ""


TEXT = Kind()
TEXT_WITH_ENTITIES = Kind(lambda text: squeeze(resolve_entities(text)))
TITLE = Kind(title_html)
STATUS = Kind(lambda text: squeeze(text).lower() or "published")
DOI = Kind(lambda text: normalize_doi(squeeze(text)))
NUMBER = Kind(load=lambda value: value or None, dump=lambda number: number or "")
WHOLE_NUMBER = Kind(parse_whole_number, empty=None)
DATE = Kind(
    lambda text: parse_date(text).isoformat() if text.strip() else "",
    lambda value: dt.date.fromisoformat(value) if value else None,
    _isoformat,
)
TIME = Kind(
    lambda text: parse_time(text).isoformat() if text.strip() else "",
    lambda value: dt.time.fromisoformat(value) if value else None,
    _isoformat,
)


@dataclass(frozen=True)
class Field:
    """A field of files.

    `header` names its column in exports. `aliases` are further names of its column, in lower case, without spaces and
    punctuation; the header and `name` are names, too. `attribute` is the model's, where it is not `name`.
    """

    name: str
    header: str = ""
    aliases: str = ""
    kind: Kind = TEXT
    attribute: str = ""

    def dump(self, row: Any) -> Any:
        """The value of the field in a row of the database."""
        return self.kind.dump(getattr(row, self.attribute or self.name))

    def load(self, row: Any, value: Any) -> None:
        """Set the attribute of a row of the database to `value`."""
        setattr(row, self.attribute or self.name, self.kind.load(value))


_ALL = (
    Field(
        "number", "Abstract Number",
        "abstractno finalnumber finalabstractnumber presentationnumber posternumber", NUMBER,
    ),
    Field("title", "Title", "abstracttitle", TITLE),
    Field(
        "authors", "Authors",
        "authorsandaffiliations authoraffiliations authorsaffiliations authorlist authornames byline",
    ),
    Field("affiliations", "Affiliations", "affiliation institutions"),
    Field("presenter", "Presenter", "presentingauthor presentingauthorname"),
    Field("keywords", "Keywords", "keyword tags"),
    Field("text", "Abstract Text", "abstractbody body abstract abstractcontent"),
    Field("disclosures", "Disclosures", "disclosure authordisclosures"),
    Field("link", "Link", "linkfinal url permalink address pageurl"),
    Field("slug"),
    Field("reference", "", "sourceid sourcereference controlid controlnumber submissionid submissionnumber"),
    Field("meeting", "Meeting", "meetingslug"),
    Field("tier", "", "embargotier embargo"),
    Field("status", "Status", "abstractstatus", STATUS),
    Field("status_note", "Public Note"),
    Field("doi", "DOI", kind=DOI),
    Field(
        "first_published", "First Published",
        "firstpublishedon dateoffirstpublication publicationdate datepublished", DATE,
    ),
    Field("legacy_id", "", "formerid oldid wordpressid wpid postid", WHOLE_NUMBER),
    Field(
        "trial_ids", "Trial Ids", "trialid trialregistration trialregistrationnumber clinicaltrialid nctnumber nctid"
    ),
    Field("session_code", "Session Code", "sessionid sessionnumber"),
    Field("session_title", "Session Title", "session sessionname"),
    Field("session_type", "Session Type"),
    Field("session_date", "Session Date", "date presentationdate"),
    Field("session_time"),
    Field("session_start", "Session Start", "sessionstarttime"),
    Field("session_end", "Session End", "sessionendtime"),
    Field("session_place", "Session Place", "sessionlocation sessionroom place room location"),
    Field("position", "", "sessionposition orderinsession presentationorder"),
    Field("presentation_time"),
    Field("presentation_start", "", "presentationstarttime starttime"),
    Field("presentation_end", "", "presentationendtime endtime"),
    Field("figures", "", "figurefiles figurefile images imagefiles"),
    Field("figure_labels", "Figure Labels"),
    Field("figure_captions", "Captions", "figurecaption"),
    Field("figure_alts", "", "figurealt alttexts alttext alternativetexts"),
)  # fmt: skip
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
# Fields that sheets and JSON Lines hold in one piece.
PLAIN = tuple(FIELDS[name] for name in ("status", "status_note", "doi", "first_published", "legacy_id"))
# What a row of the table of abstracts holds, beside tier and override, for which there is code.
STORED = (*(FIELDS[name] for name in ("number", "title", "slug", "disclosures", "trial_ids")), *PLAIN)

# A session within `sessions`, and its presentation of the abstract.
SESSION = (
    Field("code", kind=TEXT_WITH_ENTITIES),
    Field("title", kind=TEXT_WITH_ENTITIES),
    Field("type", kind=TEXT_WITH_ENTITIES),
    Field("date", kind=DATE),
    Field("start", kind=TIME, attribute="start_time"),
    Field("end", kind=TIME, attribute="end_time"),
    Field("place", kind=TEXT_WITH_ENTITIES),
)
PRESENTATION = (
    Field("position", kind=WHOLE_NUMBER),
    Field("presentation_start", kind=TIME, attribute="start_time"),
    Field("presentation_end", kind=TIME, attribute="end_time"),
)
SESSION_NAMES = tuple(field.name for field in SESSION)


def session_value(session: Any) -> dict[str, Any]:
    """A session of the database as a value."""
    return {field.name: field.dump(session) for field in SESSION}


def presentation_value(session: Any, presentation: Any) -> dict[str, Any]:
    """A presentation in a session of the database as a value."""
    return session_value(session) | {field.name: field.dump(presentation) for field in PRESENTATION}


def figure_value(label: str = "", caption: str = "", alt: str = "", file: str = "", digest: str = "") -> dict[str, str]:
    """A figure as a value. `file` is the original name of its image, `digest` that of its content."""
    return {"label": label, "caption": caption, "alt": alt, "file": file, "digest": digest}


def author_value(author: Any, affiliations: list[int]) -> dict[str, Any]:
    """An author of a byline as a value. `affiliations` are numbers (from 1) into those of the byline."""
    return {
        "name": author.name,
        "given": author.given,
        "family": author.family,
        "orcid": author.orcid,
        "presenter": author.is_presenter,
        "group": author.is_group,
        "affiliations": affiliations,
    }


def stored_values(abstract: Abstract) -> dict[str, Any]:
    """The values of the fields that a row of the table of abstracts holds."""
    return {field.name: field.dump(abstract) for field in STORED}
