"""Managers and querysets that apply the law; nothing that is chained to them can reach more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Combinable
from django.db.models.query import ModelIterable

from .law import ANONYMOUS, Level, Viewer, level_of
from .marks import BELONGING, MarkedQuery
from .prepared import PreparedQuery


class Unreadable(Exception):
    """Raised when code asks a lawful queryset or instance for something that the law withholds."""


class Guarded:
    """Mixin for models whose fields need different levels.

    `GUARDED` maps a field to the lowest level that may read it; `GUARDED_RELATIONS` does so for the query name of a
    relation. At lower levels, instances that come through `visible_to` have the field's empty value, and never load
    the real one later.
    """

    GUARDED: dict[str, Level] = {}
    GUARDED_RELATIONS: dict[str, Level] = {}

    # Annotated by `visible_to`: what the viewer may see, and what the public may see.
    level: int
    public_level: int

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        if is_lawful(self) and (fields is None or set(fields) & set(self.GUARDED)):
            raise Unreadable(f"{type(self).__name__} came through visible_to(); {fields or 'a refresh'} bypasses it")
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)  # type: ignore[misc]

    def save(self, *args, **kwargs):
        if is_lawful(self):
            raise Unreadable("an instance from visible_to() may lack fields: edit it through .unfiltered")
        super().save(*args, **kwargs)  # type: ignore[misc]

    def delete(self, *args, **kwargs):
        if is_lawful(self):
            raise Unreadable("an instance from visible_to() is for reading: delete it through .unfiltered")
        return super().delete(*args, **kwargs)  # type: ignore[misc]


def is_lawful(instance: Any) -> bool:
    """Whether `instance` came through `visible_to`."""
    return getattr(instance, "_through_law", False)


def mark_lawful(instance: Any, **values: Any) -> Any:
    """Mark `instance` as one that came through the law, and set `values`, which SQL let through."""
    instance.__dict__.update(values, _through_law=True)
    return instance


class LawfulIterable(ModelIterable):
    """Yields instances that are marked as lawful, with guarded fields under their plain names."""

    def __iter__(self):
        guarded = guarded_beyond(self.queryset.model, self.queryset.query.law_least)
        for instance in super().__iter__():
            values = instance.__dict__
            yield mark_lawful(instance, **{name: values.pop(shown_name(name)) for name in guarded})


def shown_name(name: str) -> str:
    return f"shown_{name}"


def _is_guarded_by_law(model: Any) -> bool:
    return isinstance(getattr(model, "objects", None), LawfulManager)


def hops(model: Any, names: Iterable[str]) -> Iterator[tuple[Any, Any]]:
    """The (model, field) pairs along a path such as ["abstract", "title", "icontains"]."""
    for name in names:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return
        yield model, field
        if not field.is_relation or field.related_model is None:
            return
        model = field.related_model


class LawfulQuery(MarkedQuery):
    """The SQL of a lawful queryset. It checks the two places that every query passes:

    - Names. Django resolves all names in filters, orders, groups, selections, F() and OuterRef() by `names_to_path`.
      Guarded ones are refused there, because a match or an order discloses as much as the value.
    - Columns. Whatever `only` and `defer` say, a guarded column is never selected; its `shown_` expression is.
    """

    def names_to_path(self, names, opts, *args, **kwargs):
        if self.law_least is not None and opts is not None:
            self._refuse_beyond_law(names, opts.model)
        return super().names_to_path(names, opts, *args, **kwargs)

    def _refuse_beyond_law(self, names, model) -> None:
        for holder, field in hops(model, self.written_out(names)):
            levels = {**getattr(holder, "GUARDED", {}), **getattr(holder, "GUARDED_RELATIONS", {})}
            if (needed := levels.get(field.name, Level.HIDDEN)) > self.law_least:
                raise Unreadable(f"{LOOKUP_SEP.join(names)!r} needs visible_to(…, least=Level.{needed.name})")
            if field.is_relation and _is_guarded_by_law(field.related_model) and not _is_guarded_by_law(holder):
                raise Unreadable(f"{LOOKUP_SEP.join(names)!r} leads to other abstracts and bypasses the law")
            if field.is_relation and isinstance(getattr(field.related_model, "objects", None), HiddenManager):
                raise Unreadable(f"{LOOKUP_SEP.join(names)!r} leads to what is never shown")

    def get_select_mask(self):
        mask = super().get_select_mask()
        guarded = guarded_beyond(self.model, self.law_least) if self.law_least is not None else ()
        if not guarded:
            return mask
        mask = mask or {field: {} for field in self.get_meta().concrete_fields}
        return {field: below for field, below in mask.items() if field.name not in guarded}


class LawfulQuerySet(models.QuerySet):
    """The rows that a viewer may see; nothing that is chained to it can add any."""

    query: LawfulQuery

    def _refuse(self, *args, **kwargs):
        raise Unreadable("This bypasses the law: combine conditions with Q(); to write or read raw, use .unfiltered.")

    union = intersection = difference = raw = extra = __or__ = __and__ = __xor__ = _refuse  # type: ignore[assignment]
    create = get_or_create = update_or_create = bulk_create = _refuse  # type: ignore[assignment]
    update = bulk_update = delete = _refuse  # type: ignore[assignment]

    def _annotate(self, args, kwargs, select=True):
        if self.query.law_least is not None and (taken := set(kwargs) & set(self.query.annotations)):
            raise Unreadable(f"{sorted(taken)} would overwrite annotations of the law")
        return super()._annotate(args, kwargs, select)

    def select_related(self, *fields):
        if not fields:
            raise Unreadable("select_related() without names would load the abstract itself: name the relations")
        for path in fields:
            self._refuse_loading(path or "")
        return super().select_related(*fields)

    def prefetch_related(self, *lookups):
        for lookup in lookups:
            if getattr(lookup, "queryset", None) is None:
                self._refuse_loading(getattr(lookup, "prefetch_to", lookup) or "")
        return super().prefetch_related(*lookups)

    def _refuse_loading(self, path: str) -> None:
        for _, field in hops(self.model, path.split(LOOKUP_SEP)):
            if getattr(field.related_model, "GUARDED", None):
                raise Unreadable(f"{path!r} loads an abstract unguarded: use Abstract.objects.visible_to()")

    def _restrict_to(self, viewer: Viewer, at: dt.datetime, prefix: str, least: Level) -> Self:
        rows = self.annotate(level=level_of(viewer, at, prefix)).filter(level__gte=least)
        if getattr(self.model, "GUARDED", None):
            public = level_of(ANONYMOUS, at, prefix) if viewer.sees_embargoed else models.F("level")
            rows = rows.annotate(public_level=public, **_shown_expressions(self.model, least))
        rows._iterable_class = LawfulIterable
        rows.query.law_least, rows.query.law_word = least, viewer.role.value
        return rows


def guarded_beyond(model: Any, least: Level) -> dict[str, Level]:
    """The guarded fields of `model` that need a higher level than `least`."""
    return {name: level for name, level in getattr(model, "GUARDED", {}).items() if level > least}


def _shown_expressions(model: Any, least: Level) -> dict[str, Combinable]:
    """For each field that needs a higher level than `least`, the expression that guards it."""
    shown: dict[str, Combinable] = {}
    for name, level in guarded_beyond(model, least).items():
        shown[shown_name(name)] = Shown(model._meta.get_field(name), level)
    return shown


class Shown(models.Func):
    """A column if the row's `level` is high enough, else its empty value.

    It is SQL text for the same reason as `PublicLevel`.
    """

    def __init__(self, field: models.Field, least: Level):
        self.least, self.empty = int(least), "NULL" if field.null else "''"
        super().__init__(models.F("level"), models.F(field.name), output_field=field)

    def as_sql(self, compiler, connection, **extra_context):
        (level, at), (column, _) = [compiler.compile(source) for source in self.get_source_expressions()]
        return f"CASE WHEN {level} >= {self.least} THEN {column} ELSE {self.empty} END", at


class RefusingManager(models.Manager):
    """The base of managers of guarded rows, which are read by the manager's own methods or not at all."""

    def get_queryset(self):
        name = self.model.__name__
        raise Unreadable(f"{name}.objects reads nothing past the law; code that shows nothing to anyone: .unfiltered")


