"""Texts, addresses and dates in descriptions for machines."""

import datetime as dt
import re
from collections.abc import Iterator

from django.conf import settings

from ..reading import Author, Document
from ..words.addresses import without_language
from ..words.text import squeeze

# With the words before it ("E-mail:") and brackets around it. Other uses of "@" stay: "10 mg @ 2 h".
_EMAIL = re.compile(r"[\s,;:(<\[]*(?:\be-?mails?\b(?: address)?\s*:?\s*)?[\w.+'-]+@[\w-]+(?:\.[\w-]+)+[>)\]]*", re.I)


def without_email(text: str) -> str:
    """`text` on one line, without e-mail addresses and control characters."""
    return squeeze(_EMAIL.sub("", text)).strip(" ,;:")


def full_address(path: str) -> str:
    """The address of a page for machines: that of this site, whatever host and language the request has."""
    return settings.SITE_URL + without_language(path)


def affiliations_of(author: Author, document: Document) -> Iterator[str]:
    """The affiliations of `author`, in order, without e-mail addresses and without empty ones."""
    texts = {affiliation.position: affiliation.text for affiliation in document.affiliations}
    yield from filter(None, (without_email(texts.get(number, "")) for number in author.numbers))


def published_on(document: Document) -> dt.date | None:
    """The day of an abstract's first publication or else release, in the zone of its meeting; None before release."""
    abstract = document.abstract
    if not document.is_full:
        return None
    if abstract.first_published:
        return abstract.first_published
    return abstract.released_from.astimezone(abstract.meeting.zone).date() if abstract.released_from else None
