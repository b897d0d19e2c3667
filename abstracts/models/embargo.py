"""Resolves embargo rules into instants.

The rules of a tier, the sessions of an abstract and its own override become three stored columns, which are all that
the visibility law reads: `listing_level`, `listed_from`, `released_from` (UTC; NULL means never).

- An override wins over the tier. An abstract with neither is never released.
- Of several sessions the first decides: the first to start, the first to end, the first day.
- A rule without the data that it needs (a session without a time) gives NULL: embargoed until somebody adds them.
- In an unpublished meeting nothing is listed or released.
- If local clocks skip or repeat a time, the later instant counts (`to_instant`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from django.db import connection
from django.db.models import Min, Model, Q
from django.db.models.query import QuerySet
from django.dispatch import receiver

from ..visibility import Level, Status
from .abstract import Abstract
from .base import ArchiveModel, ArchiveState, DocumentChange, embargo_inputs_changed, in_chunks
from .effects import Standing
from .gate import note
from .history import record_changes
from .meeting import EmbargoTier, Meeting, to_instant
from .session import Session


class Resolved(NamedTuple):
    """The columns of one abstract that the law reads."""

    listing_level: int = Level.HIDDEN
    listed_from: dt.datetime | None = None
    released_from: dt.datetime | None = None


class FirstSession(NamedTuple):
    """The first start and end (UTC) and the first local day of an abstract's sessions; None if unknown."""

    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    date: dt.date | None = None


def release_of(tier: EmbargoTier, first: FirstSession) -> dt.datetime | None:
    """The instant at which `tier` releases an abstract that is presented at `first`; None if unknown."""
    # Constraints make sure that a rule has the date and time that it needs.
    rule = EmbargoTier.Rule
    if tier.release_rule == rule.FIXED:
        return to_instant(tier.release_date, tier.release_time, tier.zone)  # type: ignore[arg-type]
    if tier.release_rule == rule.SESSION_START:
        return first.starts_at
    if tier.release_rule == rule.SESSION_END:
        return first.ends_at
    if tier.release_rule == rule.SESSION_DAY and first.date:
        return to_instant(first.date, tier.release_time, tier.zone)  # type: ignore[arg-type]
    return None


class EmbargoInputs(Protocol):
    """What `resolve` needs of an abstract."""

    @property
    def override_listing_level(self) -> int | None: ...
    @property
    def override_listed_from(self) -> dt.datetime | None: ...
    @property
    def override_released_from(self) -> dt.datetime | None: ...


def resolve(abstract: EmbargoInputs, tier: EmbargoTier | None, meeting: Meeting, first: FirstSession) -> Resolved:
    """The embargo of `abstract`, computed from its override, tier and first session."""
    if not meeting.is_published:
        return Resolved()
    released_from = abstract.override_released_from or (release_of(tier, first) if tier else None)
    if abstract.override_listing_level is not None:
        level, listed_from = abstract.override_listing_level, abstract.override_listed_from
    elif tier and tier.listing_level != Level.HIDDEN:
        level = tier.listing_level
        listed_from = to_instant(tier.listing_date, tier.listing_time, tier.zone)  # type: ignore[arg-type]
    else:
        level, listed_from = Level.HIDDEN, None
    return Resolved(level, listed_from if level else None, released_from)


_NEEDED = (
    "pk", "status", "meeting_id", "tier_id", "override_listing_level", "override_listed_from", "override_released_from",
    *Resolved._fields,
)  # fmt: skip


def resolve_abstracts(pks: Iterable[int], cause: str) -> None:
    """Resolve and store the embargo of the abstracts `pks`, writing only what changed; history names the `cause`."""
    for chunk in in_chunks(pks):
        _resolve_chunk(chunk, cause)


