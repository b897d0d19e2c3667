"""Levels, viewers, statuses, and the rule: who may see how much of an abstract."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db import connection, models
from django.db.models import Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """How much of an abstract is visible. Ordered: compare with < and >=.

    Rows of the embargo record, which never change, may hold the values that levels had before there were steps: 1 to 3.
    """

    HIDDEN = 0, "nothing"
    SHELL = 10, "shell: number and session"
    # Of a withdrawn abstract whose title is hidden.
    NOTED = 15, "number, session and the note on its withdrawal"
    TITLED = 20, "title: number, session and title"
    LISTED = 30, "listing: title, authors, keywords, session"
    FULL = 40, "everything"

    @classmethod
    def _missing_(cls, value):
        return {1: cls.SHELL, 2: cls.LISTED, 3: cls.FULL}.get(value)


class Role(enum.Enum):
    """What kind of viewer. A READER is signed in, and sees the same as ANONYMOUS; so does PRESS in other meetings."""

    ANONYMOUS = "anonymous"
    READER = "reader"
    PRESS = "press"
    STAFF = "staff"


@dataclass(frozen=True)
class Viewer:
    """Who is looking: a role, and the primary key of the user, if there is one.

    `meetings`: primary keys of the meetings in which PRESS may read ahead of release now; `exports`: those of them of
    which files may contain that too. Other roles have none.
    """

    role: Role
    user_id: int | None = None
    meetings: frozenset[int] = frozenset()
    exports: frozenset[int] = frozenset()

    @property
    def scope(self) -> Self:
        """All that the law looks at, without the person: equal for viewers who see the same at every instant."""
        return replace(self, user_id=None, exports=frozenset())

    @property
    def of_files(self) -> Self:
        """This viewer as a maker of files: exports, prints."""
        return replace(self, meetings=self.meetings & self.exports)

    @property
    def may_export_all(self) -> bool:
        """Whether files may contain all that this viewer sees."""
        return self.meetings <= self.exports

    @property
    def sees_embargoed(self) -> bool:
        """Whether pages for this viewer may contain what is not public yet."""
        return self.role in (Role.PRESS, Role.STAFF)


ANONYMOUS = Viewer(Role.ANONYMOUS)


class Status(models.TextChoices):
    """Editorial state of an abstract."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CORRECTED = "corrected", _("Corrected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RETRACTED = "retracted", _("Retracted")


class PublicLevel(models.Func):
    """The level of an abstract for the public at an instant.

    It is SQL text instead of Case and When, because every query of every page contains it, and compiling those took
    longer than running the query.
    """

    output_field = models.IntegerField()
    columns = ("status", "hides_title", "numbered_from", "titled_from", "listed_from", "released_from")
    # No level begins after a higher one, and a NULL compares as false.
    rule = (
        f"CASE WHEN {{status}} = '{Status.DRAFT}' THEN {Level.HIDDEN}"
        f" WHEN {{released_from}} <= {{at}} AND {{status}} <> '{Status.WITHDRAWN}' THEN {Level.FULL}"
        f" WHEN {{numbered_from}} <= {{at}} AND {{hides_title}} AND {{status}} = '{Status.WITHDRAWN}'"
        f" THEN {Level.NOTED}"
        f" WHEN {{listed_from}} <= {{at}} THEN {Level.LISTED}"
        f" WHEN {{titled_from}} <= {{at}} THEN {Level.TITLED}"
        f" WHEN {{numbered_from}} <= {{at}} THEN {Level.SHELL}"
        f" ELSE {Level.HIDDEN} END"
    )

    def __init__(self, at: dt.datetime | models.F, prefix: str = ""):
        instant = at if isinstance(at, models.F) else Value(at, output_field=models.DateTimeField())
        super().__init__(*(models.F(prefix + column) for column in self.columns), instant)

    def as_sql(self, compiler, connection, **extra_context):
        *columns, (at, instant) = [compiler.compile(source) for source in self.get_source_expressions()]
        parts = {name: sql for name, (sql, _) in zip(self.columns, columns, strict=True)}
        return f"({self.rule.format(at=at, **parts)})", [*instant] * self.rule.count("{at}")


