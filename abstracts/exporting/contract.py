"""The contract of export formats: four attributes and one method."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..reading import Document


@dataclass(frozen=True)
class About:
    """What a file says about itself, and for whom it is.

    `site_url` has no trailing slash. `filename_stem` is any text; the response makes a safe file name of it.
    `for_staff` adds what others see nowhere: former slugs, which contain titles that may never have been public, and
    the names of embargo tiers (`tiers`, by primary key).
    """

    title: str
    site_name: str
    site_url: str
    accessed: dt.date
    filename_stem: str
    for_staff: bool = False
    tiers: Mapping[int, str] = field(default_factory=dict)


class Exporter(Protocol):
    """A format. `name` stands in addresses, `label` in menus; a label may be a string that catalogs translate.

    `write` turns documents into pieces of one file, one by one, and does not collect them: it must work for none, one
    and 50,000. All documents are at least listed; those that are not released have no text.
    """

    name: str
    label: str
    extension: str
    content_type: str

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]: ...
