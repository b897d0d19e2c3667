"""Suffixes of persons' names: “Jr.”, “III”."""

import functools

from .text import fold

SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "2nd", "3rd"))


@functools.lru_cache(maxsize=20_000)
def bare_word(word: str) -> str:
    """A word of a name in lower case, without accents and dots: “Ph.D.” becomes “phd”."""
    return fold(word).replace(".", "").strip(",;:")


def is_suffix(word: str) -> bool:
    """Whether `word` is a suffix: “Jr.”, “III”."""
    return bare_word(word) in SUFFIXES


def split_suffix(family: str) -> tuple[str, str]:
    """The family name and the suffix that is stored with it: “Medsger, Jr.” gives ("Medsger", "Jr.").

    Without a suffix, `family` comes back unchanged with "".
    """
    words = family.replace(",", " ").split()
    if len(words) > 1 and is_suffix(words[-1]):
        return " ".join(words[:-1]), words[-1]
    return family, ""
