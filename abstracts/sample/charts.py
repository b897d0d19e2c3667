"""Invented figures: what a chart shows, in numbers; drawn by `drawing`.

Each maker rolls the numbers and says in words what they show: the caption, and the alternative text for those
who do not see the image.
"""

import math
import random
from dataclasses import dataclass, field

from .slots import Slots


@dataclass
class Chart:
    """A chart in numbers. `form` is the way it is drawn: lines, steps, bars, dots or heat.

    series: name → values, for lines, steps and dots (x, y) pairs; for bars and heat one number per category.
    """

    form: str
    caption: str
    alt: str
    x_label: str
    y_label: str
    series: dict[str, list]
    categories: list[str] = field(default_factory=list)
    x_max: float = 1
    y_max: float = 100


def chart_of(rng: random.Random, kind: str, slots: Slots) -> Chart:
    """A chart of `kind` (a name of MAKERS) about the study of `slots`."""
    return MAKERS[kind](rng, slots)


def _approach(rng: random.Random, start: float, end: float, xs: list[int]) -> list[tuple[float, float]]:
    pace = xs[-1] / 3
    return [(x, start + (end - start) * (1 - math.exp(-x / pace)) + rng.uniform(-1.5, 1.5) * (x > 0)) for x in xs]


def response_lines(rng: random.Random, slots: Slots) -> Chart:
    xs = list(range(0, int(slots["wk"]) + 1, 4))
    series = {slots["Drug"]: _approach(rng, 1.5, slots["high"], xs), "Placebo": _approach(rng, 1.5, slots["low"], xs)}
    return Chart(
        "lines",
        f"Share of patients with a response in {slots['index']} by week.",
        f"Line chart over {slots['wk']} weeks: {slots['drug']} rises to {slots['high']}%, placebo to {slots['low']}%.",
        "Week", "Responders, %", series, x_max=xs[-1],
    )  # fmt: skip


def score_lines(rng: random.Random, slots: Slots) -> Chart:
    xs = list(range(0, 13, 3))
    series = {f"Patient group {i}": _approach(rng, rng.uniform(55, 90), rng.uniform(12, 45), xs) for i in (1, 2, 3)}
    ends = ", ".join(f"group {i} to {values[-1][1]:.0f}" for i, values in enumerate(series.values(), 1))
    return Chart(
        "lines", f"Course of {slots['index']} over 12 months, by tertile of disease duration.",
        f"Line chart of a score falling over 12 months: {ends}.", "Month", "Score, % of maximum", series, x_max=12,
    )  # fmt: skip


def incidence_lines(rng: random.Random, slots: Slots) -> Chart:
    xs = list(range(21))
    series = {
        name: [(x, base + x * slope + rng.uniform(-2, 2)) for x in xs]
        for name, base, slope in (("Women", rng.uniform(50, 70), 0.9), ("Men", rng.uniform(20, 40), 0.5))
    }
    return Chart(
        "lines", f"Rate of {slots['D']} by year and sex; year 0 is the first of the study.",
        "Line chart over 20 years: the rate in women is about twice that in men, and both rise slowly.",
        "Year of study", "Rate per million", series, x_max=20,
    )  # fmt: skip


def roc(rng: random.Random, slots: Slots) -> Chart:
    names = {slots["marker1"]: rng.uniform(0.22, 0.4), "Both markers": rng.uniform(0.1, 0.2), "Chance": 1.0}
    series = {name: [(i / 20, 100 * (i / 20) ** power) for i in range(21)] for name, power in names.items()}
    return Chart(
        "lines", f"Receiver operating characteristic for {slots['feature1']}.",
        "Curves of sensitivity against 1 − specificity: both markers together lie above one marker, and that above "
        "the diagonal of chance.",
        "1 − specificity", "Sensitivity, %", series,
    )  # fmt: skip