def _resolve_chunk(pks: list[int], cause: str) -> None:
    abstracts = Abstract.unfiltered.filter(pk__in=pks).only(*_NEEDED).order_by()
    firsts = {
        pk: FirstSession(*first)
        for pk, *first in Abstract.unfiltered.filter(pk__in=pks)
        .order_by()
        .values_list("pk")
        .annotate(
            Min("presentation__session__starts_at"),
            Min("presentation__session__ends_at"),
            Min("presentation__session__date"),
        )
    }
    meetings = Meeting.objects.in_bulk({a.meeting_id for a in abstracts})
    tiers = EmbargoTier.objects.in_bulk({a.tier_id for a in abstracts if a.tier_id})
    for tier in tiers.values():
        tier.meeting = meetings.get(tier.meeting_id) or tier.meeting

    changed = defaultdict(list)
    for abstract in abstracts:
        resolved = resolve(abstract, tiers.get(abstract.tier_id), meetings[abstract.meeting_id], firsts[abstract.pk])
        former = Resolved(*(getattr(abstract, name) for name in Resolved._fields))
        if resolved != former:
            note({abstract.pk: Standing(abstract.status, *former)})
            changed[resolved].append(abstract.pk)
    for resolved, pks_to_update in changed.items():
        # A plain queryset: this write must not resolve again.
        QuerySet(Abstract).filter(pk__in=pks_to_update).update(**resolved._asdict())
        record_changes(Abstract, pks_to_update, f"embargo resolved again: {cause}")
        DocumentChange.record(pks_to_update)


@receiver(embargo_inputs_changed)
def resolve_dependent_abstracts(
    sender: type[ArchiveModel], pks: list[int], former_abstracts: Iterable[int], **kwargs
) -> None:
    """Resolve the abstracts that depend on the rows `pks` of `sender`, and those that did before."""
    for chunk in in_chunks(pks):
        if sender is Meeting:
            _store_instants(Q(meeting__in=chunk))
        elif sender is Session:
            _store_instants(Q(pk__in=chunk))
    abstracts = set(former_abstracts)
    for path in sender.EMBARGO_PATHS:
        abstracts |= sender.abstracts_along(path, pks)
    number = f" {pks[0]}" if len(pks) == 1 else ""
    resolve_abstracts(sorted(abstracts), f"{sender._meta.verbose_name}{number} changed")


def _store_instants(condition: Q) -> None:
    """Compute and store the instants of the sessions that meet `condition` again, after an `update` too."""
    for session in Session.objects.filter(condition).order_by().select_related("meeting"):
        before = session.starts_at, session.ends_at
        session.derive()
        if (session.starts_at, session.ends_at) != before:
            QuerySet(Session).filter(pk=session.pk).update(starts_at=session.starts_at, ends_at=session.ends_at)
            record_changes(Session, [session.pk], "times derived again")


class PublicState(NamedTuple):
    """What pages show now stays true until the archive's `token` changes (see `Mark`) or `next_instant` comes."""

    token: str
    next_instant: dt.datetime | None


def public_state(at: dt.datetime) -> PublicState:
    """The archive's token and the first embargo instant after `at` (None if there is none), in one query.

    The news embargo of meetings counts too: it hides nothing, but pages mention it.
    """
    instant = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(_PUBLIC_STATE, [instant] * _PUBLIC_STATE.count("%s"))
        token, *instants = cursor.fetchone() or ("",)
    return PublicState(token, min(map(_aware, filter(None, instants)), default=None))


def _first_after(model: type[Model], column: str, also: str = "") -> str:
    return f"(SELECT MIN({column}) FROM {model._meta.db_table} WHERE {column} > %s{also})"  # noqa: S608 (names of ours)


# Instants of drafts and of unpublished meetings do not count: the max-age of pages would disclose them.
_NO_DRAFT = f" AND status <> '{Status.DRAFT}'"
# Plain SQL, because every request runs it, and compiling it with the ORM took ten times as long as running it.
_PUBLIC_STATE = "SELECT token, {}, {}, {} FROM {} WHERE id = 1".format(  # noqa: S608 (names of ours)
    _first_after(Abstract, "released_from", _NO_DRAFT),
    _first_after(Abstract, "listed_from", _NO_DRAFT),
    _first_after(Meeting, "news_embargo_at", " AND is_published"),
    ArchiveState._meta.db_table,
)


def _aware(value: dt.datetime | str) -> dt.datetime:
    """The value of a column as an aware datetime: SQLite returns text in UTC."""
    instant = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
