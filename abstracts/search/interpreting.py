"""What typed words may be besides words: an author, an institution or a place, a number, a year, a trial id, a DOI.

Words are taken for something only if what the viewer may see has it, and they stay words, too. `Taken` is told to the
reader, who can undo it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tantivy import Query

from ..words.identifiers import is_abstract_number, is_doi, is_trial_id, normalize_doi, number_key, without_label
from ..words.text import fold
from .analysis import STOP_WORDS, WEAK_WORDS, name_words, terms
from .matching import boosted, by_initials, by_names, in_order, initial_keys, silent, term
from .searching import LawfulSearcher
from .tree import Part

# What is named stands before what is only written about.
NAMED, PLACE = 50.0, 0.6
MAX_WORDS, MAX_WORDS_OF_NAME, MAX_WORDS_OF_NUMBER = 6, 4, 3
# So many words may stand between those of a place: "Charité Berlin".
BETWEEN = 2
# So many times more often must it be an affiliation than text: "boston", but not "cancer" of a cancer center.
MORE_OFTEN, MORE_OFTEN_IN_ONE_WORD = 2, 3
# Words of affiliations that say nothing alone, or also name what is done there.
_GENERIC = """
    academic academy administration affairs and association biology biomedical biostatistics campus care center central
    centre city clinic clinical college community consulting council county data department dermatology developmental
    discovery division epidemiology experimental faculty federal foundation general genetics geriatrics global graduate
    group health healthcare hospital immunology inc informatics institute institution internal international laboratory
    llc ltd management medical medicine metropolitan molecular national nephrology network neurology nursing oncology
    ophthalmology orthopaedic orthopedic orthopaedics orthopedics outcomes pathology pediatric pediatrics pharma
    pharmaceutical pharmaceuticals pharmacology pharmacy physical program public pulmonology radiology regional
    rehabilitation research rheumatic rheumatology school science sciences section service services social society
    statistics surgery system systems technology therapeutics translational unit university veterans
