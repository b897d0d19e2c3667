"""The admin of the archive: a module for each family of tables."""

from . import abstracts, keywords, meetings, pages, persons, proposals, records, runs  # noqa: F401  (registers them)
