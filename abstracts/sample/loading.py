"""Loads the sample with the importer that staff use, and removes it."""

import datetime as dt
import io
import json
import tomllib
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.db.models.query import QuerySet

from ..importing import BadInput, ImportOptions, run_import
from ..importing.people import KeywordIndex
from ..models import (
    Abstract,
    AbstractKeyword,
    Affiliation,
    AuthorAffiliation,
    AuthorLine,
    EmbargoStep,
    EmbargoTier,
    Figure,
    ImportRun,
    Keyword,
    KeywordSynonym,
    Meeting,
    Presentation,
    Rendition,
    Section,
)
from ..models.imaging import remove_files
from ..models.keyword import keyword_key, keyword_slug
from ..models.meeting import to_instant

DATA = Path(__file__).parent
SLUG = r"^sample-(convergence|pediatric-symposium|annual-meeting)-\d{4}$"
FILE_NAME = "the sample"
ZONE = zoneinfo.ZoneInfo("America/Chicago")
# What an abstract holds, each before what it refers to.
CHILDREN: list[tuple[type[Model], str]] = [
    (AuthorAffiliation, "author__abstract"),
    (AuthorLine, "abstract"),
    (Affiliation, "abstract"),
    (AbstractKeyword, "abstract"),
    (Section, "abstract"),
    (Rendition, "figure__abstract"),
    (Figure, "abstract"),
    (Presentation, "abstract"),
]
Fields = dict[str, Any]


def stored_sample() -> list[Meeting]:
    """The sample's meetings that are stored now, newest first."""
    return list(Meeting.objects.filter(slug__regex=SLUG).order_by("-starts_on"))


def store_sample(now: dt.datetime, lift_in: int) -> None:
    """Store the sample's meetings, one of which takes place at `now` (aware).

    Its late-breaking embargoes lift on the first full minute at or after `lift_in` minutes from `now`. Raises BadInput
    where the importer refuses a row, as when an id of the sample belongs to another abstract; nothing is stored then.
    """
    sample = tomllib.loads((DATA / "meetings.toml").read_text("utf-8"))
    lift = full_minute(now + dt.timedelta(minutes=lift_in))
    meetings = [_Meeting(given, sample["policy"], now, lift) for given in sample["meetings"]]
    with transaction.atomic():
        _add_synonyms(sample["synonyms"])
        for meeting in meetings:
            meeting.store()
        rows = "\n".join(json.dumps(row, default=str) for meeting in meetings for row in meeting.rows())
        report = run_import(io.BytesIO(rows.encode()), ImportOptions(figures=DATA / "figures", file_name=FILE_NAME))
        if not report.applied:
            raise BadInput(report.as_text())
        for meeting in meetings:
            meeting.override()


def remove_sample() -> int:
    """Delete the sample's meetings with all they hold; how many abstracts that were. Others are not touched.

    Keywords and persons stay: other meetings may have come to use them.
    """
    abstracts = Abstract.unfiltered.filter(meeting__slug__regex=SLUG)
    files = [
        *Figure.unfiltered.filter(abstract__in=abstracts).exclude(image="").values_list("image", flat=True),
        *Rendition.unfiltered.filter(figure__abstract__in=abstracts).values_list("image", flat=True),
    ]
    count = abstracts.count()
    for model, path in CHILDREN:
        # Past the signals, which would write the history of each of some thousand rows.
        rows: QuerySet[Model] = QuerySet(model).filter(**{f"{path}__in": abstracts})
        rows._raw_delete(rows.db)  # type: ignore[attr-defined]
    abstracts.delete()
    Meeting.objects.filter(slug__regex=SLUG).delete()
    ImportRun.unfiltered.filter(file_name=FILE_NAME).delete()
    transaction.on_commit(lambda: remove_files(files))
    return count


def full_minute(instant: dt.datetime) -> dt.datetime:
    """The first full minute at or after `instant` (aware), in UTC."""
    floor = instant.astimezone(dt.UTC).replace(second=0, microsecond=0)
    return floor if floor == instant else floor + dt.timedelta(minutes=1)


def _add_synonyms(synonyms: dict[str, str]) -> None:
    """Make other names of keywords; what is a keyword or a synonym already stays what it is."""
    keywords = KeywordIndex().get_or_create(synonyms.values())
    for name, keyword in synonyms.items():
        same = Q(key=keyword_key(name)) | Q(slug=keyword_slug(name))
        if not Keyword.unfiltered.filter(same).exists() and not KeywordSynonym.unfiltered.filter(same).exists():
            KeywordSynonym.unfiltered.create(keyword=keywords[keyword_key(keyword)], name=name)


class _Meeting:
    """A meeting of `meetings.toml`, at its place in the calendar."""

    def __init__(self, given: Fields, policy: str, now: dt.datetime, lift: dt.datetime):
        self.given, self.lift = given, lift
        today = now.astimezone(ZONE).date()
        year = given.get("year") or today.year - given["years_ago"]
        self.first_day = dt.date(year, 10, 24) if year < today.year else today - dt.timedelta(days=1)
        self.words = {"year": year, "volume": year - 1948, "policy": policy}
        self.row = Meeting(year=year, timezone=ZONE.key, **self._fields(given["fields"]))

    def store(self) -> None:
        """Store the meeting and its embargo tiers."""
        self.row.save()
        for position, given in enumerate(self.given["tiers"]):
            fields = self._fields(given)
            steps = fields.pop("steps")
            tier = EmbargoTier.objects.create(meeting=self.row, position=position, **fields)
            EmbargoStep.objects.bulk_create(EmbargoStep(tier=tier, **self._fields(step)) for step in steps)

    def rows(self) -> Iterator[Fields]:
        """Its abstracts as the importer reads them; sessions, and what names a day, are filled in."""
        sessions = {session["code"]: self._fields(session) for session in self.given["sessions"]}
        for line in (DATA / f"{self.given['file']}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line) | {"meeting": self.row.slug}
            row["sessions"] = [sessions[presented["code"]] | presented for presented in row["sessions"]]
            if "number" in row:
                row["doi"] = f"10.99999/sample.{self.row.year}.{row['number']}"
            if row.get("tier", "Regular") == "Regular":
                row["first_published"] = self._day(-20)
            yield row

    def override(self) -> None:
        """Give one abstract the embargo of its own that the importer's format has no key for."""
        if override := self.given.get("override"):
            fields = self._fields(override)
            Abstract.unfiltered.filter(meeting=self.row, number=fields.pop("number")).update(**fields)

    def _day(self, number: int) -> dt.date:
        return self.first_day + dt.timedelta(days=number)

    def _fields(self, given: Fields) -> Fields:
        return {name: self._value(value) for name, value in given.items()}

    def _value(self, value: Any) -> Any:
        """A value of the file in the calendar; how they are written is explained there."""
        match value:
            case str():
                return value.format(**self.words)
            case {"day": number, "time": time}:
                return to_instant(self._day(number), time, ZONE)
            case {"day": number}:
                return self._day(number)
            case {"lift": "date"}:
                return self.lift.date()
            case {"lift": "time"}:
                return self.lift.time()
        return value
