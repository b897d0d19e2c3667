"""How pages describe themselves to machines: search engines, reference managers, feeds, links that are shared.

Pure functions of what `abstracts.reading` gave: Highwire, Dublin Core and Open Graph tags (`tags`), schema.org
(`linked`), the words of the social card (`cards`), the square code of an address (`codes`).

The public's law holds here for everybody: nothing of a shell, no text of a listing, nothing at all of what its
viewer sees ahead of release; and no e-mail address, which affiliations may hold.
"""

from .cards import CardWords, card_words, draw, site_card_words
from .codes import SquareCode, square_code
from .linked import as_json_ld, linked_abstract, linked_meeting, linked_session
from .tags import Tag, abstract_tags, is_described, meeting_tags, session_tags, site_tags, teaser
from .words import full_address, published_on

__all__ = [
    "CardWords",
    "SquareCode",
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
    "session_tags",
    "site_card_words",
    "site_tags",
    "square_code",
    "teaser",
]
