"""Which permissions an import needs: the same as for making its changes by hand in the admin."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from .plan import Plan
from .targets import Target

# The tables that the fields of files are stored in, beside that of abstracts.
_TABLES = {
    "byline": ("authorline", "affiliation"),
    "sections": ("section",),
    "keywords": ("abstractkeyword",),
    "figures": ("figure",),
    "sessions": ("presentation",),
}
# Entries of the indexes that come with a field, if there are none yet.
_ENTRIES = {"byline": "person", "keywords": "keyword"}


class Needs:
    """The permissions that the plans of one run need, such as “change_abstract”."""

    def __init__(self) -> None:
        self.codenames: set[str] = set()

    def add(self, plans: Iterable[Plan]) -> None:
        """Take in plans that will be written."""
        for plan in plans:
            verb = "add" if plan.abstract is None else "change"
            fields = [name for name, value in plan.changes.items() if value or plan.abstract]
            if plan.abstract is None or fields:
                self.codenames.add(f"{verb}_abstract")
            for name in fields:
                self.codenames |= {f"{verb}_{table}" for table in _TABLES.get(name, ())}
                self.codenames |= {f"add_{_ENTRIES[name]}"} if name in _ENTRIES else set()

    def missing(self, user: Any, targets: Iterable[Target]) -> list[str]:
        """Those that `user` does not have, in words; nothing is missing where there is no user."""
        for target in targets:
            is_new = {
                "meeting": target.is_new,
                "embargotier": target.new_tiers,
                "embargostep": target.new_tiers,
                "session": target.sessions.are_new,
            }
            self.codenames |= {f"add_{table}" for table, new in is_new.items() if new}
            self.codenames |= {"change_session"} if target.sessions.changed else set()
        if user is None:
            return []
        return [_words(codename) for codename in sorted(self.codenames) if not user.has_perm(f"abstracts.{codename}")]


def _words(codename: str) -> str:
    verb, _, table = codename.partition("_")
    return f"{verb} {apps.get_model('abstracts', table)._meta.verbose_name_plural}"