def drug_survival(rng: random.Random, slots: Slots) -> Chart:
    series, told = {}, []
    for name, hazard in ((slots["Drug"], rng.uniform(0.008, 0.015)), (slots["Drug2"], rng.uniform(0.02, 0.035))):
        left, steps = 100.0, [(0, 100.0)]
        for month in range(1, 37):
            left *= 1 - hazard * rng.uniform(0, 2)
            steps.append((month, left))
        series[name] = steps
        told.append(f"{name} {left:.0f}%")
    return Chart(
        "steps", "Kaplan–Meier curves of retention; small ticks are censored patients.",
        f"Two falling step curves over 36 months; still treated at the end: {', '.join(told)}.",
        "Month", "Still treated, %", series, x_max=36,
    )  # fmt: skip


def _bars(caption: str, categories: list[str], series: dict[str, list[int]], y_label: str) -> Chart:
    said = "; ".join(
        f"{name}: " + ", ".join(f"{c} {v}" for c, v in zip(categories, values, strict=True))
        for name, values in series.items()
    )
    top = 25 * math.ceil(max(v for values in series.values() for v in values) / 25 + 0.2)
    return Chart("bars", caption, f"Bar chart. {said}.", "", y_label, series, categories, y_max=top)


def response_bars(rng: random.Random, slots: Slots) -> Chart:
    series = {
        slots["Drug"]: [slots["high"], rng.randint(30, 60), rng.randint(15, 40)],
        "Comparison": [slots["low"], rng.randint(12, 35), rng.randint(4, 20)],
    }
    return _bars(
        "Response after treatment by degree of improvement.", ["20% better", "50% better", "70% better"], series,
        "Patients, %",
    )  # fmt: skip


def marker_bars(rng: random.Random, slots: Slots) -> Chart:
    categories = ["Active", "Inactive", "Controls"]
    series = {
        slots["marker1"]: [rng.randint(60, 90), rng.randint(25, 50), rng.randint(5, 20)],
        slots["marker2"]: [rng.randint(40, 80), rng.randint(20, 50), rng.randint(5, 25)],
    }
    return _bars("Level of both markers by disease state, in units of the assay.", categories, series, "Units")


def hazard_bars(rng: random.Random, slots: Slots) -> Chart:
    series = {
        "First year": [rng.randint(22, 60) for _ in range(4)],
        "Later years": [rng.randint(6, 20) for _ in range(4)],
    }
    return _bars(
        "Events per 1,000 patient-years by cause.", ["Infection", "Heart", "Cancer", "Fracture"], series, "Events"
    )


def scatter(rng: random.Random, slots: Slots) -> Chart:
    points = [(x, min(98, max(2, 15 + 0.65 * x + rng.gauss(0, 13)))) for x in (rng.uniform(2, 98) for _ in range(70))]
    return Chart(
        "dots", f"{slots['Marker1']} against {slots['index']}; each dot is one patient.",
        "Scatter plot of 70 patients: higher marker levels go with higher disease activity, with much spread.",
        "Disease activity, % of maximum", "Marker level, units", {"Patients": points}, x_max=100,
    )  # fmt: skip


def heat_map(rng: random.Random, slots: Slots) -> Chart:
    genes = ["IFI44L", "MX1", "ISG15", "CXCL13", "CD19", "IL6", "COL1A1", "TNF", "FOXP3", "CXCL9"]
    rows = {
        g: [rng.betavariate(*((4, 2) if (i < 4) == (x < 9) else (2, 5))) for x in range(20)]
        for i, g in enumerate(genes)
    }
    return Chart(
        "heat", f"Expression of ten genes in {slots['tissue']} of 20 samples; dark is high.",
        "Heat map of ten genes by 20 samples: four interferon and chemokine genes are high in the first nine samples, "
        "the other six in the rest.",
        "Sample", "", rows, [str(i + 1) for i in range(20)],
    )  # fmt: skip


MAKERS = {
    maker.__name__: maker
    for maker in (
        response_lines, score_lines, incidence_lines, roc, drug_survival, response_bars, marker_bars, hazard_bars,
        scatter, heat_map,
    )
}  # fmt: skip
