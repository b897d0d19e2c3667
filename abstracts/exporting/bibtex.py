"""BibTeX, in UTF-8."""

import io
import re
from collections.abc import Iterable, Iterator

from pybtex.database import BibliographyData, Entry
from pybtex.database.output.bibtex import Writer

from ..citing.names import Name
from ..reading import Document
from ..words.text import squeeze
from .contract import About
from .reference import Reference, reference_of

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_{}"},
    }
)
# BibTeX counts escaped braces, too: if they are not in pairs, all of them become commands.
_UNPAIRED_BRACES = str.maketrans({"{": r"\textbraceleft{}", "}": r"\textbraceright{}"})


class _Writer(Writer):
    def quote(self, text: str) -> str:
        self.check_braces(text)
        return f"{{{text}}}"

    def _encode(self, text: str) -> str:
        # `latex` escaped it; pybtex leaves backslashes, braces, $ and ^ as they are.
        return text


class BibTeX:
    name = "bibtex"
    label = "BibTeX"
    extension = "bib"
    content_type = "application/x-bibtex; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        writer = _Writer(encoding="UTF-8")
        for document in documents:
            reference = reference_of(document, about)
            kind = "article" if reference.journal else "inproceedings"
            entry = Entry(kind, fields=[(name, value) for name, value in _fields(reference, about) if value])
            stream = io.StringIO()
            writer.write_stream(BibliographyData({reference.key: entry}), stream)
            yield f"{stream.getvalue()}\n".encode()


def latex(text: str) -> str:
    """`text` on one line, with the characters escaped that LaTeX interprets. Letters and signs stay Unicode."""
    plain = squeeze(text)
    return plain.translate(_LATEX if _is_balanced(plain) else _LATEX | _UNPAIRED_BRACES)


def _is_balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _fields(reference: Reference, about: About) -> Iterator[tuple[str, str]]:
    yield "author", " and ".join(map(_name, reference.names))
    # The inner braces keep capitals: IL-6, TNF.
    yield "title", f"{{{latex(reference.title)}}}"
    yield ("journal" if reference.journal else "booktitle"), latex(reference.container)
    yield "year", str(reference.year)
    yield "volume", latex(reference.volume)
    yield "number", latex(reference.supplement)
    yield "eid", latex(reference.number)
    yield "address", latex(reference.city)
    yield "doi", latex(reference.doi)
    yield "url", latex(reference.url)
    yield "urldate", about.accessed.isoformat()
    yield "keywords", latex(", ".join(reference.keywords))
    yield "abstract", latex(reference.text)
    yield "note", latex(" ".join(f"{note.rstrip('.')}." for note in ["Meeting abstract", *reference.notes]))
    yield "affiliation", latex("; ".join(reference.affiliations))


def _name(name: Name) -> str:
    """“van Rivel, Jr, Ada”. Names of groups, and parts with a comma or an “and”, are in braces."""
    if name.literal or not name.given:
        return f"{{{latex(name.literal or name.inverted)}}}"
    return ", ".join(_part(part) for part in (name.family, name.suffix, name.given) if part)


def _part(part: str) -> str:
    escaped = latex(part)
    return f"{{{escaped}}}" if "," in escaped or " and " in f" {escaped.lower()} " else escaped
