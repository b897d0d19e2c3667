"""Text as the archive handles it: cleaning, folding, slugs and sort keys.

Nothing here knows a model. Every function is pure: text in, text out.
"""

import html
import re
import unicodedata

import nh3

# Refused by PostgreSQL (NUL), UTF-8 (lone surrogates), XML, openpyxl and Django's feeds (the rest).
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu",
    "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_LATIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i",
    "ħ": "h", "ŋ": "n",
}  # fmt: skip
_FOLDS = str.maketrans(
    _GREEK | _LATIN | {"’": "'", "‘": "'", "ʼ": "'", "–": "-", "—": "-", "‐": "-", "‑": "-"} | {"™": "", "℠": ""}
)

INLINE_TAGS = {"i", "em", "b", "strong", "sub", "sup"}
BLOCK_TAGS = INLINE_TAGS | {
    "p", "br", "ul", "ol", "li", "blockquote", "h3", "h4",
    "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td",
}  # fmt: skip
PAGE_TAGS = BLOCK_TAGS | {"h2", "a"}
_CELL = {"colspan", "rowspan", "scope"}
_BLOCK_ATTRIBUTES = {"th": _CELL, "td": _CELL, "ol": {"start", "type"}}
_PAGE_ATTRIBUTES = _BLOCK_ATTRIBUTES | {"a": {"href"}}


def strip_controls(text: str) -> str:
    """`text` without the control characters that databases and file formats refuse."""
    return _CONTROL.sub("", text)


def squeeze(text: str) -> str:
    """`text` on one line: control characters gone, every run of white space one space."""
    return _SPACE.sub(" ", strip_controls(text)).strip()


def inline_html(markup: str) -> str:
    """HTML of a title or caption: i, em, b, strong, sub and sup only, on one line."""
    return nh3.clean(squeeze(markup), tags=INLINE_TAGS, attributes={}).strip()


def block_html(markup: str) -> str:
    """HTML of a section: paragraphs, lists, tables and inline marks; no links, no images."""
    return nh3.clean(strip_controls(markup), tags=BLOCK_TAGS, attributes=_BLOCK_ATTRIBUTES).strip()


def page_html(markup: str) -> str:
    """HTML of a page that staff write: as `block_html`, and headings and links."""
    return nh3.clean(strip_controls(markup), tags=PAGE_TAGS, attributes=_PAGE_ATTRIBUTES).strip()


def escape(plain: str) -> str:
    """Plain text as HTML. Plain text goes through here before any sanitiser: nh3 eats "a<b"."""
    return html.escape(strip_controls(plain), quote=False)


_BREAKS = re.compile(r"</(?:p|li|tr|td|th|h[234]|table|caption)>|<br\s*/?>", re.I)


def plain_text(markup: str) -> str:
    """What a reader sees of `markup`, on one line, entities resolved."""
    return squeeze(html.unescape(nh3.clean(_BREAKS.sub(" ", markup), tags=set())))


def fold(text: str) -> str:
    """Lower-case ASCII form for comparing and ordering: accents, Greek, ligatures and dashes folded.

    Letters with no ASCII form (Chinese names) stay as they are, so that two of them never fold to one.
    """
    decomposed = unicodedata.normalize("NFKD", squeeze(text).lower().translate(_FOLDS)).lower()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return squeeze(bare.translate(_FOLDS))


def sort_key(text: str) -> str:
    """Key that orders names and titles as an index does: accent-blind, punctuation-blind."""
    return squeeze(re.sub(r"[^\w\s]|_", " ", fold(text).replace("'", "")))


def slugify(text: str, length: int = 200) -> str:
    """Address form of `text`: ASCII words joined by hyphens, cut at a word, at most `length` characters.

    Text with no ASCII form at all gives "".
    """
    words = re.findall(r"[a-z0-9]+", fold(text).replace("'", ""))
    slug = "-".join(words)
    if len(slug) <= length:
        return slug
    return slug[: length + 1].rpartition("-")[0] or slug[:length]