"""
GENERIC_TERMS = frozenset(terms(_GENERIC))

# Other names of countries than those that `importing` recognizes in affiliations.
_COUNTRIES = {
    "usa": "United States", "u.s": "United States", "u.s.a": "United States", "us": "United States",
    "america": "United States", "uk": "United Kingdom", "great britain": "United Kingdom", "england": "United Kingdom",
    "holland": "Netherlands", "korea": "South Korea", "republic of korea": "South Korea", "czechia": "Czech Republic",
    "turkiye": "Turkey", "uae": "United Arab Emirates", "ksa": "Saudi Arabia", "russian federation": "Russia",
    # In Spanish, where it is written in another way.
    "alemania": "Germany", "arabia saudi": "Saudi Arabia", "belgica": "Belgium", "brasil": "Brazil",
    "corea del sur": "South Korea", "dinamarca": "Denmark", "egipto": "Egypt", "espana": "Spain",
    "estados unidos": "United States", "eeuu": "United States", "filipinas": "Philippines", "finlandia": "Finland",
    "francia": "France", "grecia": "Greece", "hungria": "Hungary", "irlanda": "Ireland", "italia": "Italy",
    "japon": "Japan", "noruega": "Norway", "nueva zelanda": "New Zealand", "paises bajos": "Netherlands",
    "polonia": "Poland", "reino unido": "United Kingdom", "rusia": "Russia", "suecia": "Sweden", "suiza": "Switzerland",
    "tailandia": "Thailand", "turquia": "Turkey",
}  # fmt: skip

_YEAR = re.compile(r"(?:19|20)\d\d")
_OF_UNITS = (
    "mg g kg µg mcg ng ml dl l mm cm iu u m months month weeks week days day years year hours patients people subjects"
    " participants women men children adults cases controls samples percent"
)
UNITS = frozenset(_OF_UNITS.split())


class Taken(NamedTuple):
    """Typed words, and what they were taken for: author, place, country, number, year, trial or doi."""

    text: str
    kind: str


class Interpretation(NamedTuple):
    """What the first `size` words may be; `abstracts`: how many have it.

    `replaces_words`: they cannot be words as well, "No. 489"; `replaces_synonyms`: nor an abbreviation, "Rossi AM".
    """

    size: int
    kind: str
    query: Query
    abstracts: int
    replaces_words: bool = False

    @property
    def replaces_synonyms(self) -> bool:
        return self.kind == "author"


class Interpreter:
    """Looks for interpretations in what a viewer may see. `literal`: texts that are to be taken as words."""

    def __init__(self, searcher: LawfulSearcher, literal: Iterable[str]):
        self.searcher = searcher
        self.literal = {fold(text) for text in literal}

    def find(self, parts: Sequence[Part], start: int) -> Interpretation | None:
        """The longest interpretation that begins at `start`; of equal ones the one that most abstracts have."""
        texts = [part.text for part in parts]
        for size in range(self._most_words(texts[start:]), 0, -1):
            text = " ".join(texts[start : start + size])
            if self.literal and fold(text) in self.literal:
                continue
            found = self._named(text, size) or self._numbered(text, size, texts, start)
            if found:
                return found
            candidates = [*self._authors(texts[start : start + size]), *self._places(text, size)]
            if candidates:
                return max(candidates, key=lambda one: one.abstracts)
        return None

    def _most_words(self, texts: Sequence[str]) -> int:
        """How many words an interpretation has at most. Most words begin none, and are asked for nothing else.

        Here and below, frequencies count documents, hidden or not; what is left is counted lawfully.
        """
        is_country = any(fold(" ".join(texts[:size])) in _COUNTRIES for size in (1, 2, 3))
        if is_country or any(map(self._is_in_places, terms(texts[0])[:1])):
            return min(len(texts), MAX_WORDS)
        if any(self.searcher.unfiltered.doc_freq("authors", name) for name in name_words(" ".join(texts[:2]))):
            return min(len(texts), MAX_WORDS_OF_NAME)
        may_be_number = any(text[-1].isdigit() for text in texts[:MAX_WORDS_OF_NUMBER])
        return min(len(texts), MAX_WORDS_OF_NUMBER) if may_be_number else 0

    def _is_in_places(self, token: str) -> bool:
        return self.searcher.unfiltered.doc_freq("places", token) > 0

    def _interpretation(self, size: int, kind: str, query: Query) -> Interpretation | None:
        count = self.searcher.count(query)
        return Interpretation(size, kind, query, count) if count else None

    def _named(self, text: str, size: int) -> Interpretation | None:
        if is_doi(doi := normalize_doi(text)):
            found = self._interpretation(size, "doi", boosted(term("doi", doi.lower()), NAMED))
        elif is_trial_id(trial := text.replace(" ", "")):
            found = self._interpretation(size, "trial", boosted(term("trial", trial.lower()), NAMED))
        else:
            return None
        return found._replace(replaces_words=size > 1) if found else None

    def _numbered(self, text: str, size: int, texts: list[str], start: int) -> Interpretation | None:
        if size > MAX_WORDS_OF_NUMBER or not text[-1].isdigit():
            return None
        number = without_label(text)
        is_labeled, is_alone = number != text, size == len(texts)
        if _YEAR.fullmatch(number) and not is_labeled:
            year = self._interpretation(size, "year", silent(term("year", int(number))))
            if year or not is_alone:
                return year
        is_clear = is_labeled or is_alone or self._may_be_number(number, texts[start + size :])
        if not (is_abstract_number(number) and is_clear):
            return None
        key = number_key(number)
        if not self.searcher.unfiltered.doc_freq("number", key):
            return None
        found = self._interpretation(size, "number", boosted(term("number", key), NAMED))
        return found._replace(replaces_words=is_labeled) if found else None

    def _may_be_number(self, number: str, after: list[str]) -> bool:
        """Whether a number without a label may be that of an abstract: 0489, LB12, 489, but not 20, or 400 mg."""
        is_amount = len(number) < 3 or (after and after[0].lower() in UNITS)
        return number.startswith("0") or not (number.isdigit() and is_amount)

    def _authors(self, texts: list[str]) -> Iterator[Interpretation]:
        size, text = len(texts), " ".join(texts)
        if not 2 <= size <= MAX_WORDS_OF_NAME or not any(self._is_name(one) for one in texts):
            return
        doc_freq = self.searcher.unfiltered.doc_freq
        query = by_initials(text) if any(doc_freq("author_keys", key) for key in initial_keys(text)) else None
        if query:
            found = self._interpretation(size, "author", boosted(query, NAMED))
            if found and (any(one.isupper() for one in texts) or found.abstracts > self._in_text(text)):
                yield found
        names = name_words(text)
        if all(map(self._is_name, texts)) and all(doc_freq("authors", name) for name in names):
            found = self._interpretation(size, "author", boosted(by_names(names), NAMED))
            if found and found.abstracts > self._in_text(text):
                yield found

    def _is_name(self, text: str) -> bool:
        return len(text) > 1 and text.replace("-", "").replace("'", "").isalpha() and text.lower() not in WEAK_WORDS

    def _places(self, text: str, size: int) -> Iterator[Interpretation]:
        text = _COUNTRIES.get(fold(text), text)
        tokens, folded = terms(text), fold(text).split()
        if not tokens or GENERIC_TERMS.issuperset(tokens) or text.lower() in WEAK_WORDS or len(text) < 3:
            return
        if folded[0] in STOP_WORDS or folded[-1] in STOP_WORDS:
            return
        if not all(map(self._is_in_places, tokens)):
            return
        place = in_order("places", tokens, BETWEEN)
        if country := self._interpretation(size, "country", boosted(in_order("country_words", tokens), PLACE)):
            yield country._replace(query=boosted(place, PLACE))
        elif found := self._interpretation(size, "place", boosted(place, PLACE)):
            more = MORE_OFTEN if len(tokens) > 1 else MORE_OFTEN_IN_ONE_WORD
            if found.abstracts >= more * self._in_text(text):
                yield found

    def _in_text(self, text: str) -> int:
        """How many abstracts have `text` in what they say."""
        tokens = terms(text)
        return self.searcher.count(in_order("everything", tokens, BETWEEN)) if tokens else 0
