"""The social card: the preview image of a shared link to an abstract."""

import io
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import noto_cjk_sans_jp_regular
import typst
from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..reading import Document, wording
from .texts import without_email

SIZE = (1200, 630)
MAX_TITLE = 440  # characters that fit
_TEMPLATE = Path(__file__).with_name("card.typ")
_FONTS = [Path(noto_cjk_sans_jp_regular.__path__[0])]


@dataclass(frozen=True)
class CardWords:
    """The words on a card, from top to bottom."""

    number: str
    title: str
    meeting: str
    site: str


def card_words(document: Document) -> CardWords:
    """The words on the card of an abstract whose title is public: number, title and meeting; none of its text."""
    abstract, meeting = document.abstract, document.abstract.meeting
    when = " · ".join([meeting.name, wording.meeting_dates(meeting)])
    number = _("Abstract %(number)s") % {"number": abstract.number} if abstract.number else _("Abstract")
    title = Truncator(without_email(abstract.title_text)).chars(MAX_TITLE)
    return CardWords(number, title, when, settings.SITE_NAME)


def site_card_words() -> CardWords:
    """The words on the card of all other pages."""
    return CardWords("", settings.SITE_NAME, settings.SOCIETY_NAME, urlsplit(settings.SITE_URL).netloc)


def draw(words: CardWords) -> bytes:
    """The card as a PNG of `SIZE`, in some 50 ms. Its metadata has the words as text (Title, Source, Author)."""
    png = typst.compile(
        _TEMPLATE, format="png", ppi=72, sys_inputs=asdict(words), font_paths=_FONTS, ignore_system_fonts=True
    )
    metadata = PngInfo()
    source = f"{words.number} {words.meeting}".strip()
    for name, text in (("Title", words.title), ("Source", source), ("Author", words.site)):
        metadata.add_itxt(name, text)
    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        # Sixteen colors look the same in a quarter of the bytes.
        reduced = image.convert("RGB").quantize(16, Image.Quantize.FASTOCTREE)
    reduced.save(file, "PNG", pnginfo=metadata)
    return file.getvalue()
