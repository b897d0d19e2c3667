"""A random archive of few words, so that everything resembles everything: of the public, and hidden beside it.

Rows are imported like a society's. Whatever is random comes from the `random.Random` that is passed.
"""

import datetime as dt
import io
import json
import random
from collections.abc import Iterable
from typing import Any

from abstracts.importing import ImportOptions, run_import
from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting
from abstracts.sample.loading import DATA

# All requests are made at this instant.
AT = dt.datetime(2026, 3, 4, 15, 30, 20, tzinfo=dt.UTC)
LONG_AGO, FAR = dt.date(2019, 1, 1), dt.date(2099, 1, 1)
_WORDS = """
lupus nephritis arthritis rheumatoid gout flare cohort dose tapering synovial biopsy cytokine antibody vasculitis
temporal artery ultrasound registry remission relapse cartilage bone erosion psoriatic spondyloarthritis sclerosis lung
fibrosis uveitis pregnancy pediatric biomarker genome methylation macrophage fibroblast denosumab rituximab methotrexate
follow-up IL-6 TNF-α randomized placebo tumour outcome mortality fatigue pain survey telehealth nurse equity access
RA SLE anaemia haemophilia dialysis kidney stone urate tophus colchicine vaccine zoster infection hospital cost
"""
WORDS = _WORDS.split()
# Of hidden abstracts alone, beside those of WORDS.
_SECRETS = "zygomatrone quellamab brivostatin ombrelizumab farsonide xanthogram vortexin plumeria"
SECRETS = _SECRETS.split()
KEYWORDS = [
    "lupus", "gout", "vasculitis", "nephritis and kidney", "biologic therapy", "Cost and access", "registry",
    "pediatric rheumatology", "ultrasound", "IL-6", "sclerosis", "vaccine",
]  # fmt: skip
# Of hidden abstracts, and of public ones that are published later.
LATER_KEYWORDS = ["Lupus registry", "urate lowering"]
# Of hidden abstracts alone, with another name that the public may search for.
SECRET_KEYWORDS = {"zygomatrone therapy": "fatigue", "kidney": "renal outcome"}
GIVEN = ["Ada", "Bo", "Cyd", "Dörte", "Eva", "Finn"]
FAMILY = ["Amsel", "Birk", "Caro", "Dörner", "Elm", "Fink", "Gral", "Hasel"]
PLACES = [
    "North Clinic, Oslo, Norway", "University of Sint-Elooi, Sint-Elooi, Belgium", "Invented School, Springfield, IL",
    "Hospital of Waterhaven, Waterhaven, Netherlands", "Strathlorne School of Medicine, Strathlorne, United Kingdom",
]  # fmt: skip
SESSIONS = [
    {"code": "P1", "title": "Lupus Posters", "type": "Poster Session", "start": "10:00", "end": "12:00"},
    {"code": "P2", "title": "Gout Posters", "type": "Poster Session", "start": "13:00", "end": "15:00"},
    {"code": "O1", "title": "Vasculitis Talks", "type": "Oral Session", "start": "16:00", "end": "17:00"},
]
FIGURE = {"label": "Figure 1", "alt": "Bars", "file": "last-year-0003-1.png"}
# Name of a tier -> its steps: what shows, and on which day at 9:00. What everything shows of is released.
TIERS = {
    "Released": [("everything", LONG_AGO)],
    "Listed": [("listing", LONG_AGO), ("everything", FAR)],
    "Titled": [("title", LONG_AGO), ("everything", FAR)],
    "Numbered": [("number", LONG_AGO), ("everything", FAR)],
    "Embargoed": [("listing", FAR), ("everything", FAR)],
    "Soon": [("everything", AT.date() + dt.timedelta(days=1))],
    "Held": [("everything", None)],
}
# Of the public, something of these is hidden.
PARTLY = ("Listed", "Titled", "Numbered")
HIDDEN = ("Embargoed", "Soon", "Held")


def make_meeting(name: str, year: int, is_published: bool = True) -> Meeting:
    day = dt.date(year, 10, 24)
    meeting = Meeting.objects.create(
        name=name, year=year, starts_on=day, ends_on=day + dt.timedelta(days=2), city="Springfield",
        timezone="America/Chicago", is_published=is_published,
    )  # fmt: skip
    tiers = EmbargoTier.objects.bulk_create([EmbargoTier(meeting=meeting, name=name) for name in TIERS])
    EmbargoStep.objects.bulk_create(
        EmbargoStep(tier=tier, shows=shows, rule="fixed" if day else "held", date=day, time=dt.time(9) if day else None)
        for tier in tiers
        for shows, day in TIERS[tier.name]
    )
    return meeting


