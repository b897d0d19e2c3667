"""Plain text: to be read, or pasted into a letter."""

from collections.abc import Iterable, Iterator

from ..reading import Document
from .contract import About


class PlainText:
    name = "text"
    label = "Plain text"
    extension = "txt"
    content_type = "text/plain; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        """One abstract after the other, under a head that says what they are."""
        yield f"{about.title}\n{about.site_name} – {about.site_url}\n".encode()
        for document in documents:
            yield f"\n{document.abstract.title_text}\n{about.site_url}{document.url}\n".encode()
