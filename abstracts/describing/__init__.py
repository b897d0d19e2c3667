"""Descriptions of pages for machines: search engines, reference managers, feeds, previews of shared links.

They are pure functions of what `abstracts.reading` returns: Highwire, Dublin Core and Open Graph tags (`tags`),
schema.org (`linked`), the social card (`cards`), the QR code of an address (`codes`).

For everybody they say only what the public may see: nothing of a shell, no text of a listing, nothing at all of an
abstract that its viewer sees ahead of release; and no e-mail address, which affiliations may contain.
"""

from .cards import CardWords, card_words, draw, site_card_words
from .codes import QrCode, qr_code
from .linked import as_json_ld, linked_abstract, linked_meeting, linked_session
from .tags import Tag, abstract_tags, is_described, meeting_tags, session_tags, site_tags, teaser
from .texts import full_address, published_on

__all__ = [
    "CardWords",
    "QrCode",
    "Tag",
    "abstract_tags",
    "as_json_ld",
    "card_words",
    "draw",
    "full_address",
    "is_described",
    "linked_abstract",
    "linked_meeting",
    "linked_session",
    "meeting_tags",
    "published_on",
    "qr_code",
    "session_tags",
    "site_card_words",
    "site_tags",
    "teaser",
]