class AheadLevel(models.Func):
    """The level of an abstract for the press of its meeting, once it is open to them."""

    output_field = models.IntegerField()
    columns = ("status", "hides_title")
    rule = (
        f"CASE WHEN {{status}} = '{Status.DRAFT}' THEN {Level.HIDDEN}"
        f" WHEN {{status}} = '{Status.WITHDRAWN}' AND {{hides_title}} THEN {Level.NOTED}"
        f" WHEN {{status}} = '{Status.WITHDRAWN}' THEN {Level.LISTED} ELSE {Level.FULL} END"
    )

    def __init__(self, prefix: str = ""):
        super().__init__(*(models.F(prefix + column) for column in self.columns))

    def as_sql(self, compiler, connection, **extra_context):
        columns = [compiler.compile(source)[0] for source in self.get_source_expressions()]
        return self.rule.format(**dict(zip(self.columns, columns, strict=True))), []


class PressLevel(models.Func):
    """The level of an abstract for those who may read ahead in `meetings` (primary keys, at least one)."""

    output_field = models.IntegerField()

    def __init__(self, meetings: frozenset[int], at: dt.datetime | models.F, prefix: str = ""):
        self.meetings = sorted(meetings)
        instant = at if isinstance(at, models.F) else Value(at, output_field=models.DateTimeField())
        opens = models.F(prefix + "meeting"), models.F(prefix + "press_from"), instant
        super().__init__(*opens, AheadLevel(prefix), PublicLevel(at, prefix))

    def as_sql(self, compiler, connection, **extra_context):
        sources = [compiler.compile(source) for source in self.get_source_expressions()]
        (meeting, _), (opens, _), (at, instant), (ahead, _), (public, instants) = sources
        places = ", ".join(["%s"] * len(self.meetings))
        is_open = f"{meeting} IN ({places}) AND {opens} <= {at}"
        return f"(CASE WHEN {is_open} THEN {ahead} ELSE {public} END)", [*self.meetings, *instant, *instants]


def level_of(viewer: Viewer, at: dt.datetime | models.F, prefix: str = "") -> Combinable:
    """SQL expression: the `Level` of an abstract for `viewer` at the instant `at` (an aware datetime or a column).

    `prefix` leads from the queried model to the abstract ("abstract__" for a section).

    - Staff see everything, including drafts.
    - Press see everything of their `meetings` from `press_from` on, except drafts; of all others, and before, as much
      as everyone else.
    - Everyone else sees the number from `numbered_from` on, the title from `titled_from` on, the listing from
      `listed_from` on, everything from `released_from` on; and nothing of drafts. If an instant is unknown (NULL), it
      never comes.
    - Of a withdrawn abstract only staff can read the text; others see at most its listing, or if it `hides_title`, the
      number and the note.
    """
    if viewer.role is Role.STAFF:
        return Value(Level.FULL, output_field=models.IntegerField())
    if viewer.role is Role.PRESS and viewer.meetings:
        return PressLevel(viewer.meetings, at, prefix)
    return PublicLevel(at, prefix)


# The columns that the rule reads, in the order of `public_levels`.
Columns = tuple[str, bool, dt.datetime | None, dt.datetime | None, dt.datetime | None, dt.datetime | None]


def public_levels(rows: Iterable[tuple[Columns, dt.datetime]]) -> dict[tuple[Columns, dt.datetime], int]:
    """The public's level of an abstract that has the columns (as in `PublicLevel.columns`) at each instant.

    For rows that are no longer, or not yet, in the database. The database computes it by the same rule.
    """
    wanted = list(dict.fromkeys(rows))
    levels: dict[tuple[Columns, dt.datetime], int] = {}
    for start in range(0, len(wanted), 200):
        some = wanted[start : start + 200]
        parameters: dict[str, Any] = {}
        terms = []
        for index, (columns, at) in enumerate(some):
            values = dict(zip(PublicLevel.columns, columns, strict=True), at=at)
            parameters |= {f"{name}_{index}": _adapted(value) for name, value in values.items()}
            terms.append(PublicLevel.rule.format(**{name: f"%({name}_{index})s" for name in values}))
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(terms), parameters)
            levels |= dict(zip(some, cursor.fetchone() or (), strict=True))
    return levels


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, dt.datetime) else value
