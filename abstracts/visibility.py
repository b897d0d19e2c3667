"""The visibility law: what a viewer may see of an abstract at an instant.

It is written once, here, in SQL (`level_of`). Everything that shows anything of an abstract starts from
`visible_to` on the `objects` of the model it shows; Python only reads the `level` that SQL computed.

The law stands on nothing: models import it, it imports none of them. It names their columns: `status`,
`listing_level`, `listed_from`, `released_from` (see `abstracts.models.embargo`, which fills the last three).
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.query import ModelIterable


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


class LawfulIterable(ModelIterable):
    """Yields model instances whose guarded fields hold what SQL let through under their plain names."""

    def __iter__(self):
        guarded = self.queryset.model.GUARDED
        for instance in super().__iter__():
            values = instance.__dict__
            for name in guarded:
                if (shown := _shown(name)) in values:
                    values[name] = values.pop(shown)
            yield instance


def _shown(name: str) -> str:
    return f"shown_{name}"


class Unreadable(Exception):
    """Raised where code asks a lawful instance for a field that the law did not load."""


class Guarded:
    """Mixin for models whose fields need different levels.

    `GUARDED` maps a field to the least level that may read it. Instances that come through `visible_to` carry
    the field's empty value where the level is lower, and never load the rest behind the law's back.
    """

    GUARDED: dict[str, Level] = {}

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        if hasattr(self, "level") and (fields is None or set(fields) & set(self.GUARDED)):
            raise Unreadable(f"{type(self).__name__} came through visible_to(); {fields or 'a refresh'} goes around it")
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)  # type: ignore[misc]

    def save(self, *args, **kwargs):
        if hasattr(self, "level"):
            raise Unreadable("what came through visible_to() may lack fields: edit it through .unfiltered")
        super().save(*args, **kwargs)  # type: ignore[misc]


class LawfulQuerySet(models.QuerySet):
    """Queryset that can be narrowed to what a viewer may see, and then asks nothing beyond that."""

    law_prefix = ""
    law_least = Level.SHELL
    law_applied = False

    def visible_to(self, viewer: Viewer, at: dt.datetime, least: Level | None = None) -> Self:
        """Rows of which `viewer` may see at least `least` at `at`, each annotated with `level` and `public_level`.

        `least` defaults to the lowest level at which a row of this model shows anything. To filter or order by
        a guarded field or relation (title, author, text) ask for the `least` of that field: a match would tell.
        """
        least = max(self.law_least, least or self.law_least)
        rows = self.annotate(
            level=level_of(viewer, at, self.law_prefix),
            public_level=level_of(ANONYMOUS, at, self.law_prefix),
        ).filter(level__gte=least)
        if getattr(self.model, "GUARDED", None):
            rows = rows._guard()
        rows.law_least, rows.law_applied = least, True
        return rows

    def _clone(self):
        clone = super()._clone()
        clone.law_prefix, clone.law_least, clone.law_applied = self.law_prefix, self.law_least, self.law_applied
        return clone

    def _refuse_guarded(self, names: Iterable[Any]) -> None:
        if not self.law_applied:
            return
        levels = getattr(self.model, "GUARDED", {}) | getattr(self.model, "GUARDED_RELATIONS", {})
        for name in names:
            first = str(name).lstrip("-").split("__")[0]
            if levels.get(first, Level.HIDDEN) > self.law_least:
                raise Unreadable(f"{name!r} needs visible_to(…, least=Level.{levels[first].name})")

    def _filter_or_exclude(self, negate, args, kwargs):
        leaves = [leaf for q in args if isinstance(q, Q) for leaf in q.flatten() if isinstance(leaf, tuple)]
        self._refuse_guarded([name for name, _ in leaves] + list(kwargs))
        return super()._filter_or_exclude(negate, args, kwargs)

    def order_by(self, *field_names):
        self._refuse_guarded(name for name in field_names if isinstance(name, str))
        return super().order_by(*field_names)

    def _values(self, *fields, **expressions):
        self._refuse_guarded(name for name in fields if isinstance(name, str))
        return super()._values(*fields, **expressions)

    def select_related(self, *fields):
        if self.law_prefix and any(str(name).startswith(self.law_prefix.rstrip("_")) for name in fields):
            raise Unreadable("select_related of the abstract loads fields that its own law guards")
        return super().select_related(*fields)

    def _guard(self) -> Self:
        def empty(name: str) -> Any:
            field: Any = self.model._meta.get_field(name)
            return Value(None if field.null else "", output_field=field)

        shown = {
            _shown(name): Case(
                When(level__gte=level, then=models.F(name)),
                default=empty(name),
                output_field=self.model._meta.get_field(name),  # type: ignore[arg-type]
            )
            for name, level in self.model.GUARDED.items()
        }
        rows = self.defer(*self.model.GUARDED).annotate(**shown)
        rows._iterable_class = LawfulIterable
        return rows


class LawfulManager(models.Manager):
    """The safe way in: it has `visible_to` and nothing else. The loud way is `Model.unfiltered`."""

    def __init__(self, prefix: str = "", least: Level = Level.SHELL):
        super().__init__()
        self.prefix, self.least = prefix, least

    def visible_to(self, viewer: Viewer, at: dt.datetime, least: Level | None = None) -> LawfulQuerySet:
        """See `LawfulQuerySet.visible_to`."""
        return self._lawful().visible_to(viewer, at, least)

    def _lawful(self) -> LawfulQuerySet:
        rows: LawfulQuerySet = LawfulQuerySet(self.model, using=self._db)
        rows.law_prefix, rows.law_least = self.prefix, self.least
        return rows

    def get_queryset(self):
        raise Unreadable(
            f"{self.model.__name__}.objects has visible_to() only; what shows nothing to anyone says .unfiltered"
        )
