"""Free addresses in bulk: the same rule as the models' own, without a query for each row."""

from collections.abc import Callable, Iterable

Taken = Callable[[list[str]], set[str]]


class SlugPool:
    """Gives out slugs that nobody has; remembers those it gave.

    `taken` tells which of some slugs are in the database.
    """

    def __init__(self, taken: Taken):
        self.taken = taken
        self.given: set[str] = set()
        self.next: dict[str, int] = {}

    def reserve(self, wanted: Iterable[str]) -> list[str]:
        """A free slug for each of `wanted`, in order: itself, or with -2, -3 …"""
        wanted = list(wanted)
        found: list[str] = [""] * len(wanted)
        open_ = list(range(len(wanted)))
        while open_:
            tries = {i: self._candidate(wanted[i]) for i in open_}
            taken = self.taken(list(set(tries.values())))
            later = []
            for i in open_:
                if tries[i] in taken or tries[i] in self.given:
                    self.next[wanted[i]] = self.next.get(wanted[i], 1) + 1
                    later.append(i)
                else:
                    self.given.add(tries[i])
                    found[i] = tries[i]
            open_ = later
        return found

    def _candidate(self, base: str) -> str:
        number = self.next.get(base, 1)
        return base if number == 1 else f"{base}-{number}"
