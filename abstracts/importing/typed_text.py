"""Converts text as typed in a cell to HTML, and loses nothing of it."""

import html
import re

from ..words.text import INLINE_TAGS, block_html, escape, inline_html, strip_controls

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TAG = re.compile(rf"<(?P<slash>/?)(?P<name>{'|'.join(sorted(INLINE_TAGS))})>", re.I)
_PARAGRAPHS = re.compile(r"\n[ \t\r]*\n\s*")


def resolve_entities(text: str) -> str:
    """`text` with HTML entities resolved, but only complete ones: “R&D” and “&copy” without a semicolon stay."""
    return _ENTITY.sub(lambda m: html.unescape(m[0]), text) if "&" in text else text


def marked_up(text: str) -> str:
    """HTML of text as typed: entities resolved; everything escaped but pairs of i, em, b, strong, sub and sup.

    A single “<b” or “</i>” is text: sheets are full of “p<0.05”.
    """
    parts, end = [], 0
    for tag in _paired(list(_TAG.finditer(text))):
        parts += [escape(resolve_entities(text[end : tag.start()])), tag[0].lower()]
        end = tag.end()
    return "".join([*parts, escape(resolve_entities(text[end:]))])


def _paired(tags: list[re.Match]) -> list[re.Match]:
    """Those of `tags` that form pairs, properly nested."""
    paired, open_tags = [], []
    for tag in tags:
        if not tag["slash"]:
            open_tags.append(tag)
        elif any(open_tag["name"].lower() == tag["name"].lower() for open_tag in open_tags):
            while (last := open_tags.pop())["name"].lower() != tag["name"].lower():
                pass
            paired += [last, tag]
    return sorted(paired, key=lambda tag: tag.start())


def title_html(text: str) -> str:
    """A title or caption as the archive stores it."""
    return inline_html(marked_up(text))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a cell's text, which empty lines separate."""
    clean = strip_controls(text.replace("\r\n", "\n").replace("\r", "\n"))
    return [part.strip() for part in _PARAGRAPHS.split(clean) if part.strip()]


def text_html(parts: list[str]) -> str:
    """Paragraphs as HTML; a line break inside one stays a line break."""
    return block_html("".join(f"<p>{marked_up(part).replace(chr(10), '<br>')}</p>" for part in parts))
