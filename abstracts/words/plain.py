"""The archive's HTML as plain text that keeps its meaning: 10⁹ does not become 109, and table rows stay rows."""

import html
import re

from .text import escape, squeeze, strip_controls

_SUPER = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_SUB = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_HAS_SIGN = re.compile(r"[0-9+\-−=() ]+")
_TAG = re.compile(r"""<[^<>"]*(?:"[^"]*"[^<>"]*)*>""")
_SCRIPT = re.compile(r"<(sup|sub)>(.*?)</\1>", re.S)
_CELL = re.compile(r"(<t[dh]\b[^>]*>)(.*?)(</t[dh]>)", re.S)
_BLOCK_END = re.compile(
    r"</(?:p|li|tr|h[1-6]|caption|table|blockquote|ul|ol)>|<br\s*/?>|(?=<(?:ul|ol|table|p|li)\b)", re.I
)
_INSIDE = re.compile(r"</?(?:p|li|ul|ol|br)\b[^>]*>", re.I)
_ITEM = re.compile(r"<li>\s*(?:<p>)?", re.I)


def line(markup: str) -> str:
    """`markup` on one line, with superscript and subscript characters for digits and signs."""
    return " ".join(paragraphs(markup))


def text(markup: str) -> str:
    """`markup` with one line for each paragraph, list item or table row."""
    return "\n".join(paragraphs(markup))


def paragraphs(markup: str) -> list[str]:
    """The non-empty paragraphs, list items and table rows (cells separated by “ | ”) of `markup`."""
    if "<" not in markup:
        return [whole] if (whole := squeeze(html.unescape(markup))) else []
    marked = _SCRIPT.sub(_script, markup)
    if "<t" in marked:
        marked = _CELL.sub(_cell, marked)
    marked = _BLOCK_END.sub("\n", _ITEM.sub("<li>– ", marked))
    bare = html.unescape(_bare(strip_controls(marked)))
    lines = (squeeze(part).removesuffix("|").rstrip() for part in bare.split("\n"))
    return [line for line in lines if line and line != "–"]


def _script(match: re.Match) -> str:
    """“⁹” if Unicode has such characters; else the text itself, after a ^ if it would extend a number."""
    inner = html.unescape(_bare(match[2]))
    if _HAS_SIGN.fullmatch(inner):
        return inner.translate(_SUPER if match[1] == "sup" else _SUB)
    is_number = match[1] == "sup" and inner[:1].translate(_SUPER) != inner[:1]
    return escape(f"^{inner}" if is_number else inner)


def _cell(match: re.Match) -> str:
    return f"{match[1]}{_INSIDE.sub(' ', match[2])} | {match[3]}"


def _bare(markup: str) -> str:
    """`markup`, which was sanitized when it was stored, without its tags."""
    return _TAG.sub("", markup)
