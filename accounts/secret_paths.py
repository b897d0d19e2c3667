"""Addresses that are secrets themselves: whoever knows one may read what is there. Logs do not hold them."""

import re

_SECRET_PATH = re.compile(r"^((?:/[\w-]+)?/(?:lists|calendars)/)[^/.]+")


def without_secret(path: str) -> str:
    """`path` as logs may hold it: "/lists/…/"."""
    return _SECRET_PATH.sub(r"\1…", path)