class HiddenManager(RefusingManager):
    """The manager of rows that are never shown. It only writes."""

    def create(self, **kwargs):
        return self.model.unfiltered.create(**kwargs)

    def bulk_create(self, *args, **kwargs):
        return self.model.unfiltered.bulk_create(*args, **kwargs)

    def bulk_update(self, *args, **kwargs):
        return self.model.unfiltered.bulk_update(*args, **kwargs)


class LawfulManager(RefusingManager):
    """The safe manager: it has `visible_to` and nothing else. The loud one is `Model.unfiltered`.

    `prefix` leads from the model to its abstract ("abstract__" for a section); `least` is the lowest level at which
    rows of the model are visible.
    """

    def __init__(self, prefix: str = "", least: Level = Level.SHELL):
        super().__init__()
        self.prefix, self.least = prefix, least

    def visible_to(self, viewer: Viewer, at: dt.datetime, least: Level | None = None) -> LawfulQuerySet:
        """Rows of which `viewer` may see at least `least` at `at`, each annotated with its `level`.

        Rows of models with guarded fields also have `public_level`: what the public may see of them.

        To filter or order by a guarded field or relation (title, author, text), pass the `least` that it needs,
        because a match discloses it. Whatever bypasses the law raises Unreadable.
        """
        rows: LawfulQuerySet = LawfulQuerySet(self.model, query=LawfulQuery(self.model), using=self._db)
        return rows._restrict_to(viewer, at, self.prefix, max(self.least, least or self.least))

    def of(self, abstracts: Iterable[Any]) -> LawfulQuerySet:
        """The rows that belong to `abstracts` (from `visible_to`), as far as the level of each allows.

        SQL computed the level when the abstracts were read; it is not computed again, and these rows have none.
        """
        return self._of_keys(self._readable(abstracts))

    def prepared(self, build: Callable[[LawfulQuerySet], models.QuerySet]) -> Callable[[Iterable[Any]], Iterator]:
        """A function from abstracts to the rows of `build(of(abstracts))`, a `values_list`; see `prepared`."""
        query = PreparedQuery(self.model, lambda keys: build(self._of_keys(keys)))
        return lambda abstracts: query.rows(self._readable(abstracts))

    def prepared_instances(self) -> Callable[[Iterable[Any]], Iterator[Any]]:
        """A function from abstracts to the instances of `of(abstracts)`; see `prepared`."""
        names = [field.attname for field in self.model._meta.concrete_fields]
        rows_of = self.prepared(lambda rows: rows.values_list(*names))
        return lambda abstracts: (mark_lawful(self.model.from_db("default", names, row)) for row in rows_of(abstracts))

    def _readable(self, abstracts: Iterable[Any]) -> list[int]:
        """Primary keys of those of `abstracts` whose level lets rows of this model be read."""
        abstracts = list(abstracts)
        if not all(is_lawful(abstract) for abstract in abstracts):
            raise Unreadable("of() takes abstracts that came through visible_to()")
        return [abstract.pk for abstract in abstracts if abstract.level >= self.least]

    def _of_keys(self, readable: list[int]) -> LawfulQuerySet:
        rows: LawfulQuerySet = LawfulQuerySet(self.model, query=LawfulQuery(self.model), using=self._db)
        rows = rows.filter(**{f"{self.prefix.removesuffix(LOOKUP_SEP)}__in": readable})
        rows._iterable_class = LawfulIterable
        rows.query.law_least, rows.query.law_word = self.least, BELONGING
        return rows


class UnfilteredManager(models.Manager):
    """The loud manager. Foreign keys load through it too, so it refuses `section.abstract` of lawful rows."""

    def get_queryset(self):
        instance = self._hints.get("instance")
        if is_lawful(instance) and not isinstance(instance, self.model):
            raise Unreadable(f"{type(instance).__name__} came through visible_to(); its abstract must do so too")
        return super().get_queryset()
