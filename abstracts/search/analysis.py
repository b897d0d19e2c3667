"""Turns text into terms, in the same way for documents and for queries.

This is done in Python, and Tantivy gets terms, so that both sides cannot differ:

- Case and accents are folded; Greek letters are spelled out ("TNF-α", "TNFα" and "TNF alpha" are the same).
- Hyphens, slashes and the boundary between letters and digits separate ("IL-6", "IL6" and "IL 6" are the same). A
  hyphenated word also matches its closed spelling ("follow-up", "followup").
- Apostrophes are removed, and so is a possessive "s".
- A Greek letter of a molecule may be a Latin one ("TNFa", "TGFb1", "NFkB").
- British spelling becomes American, inflected words become stems (but for the exceptions in `terms.txt`), and the most
  common words are left out. The `wording`, in which exact phrases are found, keeps all three.

After any change here, raise SCHEMA_VERSION in `schema`: indexes of the old analysis are not read any more.
"""

import functools
import re
from collections.abc import Iterable
from pathlib import Path

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from ..words.text import fold

# Words without a meaning of their own, which are not indexed. Abbreviations that look like them ("AS") are found by
# their capitals (see `case_sensitive_words_in` in `synonyms`).
_STOP = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this"
    " to was will with"
)
STOP_WORDS = frozenset(_STOP.split())

