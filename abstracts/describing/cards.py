"""The social card: the image that a shared link of an abstract shows."""

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
from .words import without_email

SIZE = (1200, 630)
LONGEST_TITLE = 440  # characters that fit
_TEMPLATE = Path(__file__).with_name("card.typ")
_FONTS = [Path(noto_cjk_sans_jp_regular.__path__[0])]


@dataclass(frozen=True)
class CardWords:
    """What stands on a card, from top to bottom."""

    number: str
    title: str
    meeting: str
    site: str


def card_words(document: Document) -> CardWords:
    """The words on the card of an abstract whose title is public: number, title and meeting, nothing of its text."""
    abstract, meeting = document.abstract, document.abstract.meeting
    told = " · ".join([meeting.name, wording.meeting_dates(meeting)])
    number = _("Abstract %(number)s") % {"number": abstract.number} if abstract.number else _("Abstract")
    title = Truncator(without_email(abstract.title_text)).chars(LONGEST_TITLE)
    return CardWords(number, title, told, settings.SITE_NAME)


def site_card_words() -> CardWords:
    """The words on the card of every other page."""
    return CardWords("", settings.SITE_NAME, settings.SOCIETY_NAME, urlsplit(settings.SITE_URL).netloc)


def draw(words: CardWords) -> bytes:
    """The card as a PNG of `SIZE` that also says its words as text (Title, Source, Author), in some 50 ms."""
    drawn = typst.compile(
        _TEMPLATE, format="png", ppi=72, sys_inputs=asdict(words), font_paths=_FONTS, ignore_system_fonts=True
    )
    said = PngInfo()
    source = f"{words.number} {words.meeting}".strip()
    for name, text in (("Title", words.title), ("Source", source), ("Author", words.site)):
        said.add_itxt(name, text)
    file = io.BytesIO()
    with Image.open(io.BytesIO(drawn)) as image:
        # Sixteen colors: a quarter of the bytes, and nobody sees it.
        few = image.convert("RGB").quantize(16, Image.Quantize.FASTOCTREE)
    few.save(file, "PNG", pnginfo=said)
    return file.getvalue()
