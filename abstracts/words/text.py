"""Functions from text to text: cleaning, folding, slugs and sort keys. All are pure, but for the token of slugs."""

import html
import re
import secrets
import unicodedata
from collections.abc import Iterable

import nh3

# PostgreSQL refuses NUL; UTF-8 refuses lone surrogates; XML, openpyxl and Django's feeds refuse the rest.
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
# Characters without width, which say where a word may be broken or how letters join: they are no part of a word.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_FOLDS = str.maketrans(
    _GREEK
    | _LATIN
    | {"’": "'", "‘": "'", "ʼ": "'", "–": "-", "—": "-", "‐": "-", "‑": "-"}
    | dict.fromkeys("™℠" + INVISIBLE, "")
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
    """`text` on one line: without control characters, with single spaces."""
    return _SPACE.sub(" ", strip_controls(text)).strip()


def inline_html(markup: str) -> str:
    """HTML of a title or caption: i, em, b, strong, sub and sup only, on one line."""
    return nh3.clean(squeeze(markup), tags=INLINE_TAGS, attributes={}).strip()


def block_html(markup: str) -> str:
    """HTML of a section: paragraphs, lists, tables and inline marks; no links, no images."""
    return nh3.clean(strip_controls(markup), tags=BLOCK_TAGS, attributes=_BLOCK_ATTRIBUTES).strip()


def page_html(markup: str) -> str:
    """HTML of a page that staff write: the same as `block_html` plus headings and links."""
    return nh3.clean(strip_controls(markup), tags=PAGE_TAGS, attributes=_PAGE_ATTRIBUTES).strip()


def escape(plain: str) -> str:
    """Plain text as HTML. Use it before any sanitizer, because nh3 drops the end of "a<b"."""
    return html.escape(strip_controls(plain), quote=False)


_BREAKS = re.compile(r"</(?:p|li|tr|td|th|h[234]|table|caption)>|<br\s*/?>", re.I)


def plain_text(markup: str) -> str:
    """The text of `markup` without tags, on one line, with entities resolved."""
    return squeeze(html.unescape(nh3.clean(_BREAKS.sub(" ", markup), tags=set())))


def fold(text: str) -> str:
    """Lower-case ASCII form for comparing and sorting: accents, Greek, ligatures and dashes are folded.

    Letters without an ASCII form (Chinese names) stay, so that different names stay different.
    """
    if text.isascii():
        return squeeze(text.lower())
    decomposed = unicodedata.normalize("NFKD", squeeze(text).lower().translate(_FOLDS)).lower()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return squeeze(bare.translate(_FOLDS))


def sort_key(text: str) -> str:
    """Key that sorts names and titles as a printed index does, without accents and punctuation."""
    return squeeze(re.sub(r"[^\w\s]|_", " ", fold(text).replace("'", "")))


def slugify(text: str, length: int = 200) -> str:
    """Address form of `text`: ASCII words joined by hyphens, cut at a word, at most `length` characters.

    "" for text without any ASCII form.
    """
    words = re.findall(r"[a-z0-9]+", fold(text).replace("'", ""))
    slug = "-".join(words)
    if len(slug) <= length:
        return slug
    return slug[: length + 1].rpartition("-")[0] or slug[:length]


# Without letters and digits that look alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def slug_token() -> str:
    """Six random letters and digits, which tell equal slugs apart (31^6 is 887 million)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(6))


def slug_with(text: str, suffix: str, length: int) -> str:
    """The slug of `text`, cut so that it ends in `suffix` and has at most `length` characters."""
    return "-".join(filter(None, [slugify(text, length - len(suffix) - 1), suffix]))


def first_free(slug: str, taken: Iterable[str]) -> str:
    """The first of `slug`, `slug`-2, `slug`-3 … that is not `taken`."""
    taken = set(taken)
    return next(s for s in (slug, *(f"{slug}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)
