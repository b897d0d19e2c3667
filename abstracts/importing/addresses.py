"""The addresses of planned abstracts, and which former addresses lead to them."""

from ..models import SlugRedirect
from ..models.abstract import own_slug, taken_slugs
from ..words.text import slug_token
from .plan import Plan


class Addresses:
    """Gives the plans of one run their addresses, and no address to two of them."""

    def __init__(self) -> None:
        self.reserved: set[str] = set()
        # How many former addresses held letters outside ASCII.
        self.folded = 0

    def assign(self, plans: list[Plan]) -> None:
        """Give each of `plans` its slug and its redirects; messages tell of addresses that were taken."""
        new = [plan for plan in plans if plan.abstract is None]
        changed = [plan for plan in plans if plan.abstract is not None and "slug" in plan.changes]
        # What the file says comes before what follows from a title.
        self._assign_typed([plan for plan in new if plan.changes.get("slug")])
        self._assign_typed(changed)
        self._assign_own([plan for plan in new if not plan.changes.get("slug")])
        self._assign_former(new)

    def _assign_typed(self, plans: list[Plan]) -> None:
        slugs = [plan.changes["slug"] for plan in plans]
        taken = self._taken(slugs)
        # One of its own former addresses may be its address again.
        own = dict(SlugRedirect.unfiltered.filter(slug__in=slugs).values_list("slug", "abstract"))
        refused = []
        for plan, slug in zip(plans, slugs, strict=True):
            if slug in self.reserved or (slug in taken and own.get(slug) != plan.row.pk):
                refused.append(plan)
                continue
            plan.redirects = [plan.row.slug] if plan.abstract else []
            self._give(plan, slug)
        self._assign_own([plan for plan in refused if not plan.abstract])
        for plan in refused:
            verb = "kept" if plan.abstract else "got"
            plan.incoming.messages.append(f"the address {plan.changes['slug']} was taken; it {verb} {plan.row.slug}")

    def _assign_own(self, plans: list[Plan]) -> None:
        slugs = [own_slug(plan.row) for plan in plans]
        taken = self._taken(slugs)
        for plan, slug in zip(plans, slugs, strict=True):
            self._give(plan, f"{slug}-{slug_token()}" if slug in taken | self.reserved else slug)

    def _assign_former(self, plans: list[Plan]) -> None:
        former = {slug: plan for plan in plans for slug in plan.incoming.former_slugs}
        free = former.keys() - self._taken(list(former)) - self.reserved
        self.folded += sum(not slug.isascii() for slug in free)
        for slug in sorted(free):
            former[slug].redirects.append(slug)
        self.reserved |= free

    def _taken(self, slugs: list[str]) -> set[str]:
        return taken_slugs(slugs) if slugs else set()

    def _give(self, plan: Plan, slug: str) -> None:
        plan.row.slug = slug
        self.reserved.add(slug)
