"""What every export format is: four attributes and one method."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..reading import Document


@dataclass(frozen=True)
class About:
    """What a file says of itself. `site_url` has no trailing slash; `filename_stem` is the file's name without its
    extension (any text: it is made safe when it is sent). `for_staff` is what no page shows to anybody else: former
    slugs, which say titles that may never have been public, and `tiers`, the names of embargo tiers by primary key."""

    title: str
    site_name: str
    site_url: str
    accessed: dt.date
    filename_stem: str
    for_staff: bool = False
    tiers: Mapping[int, str] = field(default_factory=dict)


class Exporter(Protocol):
    """A format. `name` is the word in addresses, `label` the one in menus: a name, or a string that the
    catalogues translate.

    `write` turns documents into pieces of one file as they come, and holds on to none of them: it has to work for
    none, one and 50,000. Documents below a listing never reach it; those of a listing have no text.
    """

    name: str
    label: str
    extension: str
    content_type: str

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]: ...
