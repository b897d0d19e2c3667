"""Protects text from citeproc, which escapes nothing: characters that mean something in HTML travel in disguise.

Characters of a private-use area stand for them. Private-use characters of the text itself are removed first.
"""

import html
import re

_FIRST = 0xE010
_TEXT = ["&", "<", ">"]
_TAGS = [f"<{slash}{name}>" for name in ("i", "em", "b", "strong", "sub", "sup") for slash in ("", "/")]
_CODES = {sign: chr(_FIRST + index) for index, sign in enumerate([*_TEXT, *_TAGS])}
_PRIVATE_USE = re.compile(f"[{chr(_FIRST)}-{chr(_FIRST + len(_CODES))}]")
_TAG = re.compile("|".join(map(re.escape, _TAGS)))
_MEANINGS = {code: html.escape(sign) if sign in _TEXT else sign for sign, code in _CODES.items()}


def protected(text: str, is_html: bool = False) -> str:
    """`text` in disguise. With `is_html` it is the inline HTML of a title, whose tags survive."""
    clean = _PRIVATE_USE.sub("", text)
    if is_html:
        clean = html.unescape(_TAG.sub(lambda tag: _CODES[tag[0]], clean))
    return "".join(_CODES[c] if c in _TEXT else c for c in clean)


def restored(text: str) -> str:
    """The HTML of what citeproc made of protected text."""
    return _PRIVATE_USE.sub(lambda code: _MEANINGS.get(code[0], ""), text)