_GREEK = re.compile(r"[α-ωΑ-Ωϐϑϕ]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_MICRO = str.maketrans({"µ": "μ"})
_APOSTROPHE_S = re.compile(r"'s\b|'")
_LEXEME = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_PIECE = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_GREEK_NAMES = re.compile(r"^([a-z]{2,4})?(alpha|beta|gamma|delta|kappa|lambda)([a-rt-z])?$")
# Molecules whose Greek letter is often typed as a Latin one. In IL-17A, C3a, T1b or vitamin B it is a Latin one, and
# IL-1Ra, IFNAR and TNFAIP3 go on.
_MOLECULES = "tnf|ifn|tgf|ppar|ror|fcr|(?:il|hif|pgc|mip|sdf|ire|tif)-?1|il-?36|il-?4r"
_LATIN_FOR_GREEK = [
    (re.compile(rf"(?<![a-z]){pattern}(?![a-z])"), greek)
    for pattern, greek in (
        *(
            (rf"({_MOLECULES})-?{letter}(t?)", rf"\1-{name}-\2")
            for letter, name in zip("abdgl", ("alpha", "beta", "delta", "gamma", "lambda"), strict=True)
        ),
        (r"(nf|i)-?kb", r"\1-kappa-b"),
        (r"fcg(r(?:i{1,3}[ab]?)?)", r"fc-gamma-\1"),
        (r"(a?)b-?2(-?(?:gpi?|m|microglobulin|glycoprotein))", r"\1-beta-2-\2"),
    )
]

_SPELLING = [
    (re.compile(pattern), american)
    for pattern, american in (
        (r"haem", "hem"), (r"aemi", "emi"), (r"anaesth", "anesth"), (r"oedem", "edem"), (r"oesoph", "esoph"),
        (r"oestr", "estr"), (r"^coel", "cel"), (r"homoeo", "homeo"), (r"manoeuvre?", "maneuver"), (r"paed", "ped"),
        (r"aetio", "etio"), (r"caec", "cec"), (r"faec", "fec"), (r"naev", "nev"), (r"gynaec", "gynec"),
        (r"foet", "fet"), (r"rrhoe", "rrhe"), (r"pnoe", "pne"), (r"caesar", "cesar"), (r"palaeo", "paleo"),
        (r"^aesthet", "esthet"), (r"leuco", "leuko"), (r"sulph", "sulf"), (r"^sceptic", "skeptic"),
        (r"artefact", "artifact"),
        (r"^(tum|behavi|col|lab|fav|hum|vap|od|neighb|flav|rig|vig|harb|hon|rum)our", r"\1or"),
        (r"(fib|cent|lit|tit|met|theat|calib|sab|spect)re(s?)$", r"\1er\2"),
        (r"^(micro|milli|centi|kilo|nano)?metre", r"\1meter"),
        (r"^programme(s?)$", r"program\1"), (r"^grey", "gray"), (r"^ageing$", "aging"), (r"judgement", "judgment"),
        (r"(anal|catal|dial)ogue(s?)$", r"\1og\2"), (r"^enrolment", "enrollment"),
        (r"(label|model|signal|travel|counsel|cancel|level|channel|tunnel|fuel|dial|total)l(ed|ing|er|ers)$", r"\1\2"),
        (r"^defence", "defense"), (r"^offence", "offense"), (r"^practis", "practic"), (r"^mould", "mold"),
        (r"([a-z]{3,}i|[ao]ly)s(e|ed|es|ing|er|ers|ation|ations)$", r"\1z\2"),
        # "Sjoegren", "Koebner" and "Tuebingen", whose umlauts are folded; not "does", "poems", "coexist", "value".
        (r"^([bdfghjklmnprstvwz][bcdfghjklmnprstvwz]{,3})oe(?=[bdfghjklmnprstvwz](?!s?$))", r"\1o"),
        (r"stroem$", "strom"),
        (r"^([dlmntwz])ue(bingen|beck|sseldorf|rzburg|rnberg|nchen|nster|rich|ller)", r"\1u\2"),
    )
]  # fmt: skip
# Greek and Latin plurals, which the English stemmer does not know. Words like "doses", "purposes" and "closes" are
# English; so are "bacteriaceae". Others stand in `terms.txt`.
_PLURALS = [
    (re.compile(pattern), singular)
    for pattern, singular in (
        (r"itides$", "itis"),
        (r"(?<=[a-z]{3})(?<![pd])(?<!cl)(?<!cho)oses$", "osis"),
        (r"yses$", "ysis"),
        (r"(?<=[hn])eses$", "esis"),
        (r"(st|ect)ases$", r"\1asis"),
        (r"(?<=[a-z]{2})mata$", "ma"),
        (r"cocci$", "coccus"),
        (r"(?<=[a-z]{4})(?<!ce)ae$", "a"),
    )
]
_stemmer = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()


def parse_exceptions(lines: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The terms of whole words, and of beginnings of words, in the format that `terms.txt` explains."""
    words: dict[str, str] = {}
    beginnings: dict[str, str] = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            forms = line.split()
            for form in forms:
                (beginnings if form.endswith("*") else words)[form.rstrip("*")] = forms[0].rstrip("*")
    return words, beginnings


EXCEPTIONS = Path(__file__).with_name("terms.txt")
_WORDS, _BEGINNINGS = parse_exceptions(EXCEPTIONS.read_text(encoding="utf-8").splitlines())
# The endings of English words, so that "systemic-onset" written as one word does not count as "systemic".
_ENDINGS = (
    "abl[ey]|al|ally|an(?:ce|t)|at(?:ed?|es|ing|ion|ive|ors?)|c[ey]|e[drs]?|ers|i(?:c|ng|on|es|ons?|st|ty|ve)"
    "|(?:ab)?ilit(?:y|ies)|l[ey]|ments?|ness|ors?|s|t|us|y"
)
_BEGINNING = re.compile(rf"({'|'.join(sorted(_BEGINNINGS, key=len, reverse=True))})(?:{_ENDINGS})*")


def american(word: str) -> str:
    """`word` (folded) in American spelling."""
    for pattern, replacement in _SPELLING:
        word = pattern.sub(replacement, word)
    return word


def _singular(word: str) -> str:
    """`word` (folded), a Greek or Latin plural as its singular."""
    for pattern, singular in _PLURALS:
        word = pattern.sub(singular, word)
    return word


@functools.lru_cache(maxsize=400_000)
def term_of(word: str) -> str:
    """The term of one folded word."""
    if not word.isalpha():
        return word
    if exception := _WORDS.get(word):
        return exception
    word = american(_singular(word))
    if exception := _WORDS.get(word):
        return exception
    if beginning := _BEGINNING.fullmatch(word):
        return _BEGINNINGS[beginning[1]]
    if word.endswith("itis"):
        return word  # The stemmer joins "hepatitis" and "hepatic".
    stems = _stemmer.analyze(word)
    return stems[0] if stems else word


@functools.lru_cache(maxsize=50_000)
def _ascii(run: str) -> str:
    """A run of non-ASCII characters, folded, with spaces around Greek letters. (The two x keep outer spaces.)"""
    return fold(f"x{_GREEK.sub(lambda letter: f' {letter[0]} ', run.translate(_MICRO))}x")[1:-1]


def _folded(text: str) -> str:
    # Run by run, because most of a text needs no folding, and the same runs occur again and again.
    return text.lower() if text.isascii() else _NOT_ASCII.sub(lambda run: _ascii(run[0]), text).lower()


@functools.lru_cache(maxsize=400_000)
def _wording_of_lexeme(lexeme: str) -> tuple[str, ...]:
    """The words of one folded lexeme, not stemmed."""
    for pattern, greek_letter in _LATIN_FOR_GREEK:
        lexeme = pattern.sub(greek_letter, lexeme)
    parts: list[str] = []
    for piece in _words_of_lexeme(lexeme):
        greek = _GREEK_NAMES.match(piece)
        parts += [part for part in greek.groups() if part] if greek else [piece]
    return tuple(parts)


@functools.lru_cache(maxsize=400_000)
def _terms_of_lexeme(lexeme: str) -> tuple[tuple[str, ...], str]:
    """Terms of one folded lexeme ("il-6"), and its closed spelling if it has one (else "")."""
    parts = _wording_of_lexeme(lexeme)
    terms = tuple(term_of(part) for part in parts if part not in STOP_WORDS)
    closed = ""
    if "-" in lexeme and len(parts) > 1 and all(part.isalpha() for part in parts):
        closed = term_of("".join(parts))
    return terms, closed


def terms(text: str) -> list[str]:
    """The terms of `text`, in order."""
    return [term for lexeme in _LEXEME.findall(_folded(text)) for term in _terms_of_lexeme(lexeme)[0]]


def closed_term(text: str) -> str:
    """The closed spelling of `text` if it is one hyphenated word, else ""."""
    lexemes = _LEXEME.findall(_folded(text))
    return _terms_of_lexeme(lexemes[0])[1] if len(lexemes) == 1 else ""


def lexemes(text: str) -> list[str]:
    """The folded words of `text`, with compounds in one piece: the input of `indexed` and `wording`."""
    return _LEXEME.findall(_folded(text))


def indexed(lexemes: Iterable[str]) -> str:
    """The content of a text field: the terms of `lexemes`, then their closed spellings, separated by spaces."""
    separate: list[str] = []
    closed: list[str] = []
    for lexeme in lexemes:
        pieces, joined = _terms_of_lexeme(lexeme)
        separate += pieces
        if joined:
            closed.append(joined)
    return " ".join(separate + closed)


def wording(lexemes: Iterable[str]) -> list[str]:
    """The words of `lexemes`, neither stemmed nor respelled, including stop words."""
    return [word for lexeme in lexemes for word in _wording_of_lexeme(lexeme)]


@functools.lru_cache(maxsize=400_000)
def _words_of_lexeme(lexeme: str) -> tuple[str, ...]:
    return tuple(_PIECE.findall(_APOSTROPHE_S.sub("", lexeme)))


def words(text: str) -> list[str]:
    """The folded words of `text`, not stemmed, including stop words."""
    return [word for lexeme in _LEXEME.findall(_folded(text)) for word in _words_of_lexeme(lexeme)]


_UMLAUT = re.compile(r"(?<=[aou])e(?!$)")


def name_words(name: str) -> list[str]:
    """The folded words of a person's name; "Doerner" gives the same as "Dörner"."""
    return [_UMLAUT.sub("", word) for word in words(name)]


# Words of questions and of talk about texts: they affect the order, but need not occur.
_WEAK = (
    "what which who whom whose where when why how do does did done doing has have had having been being were am can"
    " could may might must shall should would i me my we our you your he she him his her its them from about between"
    " than so any some all each other also only very just more most much many give given show find list tell describe"
    " please whether while during against out up down over under again further here same own too using used use uses"
    " regarding concerning involved best better good bad cause get"
)
WEAK_WORDS = frozenset(_WEAK.split())
WEAK_TERMS = frozenset(term_of(word) for word in WEAK_WORDS)


def is_weak(word: str) -> bool:
    """Whether `word` need not occur. In capitals it is an abbreviation: ALL, HER."""
    return word.lower() in WEAK_WORDS and word in (word.lower(), word.capitalize())
