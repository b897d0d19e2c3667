"""Spanish words in English: the shipped list `spanish.txt`.

Words are compared without accents, plural and gender ("biológicas" is "biológico"), and without articles, prepositions
and question words. Tantivy's Spanish stemmer is not used: it takes "enfermedad" and "enfermedades" for two words, and
"pulmón" and "pulmonar" for one.
"""

import functools
import re
from pathlib import Path

from ..words.text import fold
from .analysis import terms, words
from .synonyms import Group, Variant, parse

LIST = Path(__file__).with_name("spanish.txt")

# Words without a meaning of their own, also those of questions; without accents.
_EMPTY = (
    "a al ante bajo como con contra cual cuales cuando cuanta cuantas cuanto cuantos cuya cuyas cuyo cuyos de del desde"
    " donde durante e el ella ellas ellos en entre es esa esas ese eso esos esta estan estar estas este esto estos fue"
    " fueron ha haber hace hacen hacer hacia hasta hay la las le lo los mas me mediante mejor mejores mi mis mucha"
    " muchas mucho muchos muy ni no nos o otra otras otro otros para pero por porque puede pueden que quien quienes se"
    " segun ser si sido sin sirve sobre son su sus tal tan tanto tener tiene tienen todas todo todos tras un una unas"
    " uno unos usa usan usar uso utiliza utilizan utilizar ya y"
)
EMPTY_WORDS = frozenset(_EMPTY.split())

Key = tuple[str, ...]


def translations(text: str) -> list[Variant]:
    """English forms of `text`, one or more words of which neither the first nor the last is empty; [] if unknown."""
    typed = text.split()
    if not typed or is_empty_word(typed[0]) or is_empty_word(typed[-1]):
        return []
    own = terms(text)
    return [variant for variant in _english().get(_key(text), ()) if list(variant.terms) != own]


def is_empty_word(word: str) -> bool:
    """Whether `word` is a Spanish one that need not occur: "de", "cuál"."""
    return not _key(word)


def is_spanish(word: str) -> bool:
    """Whether the folded `word` is an empty one or, in some inflection, in a form of the list."""
    return word in EMPTY_WORDS or stem(word) in _stems()


@functools.cache
def spanish_words() -> dict[str, str]:
    """The words of the list's Spanish forms with their accents, in lower case, by the words without accents."""
    texts = (form.text.lower() for forms, _ in _entries() for form in forms)
    return {fold(word): word for text in texts for word in re.findall(r"[^\W\d_]+", text)}


@functools.cache
def _stems() -> frozenset[str]:
    return frozenset(map(stem, spanish_words()))


@functools.cache
def _english() -> dict[Key, list[Variant]]:
    """The English forms by the keys of their Spanish ones."""
    english: dict[Key, list[Variant]] = {}
    for forms, variants in _entries():
        for key in dict.fromkeys(_key(form.text) for form in forms):
            english[key] = list(dict.fromkeys((*english.get(key, ()), *variants)))
    return english


@functools.cache
def _entries() -> list[tuple[Group, Group]]:
    """(Spanish forms, English forms) of each entry."""
    lines = [
        line for line in map(str.strip, LIST.read_text(encoding="utf-8").splitlines()) if line[:1] not in ("", "#")
    ]
    sides = [line.split(" = ") for line in lines]
    return list(zip(parse(spanish for spanish, _ in sides), parse(english for _, english in sides), strict=True))


def _key(text: str) -> Key:
    """What all inflections of a Spanish form have in common."""
    return tuple(stem(word) for word in words(text) if word not in EMPTY_WORDS)


def stem(word: str) -> str:
    """A folded word without the endings of plural and gender: "nin" for "ninas"; "artritis" and "lupus" stay.

    In short the rules of J. Savoy's light stemmer for Spanish (https://members.unine.ch/jacques.savoy/clef/).
    """
    if len(word) > 3 and word.endswith(("as", "es", "os")):
        word = word[:-1]
    if len(word) > 3 and word.endswith(("a", "e", "o")):
        word = word[:-1]
    return word[:-1] + "z" if len(word) > 3 and word.endswith("c") else word  # "cicatrices", "cicatriz"
