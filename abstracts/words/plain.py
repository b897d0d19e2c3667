"""The archive's HTML as plain text that loses no meaning: 10⁹ does not become 109, and rows of tables stay rows."""

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
    """`markup` on one line; digits and signs that stand higher or lower become the characters that do."""
    return " ".join(paragraphs(markup))


def text(markup: str) -> str:
    """`markup` with one line a paragraph, list item or row of a table."""
    return "\n".join(paragraphs(markup))


def paragraphs(markup: str) -> list[str]:
    """The paragraphs, list items and table rows (cells parted by “ | ”) of `markup`, none of them empty."""
    if "<" not in markup:
        return [whole] if (whole := squeeze(html.unescape(markup))) else []
    marked = _SCRIPT.sub(_script, markup)
    if "<t" in marked:
        marked = _CELL.sub(_cell, marked)
    marked = _BLOCK_END.sub("\n", _ITEM.sub("<li>– ", marked))
    bare = html.unescape(_bare(strip_controls(marked)))
    lines = (squeeze(part).removesuffix("|").rstrip() for part in bare.split("\n"))
    return [found for found in lines if found and found != "–"]


def _script(found: re.Match) -> str:
    """“⁹” for what can stand so; else the text itself, behind a ^ where a number would otherwise grow."""
    inner = html.unescape(_bare(found[2]))
    if _HAS_SIGN.fullmatch(inner):
        return inner.translate(_SUPER if found[1] == "sup" else _SUB)
    is_number = found[1] == "sup" and inner[:1].translate(_SUPER) != inner[:1]
    return escape(f"^{inner}" if is_number else inner)


def _cell(found: re.Match) -> str:
    return f"{found[1]}{_INSIDE.sub(' ', found[2])} | {found[3]}"


def _bare(markup: str) -> str:
    """`markup`, which was sanitised when it was stored, without its tags."""
    return _TAG.sub("", markup)
