"""EndNote's own tagged format (Refer)."""

from collections.abc import Iterable, Iterator

from ..citing.names import Name
from ..reading import Document
from ..words.text import squeeze
from .contract import About
from .reference import Reference, reference_of


class EndNote:
    name = "enw"
    label = "EndNote"
    extension = "enw"
    content_type = "application/x-endnote-refer; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        for document in documents:
            fields = _fields(reference_of(document, about), about)
            # Each value is on one line: a line that begins with % begins a field, an empty one a record.
            lines = [f"%{tag} {line}" for tag, value in fields if (line := squeeze(value))]
            yield "\n".join([*lines, "", ""]).encode()


def _fields(reference: Reference, about: About) -> Iterator[tuple[str, str]]:
    """Tags and values, as EndNote's “EndNote Import” filter reads them."""
    yield "0", "Journal Article" if reference.journal else "Conference Proceedings"
    for name in reference.names:
        yield "A", _name(name)
    yield "T", reference.title
    yield ("J" if reference.journal else "B"), reference.container
    yield "C", reference.city
    yield "D", str(reference.year)
    yield "8", f"{reference.day:%B} {reference.day.day}" if reference.day else ""
    yield "V", reference.volume
    yield "N", reference.supplement
    yield "]", reference.number
    yield "9", "Meeting Abstract"
    for keyword in reference.keywords:
        yield "K", keyword
    yield "X", reference.text
    yield "+", "; ".join(reference.affiliations)
    yield "R", reference.doi
    yield "U", reference.url
    yield "[", f"{about.accessed:%B} {about.accessed.day}, {about.accessed.year}"
    yield "~", about.site_name
    yield "F", reference.key
    for note in reference.notes:
        yield "Z", note


def _name(name: Name) -> str:
    # EndNote does not split a group's name that ends in a comma.
    return f"{name.literal.replace(',', ' ')}," if name.literal else name.inverted
