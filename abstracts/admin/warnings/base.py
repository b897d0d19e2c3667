"""What all looks share: the embargo that is still ahead in a meeting, and what a warning consists of."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.urls import reverse
from django.utils.http import urlencode

from ...models import EmbargoTier, Meeting, Session
from ...models.embargo import Rules, rules_of
from ..outcomes import Group, Row, ahead_of, groups_of


class Link(NamedTuple):
    text: str
    url: str


class MeetingWarning(NamedTuple):
    """A sentence, where to mend it, and the rows that it is about.

    `kind` names the kind of warning; `action` an action of the list of abstracts that mends the abstracts `pks`.
    """

    kind: str
    text: str
    fix: Link
    examples: list[Link]
    action: str = ""
    pks: tuple[int, ...] = ()


class Embargo(NamedTuple):
    """The abstracts of `meeting` whose text is not public at `at`, in groups, and the rules of all its tiers."""

    meeting: Meeting
    at: dt.datetime
    rules: dict[int, Rules]
    groups: list[Group]

    def groups_of(self, rules: Rules) -> list[Group]:
        return [group for group in self.groups if group.rules is rules]


def ahead(meeting: Meeting, at: dt.datetime) -> Embargo:
    """Five queries."""
    rules = rules_of(EmbargoTier.objects.filter(meeting=meeting))
    return Embargo(meeting, at, rules, groups_of(meeting, ahead_of(meeting, at), rules))


def tier_link(tier: EmbargoTier) -> Link:
    return Link(f"Steps of “{tier}”", reverse("admin:abstracts_embargotier_change", args=[tier.pk]))


def meeting_link(meeting: Meeting, text: str) -> Link:
    return Link(text, reverse("admin:abstracts_meeting_change", args=[meeting.pk]))


def session_link(session: Session) -> Link:
    return Link(f"Session “{session}”", reverse("admin:abstracts_session_change", args=[session.pk]))


def list_link(meeting: Meeting, tier: EmbargoTier | None = None) -> Link:
    """The list of abstracts of the meeting, or of one of its tiers."""
    query = {"meeting__id__exact": meeting.pk} | ({"tier_name": tier.name} if tier else {})
    return Link("List of abstracts", f"{reverse('admin:abstracts_abstract_changelist')}?{urlencode(query)}")


def abstract_links(rows: Iterable[Row], with_title: bool = False) -> list[Link]:
    return [
        Link(
            f"{row.number or f'id {row.pk}'} {row.title if with_title else ''}".strip(),
            reverse("admin:abstracts_abstract_change", args=[row.pk]),
        )
        for row in rows
    ]


def rows_of(groups: Iterable[Group]) -> list[Row]:
    return [row for group in groups for row in group.abstracts]
