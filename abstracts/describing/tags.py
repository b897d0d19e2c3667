"""Meta tags of pages: Highwire (for Google Scholar and Zotero), Dublin Core, Open Graph."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from ..models import Meeting, Session
from ..reading import Document, wording
from ..words.text import plain_text
from .cards import SIZE
from .texts import affiliations_of, full_address, published_on, without_email

MAX_TEASER = 200


@dataclass(frozen=True)
class Tag:
    """A meta element. `attribute` has the name: "name", or "property" for Open Graph."""

    name: str
    content: str
    attribute: str = "name"


def is_described(document: Document) -> bool:
    """Whether `document` is described to machines: its title is public, and its viewer sees no more than the public."""
    return document.is_titled and not document.is_ahead_of_release


def abstract_tags(document: Document) -> list[Tag]:
    """All tags of an abstract's page. If it is not described, it gets only the card of the site."""
    if not is_described(document):
        return _filled(_open_graph(settings.SITE_NAME, "", "website", ""))
    return _filled([*_highwire(document), *_dublin_core(document), *_social(document)])


def site_tags() -> list[Tag]:
    """Open Graph tags of the front page."""
    description = _("Abstracts of the meetings of the %(society)s") % {"society": settings.SOCIETY_NAME}
    return _filled(_open_graph(settings.SITE_NAME, description, "website", reverse("home")))


def meeting_tags(meeting: Meeting) -> list[Tag]:
    """Open Graph tags of a meeting's page."""
    when = ", ".join(filter(None, [wording.meeting_dates(meeting), wording.place_of(meeting)]))
    return _filled(_open_graph(meeting.name, when, "website", meeting.get_absolute_url()))


def session_tags(session: Session) -> list[Tag]:
    """Open Graph tags of a session's page. The session needs its meeting."""
    description = ", ".join(filter(None, [session.type, wording.short_day(session), session.meeting.name]))
    return _filled(_open_graph(session.title, description, "website", session.get_absolute_url()))


def teaser(document: Document) -> str:
    """The beginning of the text as plain text; "" before release."""
    if not document.is_full or not document.sections:
        return ""
    return Truncator(without_email(plain_text(document.sections[0].html))).chars(MAX_TEASER)


def _filled(tags: Iterator[Tag] | list[Tag]) -> list[Tag]:
    return [tag for tag in tags if tag.content]


def _highwire(document: Document) -> Iterator[Tag]:
    abstract, meeting = document.abstract, document.abstract.meeting
    day = published_on(document)
    yield Tag("citation_title", without_email(abstract.title_text))
    for author in document.authors:
        yield Tag("citation_author", without_email(author.name))
        yield from (Tag("citation_author_institution", text) for text in affiliations_of(author, document))
        yield Tag("citation_author_orcid", f"https://orcid.org/{author.orcid}" if author.orcid else "")
    yield Tag("citation_publication_date", day.strftime("%Y/%m/%d") if day else str(meeting.cited_year))
    yield Tag("citation_conference_title", meeting.name)
    yield Tag("citation_journal_title", meeting.journal)
    yield Tag("citation_volume", meeting.volume)
    yield Tag("citation_issue", meeting.supplement)
    yield Tag("citation_doi", abstract.doi)
    yield from (Tag("citation_keywords", keyword.label) for keyword in document.keywords)
    yield Tag("citation_abstract_html_url", full_address(document.url))


def _dublin_core(document: Document) -> Iterator[Tag]:
    abstract = document.abstract
    day = published_on(document)
    yield Tag("DC.title", without_email(abstract.title_text))
    yield from (Tag("DC.creator", without_email(author.name)) for author in document.authors)
    yield Tag("DC.date", day.isoformat() if day else str(abstract.meeting.cited_year))
    yield from (Tag("DC.subject", keyword.label) for keyword in document.keywords)
    yield Tag("DC.identifier", full_address(document.url))
    yield Tag("DC.identifier", f"doi:{abstract.doi}" if abstract.doi else "")
    yield Tag("DC.relation", abstract.meeting.name)
    yield Tag("DC.publisher", settings.SOCIETY_NAME)
    yield Tag("DC.type", "Text")


def _social(document: Document) -> Iterator[Tag]:
    abstract, meeting = document.abstract, document.abstract.meeting
    title = " – ".join(filter(None, [abstract.number, without_email(abstract.title_text)]))
    card = reverse("abstract-card", args=[abstract.slug])
    yield from _open_graph(title, teaser(document) or meeting.name, "article", document.url, card)
    day = published_on(document)
    yield Tag("article:published_time", day.isoformat() if day else "", "property")


def _open_graph(title: str, description: str, kind: str, path: str, card: str = "") -> Iterator[Tag]:
    """`path` and `card` are paths on this site; without `card` the page has the card of the site."""
    yield Tag("og:site_name", settings.SITE_NAME, "property")
    yield Tag("og:type", kind, "property")
    yield Tag("og:title", title, "property")
    yield Tag("og:description", description, "property")
    yield Tag("og:url", full_address(path) if path else "", "property")
    yield Tag("og:image", full_address(card or reverse("site-card")), "property")
    yield Tag("og:image:width", str(SIZE[0]), "property")
    yield Tag("og:image:height", str(SIZE[1]), "property")
    yield Tag("og:image:alt", title if card else settings.SITE_NAME, "property")
    yield Tag("twitter:card", "summary_large_image")
