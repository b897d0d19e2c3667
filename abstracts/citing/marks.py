"""What means something to HTML, in disguise while citeproc works: it escapes nothing of what it is given.

Private-use characters stand for it; those of a text itself are taken away first.
"""

import html
import re

_FIRST = 0xE010
_TEXT = ["&", "<", ">"]
_TAGS = [f"<{slash}{name}>" for name in ("i", "em", "b", "strong", "sub", "sup") for slash in ("", "/")]
_PLACES = {sign: chr(_FIRST + place) for place, sign in enumerate([*_TEXT, *_TAGS])}
_PRIVATE = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + len(_PLACES))}]")
_TAG = re.compile("|".join(map(re.escape, _TAGS)))
_BACK = {place: html.escape(sign) if sign in _TEXT else sign for sign, place in _PLACES.items()}


def protected(text: str, is_html: bool = False) -> str:
    """`text` (or the inline HTML of a title) in disguise."""
    clean = _PRIVATE.sub("", text)
    if is_html:
        clean = html.unescape(_TAG.sub(lambda tag: _PLACES[tag[0]], clean))
    return "".join(_PLACES[c] if c in _TEXT else c for c in clean)


def restored(text: str) -> str:
    """HTML of what citeproc made of text in disguise."""
    return _PRIVATE.sub(lambda found: _BACK.get(found[0], ""), text)
