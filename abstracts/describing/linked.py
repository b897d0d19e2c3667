"""schema.org as JSON-LD: abstracts are scholarly articles; meetings and sessions are events."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ..models import Meeting, Session
from ..models.session import session_instants
from ..reading import Author, Document
from .tags import is_described, teaser
from .texts import affiliations_of, full_address, published_on, without_email

Linked = dict[str, Any]

# Characters that can end the element, begin another, or break a line of a script.
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def as_json_ld(things: Iterable[Linked]) -> SafeString:
    """`things` as the content of a `<script type="application/ld+json">`, which no character in it can end."""
    graph = {"@context": "https://schema.org", "@graph": [_filled(thing) for thing in things]}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_ESCAPED))  # noqa: S308


def linked_abstract(document: Document) -> list[Linked]:
    """All data of an abstract's page: the abstract, if it is described, and breadcrumbs."""
    if document.is_ahead_of_release:
        return []
    meeting = document.abstract.meeting
    steps = [*_steps_to(meeting), *((slot.session.title, slot.url) for slot in document.slots[:1])]
    return list(filter(None, [about_abstract(document), breadcrumbs(steps)]))


def linked_meeting(meeting: Meeting) -> list[Linked]:
    """All data of a meeting's page."""
    return [about_meeting(meeting), breadcrumbs(_steps_to(meeting)[:1])]


def linked_session(session: Session) -> list[Linked]:
    """All data of a session's page. The session needs its meeting."""
    return [about_session(session), breadcrumbs(_steps_to(session.meeting))]


def _steps_to(meeting: Meeting) -> list[tuple[str, str]]:
    return [(_("Meetings"), reverse("meeting-list")), (meeting.name, meeting.get_absolute_url())]


def about_abstract(document: Document) -> Linked | None:
    """The abstract as a ScholarlyArticle; None if it is not described."""
    if not is_described(document):
        return None
    abstract, meeting = document.abstract, document.abstract.meeting
    url = full_address(document.url)
    return {
        "@type": "ScholarlyArticle",
        "@id": url,
        "url": url,
        "headline": without_email(abstract.title_text),
        "identifier": list(filter(None, [abstract.number, abstract.doi and f"https://doi.org/{abstract.doi}"])),
        "author": [_author(author, document) for author in document.authors],
        "datePublished": str(published_on(document) or meeting.cited_year),
        "keywords": [keyword.label for keyword in document.keywords],
        "abstract": teaser(document),
        "isAccessibleForFree": True,
        "isPartOf": _issue(meeting),
        "publisher": _society(),
        "recordedAt": [_event(slot.session) for slot in document.slots] or [_event(meeting)],
    }


def about_meeting(meeting: Meeting) -> Linked:
    """The meeting as an Event."""
    last = meeting.ends_on or meeting.starts_on
    return {
        **_event(meeting),
        "startDate": str(meeting.starts_on or meeting.year),
        "endDate": str(last or ""),
        "location": _locations(meeting),
        "eventAttendanceMode": f"https://schema.org/{_attendance(meeting)}EventAttendanceMode",
        "organizer": _society(),
    }


def about_session(session: Session) -> Linked:
    """The session, which needs its meeting, as an Event within it."""
    meeting = session.meeting
    place = [{"@type": "Place", "name": session.place}] if session.place else []
    starts_at, ends_at = session_instants(session, meeting)
    return {
        **_event(session),
        "startDate": _local(starts_at, meeting) or str(session.date or ""),
        "endDate": _local(ends_at, meeting),
        "location": place or _locations(meeting),
        "superEvent": _event(meeting),
    }


def breadcrumbs(steps: Iterable[tuple[str, str]]) -> Linked:
    """The breadcrumbs of a page: (name, path) of each step, the first one first."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": full_address(path)}
            for place, (name, path) in enumerate(steps, 1)
        ],
    }


def _filled(value: Any) -> Any:
    """`value` without empty parts, at all depths."""
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner not in ("", None, [], {})}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


def _author(author: Author, document: Document) -> Linked:
    return {
        "@type": "Organization" if author.is_group else "Person",
        "name": without_email(author.name),
        "sameAs": f"https://orcid.org/{author.orcid}" if author.orcid else "",
        "affiliation": [{"@type": "Organization", "name": text} for text in affiliations_of(author, document)],
    }


def _event(event: Meeting | Session) -> Linked:
    url = full_address(event.get_absolute_url())
    name = event.title if isinstance(event, Session) else event.name
    return {"@type": "Event", "@id": url, "name": name, "url": url}


def _issue(meeting: Meeting) -> Linked:
    journal = {"@type": "Periodical", "name": meeting.journal} if meeting.journal else {}
    volume = {"@type": "PublicationVolume", "volumeNumber": meeting.volume, "isPartOf": journal}
    if not meeting.supplement:
        return volume if meeting.volume else journal
    return {
        "@type": "PublicationIssue",
        "issueNumber": meeting.supplement,
        "isPartOf": volume if meeting.volume else journal,
    }


def _society() -> Linked:
    return {"@type": "Organization", "name": settings.SOCIETY_NAME}


def _locations(meeting: Meeting) -> list[Linked]:
    city = [{"@type": "Place", "name": meeting.city, "address": meeting.city}] if meeting.city else []
    url = full_address(meeting.get_absolute_url())
    return city + ([{"@type": "VirtualLocation", "url": url}] if meeting.is_virtual else [])


def _attendance(meeting: Meeting) -> str:
    if meeting.is_virtual:
        return "Mixed" if meeting.city else "Online"
    return "Offline"


def _local(instant: dt.datetime | None, meeting: Meeting) -> str:
    return instant.astimezone(meeting.zone).isoformat() if instant else ""