def make_public(rng: random.Random, count: int) -> None:
    """Three meetings with about `count` abstracts, of some of which the public sees a part only."""
    meetings = [make_meeting(f"Invented Forum {year}", year) for year in (2023, 2024, 2025)]
    shown = [{"meeting": rng.choice(meetings), "tier": "Released"} for _ in range(count)]
    shown += [{"meeting": meetings[-1], "tier": tier} for tier in PARTLY for _ in range(3)]
    shown += [{"meeting": meetings[-1], "tier": "Released", "status": "withdrawn", "status_note": "Withdrawn."}] * 2
    store(row(rng, number, **some) for number, some in enumerate(shown, 1))


def public_rows(rng: random.Random, count: int, words: list[str], keywords: list[str]) -> list[dict[str, Any]]:
    """Rows that the public sees, of the meetings that it sees."""
    meetings = list(Meeting.objects.filter(is_published=True).order_by("pk"))
    return [row(rng, 5000 + n, rng.choice(meetings), "Released", words, keywords) for n in range(count)]


def hidden_rows(rng: random.Random, count: int, titles: list[str]) -> list[dict[str, Any]]:
    """Rows of which the public sees nothing: like those of the public, some with one of `titles`, with hidden words."""
    shown = list(Meeting.objects.filter(is_published=True).order_by("pk"))
    unpublished = make_meeting(f"Invented Forum {shown[-1].year + 1}", shown[-1].year + 1, is_published=False)
    rows = []
    for n in range(count):
        state = n % 5
        meeting = unpublished if state == 0 else rng.choice(shown)
        more = {"status": "draft"} if state == 1 else {}
        if state == 2:
            more = {"status": "withdrawn", "status_note": "Withdrawn before it was shown."}
        tier = "Released" if state < 2 else rng.choice(HIDDEN)
        made = row(
            rng, 9000 + n, meeting, tier, [*WORDS, *SECRETS], [*KEYWORDS, *LATER_KEYWORDS, *SECRET_KEYWORDS], **more
        )
        if rng.random() < 0.3:
            made["title"] = rng.choice(titles)
        rows.append(made)
    return rows


def row(
    rng: random.Random,
    number: int,
    meeting: Meeting,
    tier: str,
    words: list[str] = WORDS,
    keywords: list[str] = KEYWORDS,
    **more: Any,
) -> dict[str, Any]:
    """A row as the importer reads it."""
    affiliations = rng.sample(PLACES, 2)
    names = {f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}" for _ in range(rng.randint(1, 4))}
    return {
        "meeting": meeting.slug,
        "number": f"{number:04}",
        "tier": tier,
        "title": some(rng, words, rng.randint(4, 8)).capitalize(),
        "legacy_id": 7_000_000 + number,
        "authors": [{"name": name, "affiliations": [rng.randint(1, 2)]} for name in sorted(names)],
        "affiliations": affiliations,
        "keywords": rng.sample(keywords, rng.randint(1, 4)),
        "sections": [
            {"label": label, "text": f"{some(rng, words, rng.randint(12, 40)).capitalize()}."}
            for label in ("Background/Purpose", "Methods", "Results")
        ],
        "disclosures": f"{min(names)}: None.",
        "trial_ids": f"NCT{rng.randrange(10**8):08}" if rng.random() < 0.2 else "",
        "figures": [
            {"label": "Figure 1", "caption": some(rng, words, 5), "alt": "Bars", "file": "last-year-0003-1.png"}
        ]
        if rng.random() < 0.25
        else [],
        "sessions": [rng.choice(SESSIONS) | {"date": meeting.starts_on.isoformat()}],
        **more,
    }


def some(rng: random.Random, words: list[str], count: int) -> str:
    """`count` of `words`, the first ones more often than the last ones."""
    weights = [1 / (place + 6) for place in range(len(words))]
    return " ".join(rng.choices(words, weights, k=count))


def store(rows: Iterable[dict[str, Any]]) -> list[int]:
    """Import `rows`; the keys of their abstracts."""
    rows = list(rows)
    lines = "\n".join(map(json.dumps, rows)).encode()
    report = run_import(io.BytesIO(lines), ImportOptions(figures=DATA / "figures"))
    assert report.applied, report.as_text()
    legacy_ids = [row["legacy_id"] for row in rows]
    return list(Abstract.unfiltered.filter(legacy_id__in=legacy_ids).order_by("pk").values_list("pk", flat=True))
