"""The addresses of planned abstracts, and which former addresses lead to them."""

from typing import Any

from ..models import Abstract, SlugRedirect
from ..words.text import plain_text, slugify
from .plan import Plan
from .slugs import SlugPool, taken_slugs


class Addresses:
    """Gives the plans of one run their addresses, and no address to two of them."""

    def __init__(self) -> None:
        self.slugs = SlugPool(_taken_slugs)
        # How many former addresses held letters outside ASCII.
        self.folded = 0

    def assign(self, plans: list[Plan]) -> None:
        """Give each of `plans` its slug and its redirects; messages tell of addresses that were taken."""
        new = [plan for plan in plans if plan.abstract is None]
        self._assign_new(new)
        self._assign_changed([plan for plan in plans if plan.abstract is not None and "slug" in plan.changes])
        self._assign_former(new)

    def _assign_new(self, plans: list[Plan]) -> None:
        bases = [plan.changes.get("slug") or _slug_from_title(plan) for plan in plans]
        for plan, slug, base in zip(plans, self.slugs.reserve(bases), bases, strict=True):
            plan.row.slug = slug
            if slug != base and plan.changes.get("slug"):
                plan.incoming.messages.append(f"the address {base} was taken; it got {slug}")

    def _assign_changed(self, plans: list[Plan]) -> None:
        wanted = {plan.changes["slug"]: plan for plan in plans}
        own = dict(SlugRedirect.unfiltered.filter(slug__in=wanted).values_list("slug", "abstract"))
        for plan in plans:
            slug = plan.changes["slug"]
            plan.redirects = [plan.row.slug]
            # One of its own former addresses may be its address again.
            plan.row.slug = slug if own.get(slug) == plan.row.pk else self.slugs.reserve([slug])[0]

    def _assign_former(self, plans: list[Plan]) -> None:
        former = {slug: plan for plan in plans for slug in plan.incoming.former_slugs}
        free = former.keys() - _taken_slugs(list(former)) - self.slugs.reserved
        self.folded += sum(not slug.isascii() for slug in free)
        for slug in sorted(free):
            former[slug].redirects.append(slug)
        self.slugs.reserved |= free


def _slug_from_title(plan: Plan) -> str:
    return slugify(plain_text(plan.changes["title"])) or slugify(f"abstract {plan.incoming.number}")


def _taken_slugs(slugs: list[str]) -> set[str]:
    managers: list[Any] = [Abstract.unfiltered, SlugRedirect.unfiltered]
    return taken_slugs(slugs, *managers)
