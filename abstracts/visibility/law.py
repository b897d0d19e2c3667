"""Who may see how much of an abstract: levels, viewers, statuses, and the rule itself."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.expressions import Combinable


class Level(models.IntegerChoices):
    """How much of an abstract is visible. Ordered: compare with < and >=."""

    HIDDEN = 0, "nothing"
    SHELL = 1, "shell: number and session"
    LISTED = 2, "listing: title, authors, keywords, session"
    FULL = 3, "everything"


class Role(enum.Enum):
    """Who asks. READER is anyone signed in, and sees what ANONYMOUS sees."""

    ANONYMOUS = "anonymous"
    READER = "reader"
    PRESS = "press"
    STAFF = "staff"


@dataclass(frozen=True)
class Viewer:
    """Who asks: a role, and the user's primary key where there is a user."""

    role: Role
    user_id: int | None = None

    @property
    def sees_embargoed(self) -> bool:
        """Whether pages for this viewer may hold what the public may not see yet."""
        return self.role in (Role.PRESS, Role.STAFF)


ANONYMOUS = Viewer(Role.ANONYMOUS)


class Status(models.TextChoices):
    """Editorial state of an abstract."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    CORRECTED = "corrected", "Corrected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    RETRACTED = "retracted", "Retracted"


def level_of(viewer: Viewer, at: dt.datetime, prefix: str = "") -> Combinable:
    """SQL expression: the `Level` of an abstract for `viewer` at the instant `at` (aware).

    `prefix` leads from the queried model to the abstract ("abstract__" for a section).

    - Staff see everything, drafts too.
    - Press see what is published or will be, of published meetings.
    - All others: nothing of a draft; everything from `released_from` on; before it, from `listed_from` on,
      as much as `listing_level` says; else nothing. An instant that is not known (NULL) never comes.
    - A withdrawn abstract shows its listing at most: its text is nobody's to read but the staff's.
    """

    def column(name: str, value: Any) -> Q:
        return Q(**{prefix + name: value})

    if viewer.role is Role.STAFF:
        return Value(Level.FULL, output_field=models.IntegerField())

    draft = column("status", Status.DRAFT)
    withdrawn = column("status", Status.WITHDRAWN)
    if viewer.role is Role.PRESS:
        return Case(
            When(draft | column("meeting__is_published", False), then=Value(Level.HIDDEN)),
            When(withdrawn, then=Value(Level.LISTED)),
            default=Value(Level.FULL),
            output_field=models.IntegerField(),
        )
    return Case(
        When(draft, then=Value(Level.HIDDEN)),
        When(withdrawn & column("released_from__lte", at), then=Value(Level.LISTED)),
        When(column("released_from__lte", at), then=Value(Level.FULL)),
        When(column("listed_from__lte", at), then=models.F(prefix + "listing_level")),
        default=Value(Level.HIDDEN),
        output_field=models.IntegerField(),
    )
