"""What is out of the ordinary about some of the sample's abstracts, so that every shape and state is there."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace

from ..visibility import Level, Status
from ..words.text import slugify
from .people import crowd, disclosures, study_group
from .plans import AbstractPlan
from .study import Study, figures_of, wide_table

LONG_TITLE = (
    "Focus Score, Germinal Centers and Salivary Flow at Diagnosis, after 12, 24 and 120 Months of Observation, and the "
    "Risk of Lymphoma, Neuropathy and Interstitial Lung Disease in Sjögren's Disease: a Multinational, Multicenter, "
    "Retrospective and Prospective Study of Repeat Labial Gland Biopsies"
)
RICH_TITLE = (
    "<i>TNFAIP3</i> Haploinsufficiency Expands CD11c<sup>+</sup>T-bet<sup>+</sup> B Cells and Raises IFN-γ ≥2 × Normal "
    "(n = 31 ± 4): α<sub>4</sub>β<sub>7</sub> Integrin, H<sub>2</sub>O<sub>2</sub> and <em>in vivo</em> Imaging"
)


def long_title(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    plan.title = LONG_TITLE


def rich_title(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    plan.title = RICH_TITLE


def _authors(rng: random.Random, plan: AbstractPlan, authors: list) -> None:
    plan.authors, plan.disclosures = authors, disclosures(rng, authors)


def crowded(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    _authors(rng, plan, crowd(rng, 65, 58))


def group_author(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    _authors(rng, plan, [*plan.authors, study_group(rng)])


def one_author(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    _authors(rng, plan, [replace(plan.authors[0], is_presenter=True)])


def no_affiliations(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    plan.authors = [replace(author, homes=()) for author in plan.authors]


def with_wide_table(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    plan.sections[2] = (plan.sections[2][0], plan.sections[2][1] + wide_table(rng, study.slots))


def many_figures(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    """Five figures, the last one with a caption only."""
    plan.figures = figures_of(rng, study, 5)
    plan.figures[-1].chart = None


def unlabelled(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    """One text without labels, as abstracts of early meetings have it."""
    plan.sections = [("", "".join(text for _, text in plan.sections))]


def renamed(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    plan.former_title = "Preliminary: " + plan.title


def _status(status: Status, note: str) -> Callable:
    def apply(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
        plan.fields |= {"status": status, "status_note": note}

    return apply


def override(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    """Its own embargo, later than that of its tier; until then a listing."""
    plan.fields |= {
        "override_listing_level": Level.LISTED,
        "override_listed_from": now - dt.timedelta(days=30),
        "override_released_from": now.replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=2),
    }


def hidden(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    plan.tier = "Held"


def both(rng: random.Random, plan: AbstractPlan, study: Study, now: dt.datetime) -> None:
    """Presented a second time; the programme sees to it."""


SPECIALS: dict[str, Callable[[random.Random, AbstractPlan, Study, dt.datetime], None]] = {
    "long_title": long_title,
    "rich_title": rich_title,
    "crowd": crowded,
    "group_author": group_author,
    "one_author": one_author,
    "no_affiliations": no_affiliations,
    "wide_table": with_wide_table,
    "many_figures": many_figures,
    "unlabelled": unlabelled,
    "renamed": renamed,
    "override": override,
    "hidden": hidden,
    "both": both,
    "draft": _status(Status.DRAFT, ""),
    "withdrawn": _status(Status.WITHDRAWN, "Withdrawn by the authors before the meeting: one center's data were lost."),
    "retracted": _status(
        Status.RETRACTED,
        "Retracted at the request of the authors: an error in the randomization list was found after publication.",
    ),
    "corrected": _status(
        Status.CORRECTED,
        "Corrected after publication: the number of patients in the second group was misprinted in Results.",
    ),
}


def former_slug(plan: AbstractPlan) -> str:
    """The address an abstract had before it was renamed; "" for the others."""
    return slugify(plan.former_title)
