"""What an invented abstract says: its title, sections, tables, keywords and figures."""

import random
from dataclasses import dataclass, field

from ..words.text import plain_text
from .charts import Chart, chart_of
from .dice import words
from .slots import InTitle, Slots, sentence_case

LABELS = {
    "background": "Background/Purpose", "methods": "Methods", "results": "Results", "conclusion": "Conclusion",
    "intervention": "Intervention", "maintenance": "Maintenance", "quality": "Quality of life",
}  # fmt: skip


@dataclass
class FigurePlan:
    label: str
    caption: str
    alt: str
    chart: Chart | None


@dataclass
class Study:
    """One invented study; `sections` are (label, HTML), `keywords` as an author would type them."""

    kind: str
    disease: str
    title: str
    sections: list[tuple[str, str]]
    keywords: list[str]
    slots: Slots
    figures: list[FigurePlan] = field(default_factory=list)


def make_study(rng: random.Random, kind: str, disease: str, turn: int = 0) -> Study:
    """A study of `kind` (a table of prose.toml) on `disease` (one of diseases.toml).

    Studies of one kind with different `turn` have differently worded titles, as far as there are wordings.
    """
    prose, about = words("prose")[kind], words("diseases")[disease]
    slots = Slots(rng, about, rng.randint(*prose["n"]))
    title = sentence_case(prose["titles"][turn % len(prose["titles"])].format_map(InTitle(slots)))
    study = Study(kind, disease, title, _sections(rng, prose, about, slots), _keywords(rng, prose, about), slots)
    _illustrate(rng, study)
    return study


def _sections(rng: random.Random, prose: dict, about: dict, slots: Slots) -> list[tuple[str, str]]:
    if "quality" in prose:
        parts = {name: rng.choice(prose[name]) for name in ("background", "intervention", "maintenance", "quality")}
        return [(LABELS[name], f"<p>{text.format_map(slots)}</p>") for name, text in parts.items()]
    texts = {
        "background": [rng.choice(about["background"]), rng.choice(prose["background"])],
        "methods": [rng.choice(part) for part in prose["methods"]],
        "results": _some(rng, prose["results"]),
        "conclusion": [rng.choice(some) for some in prose["conclusion"]],
    }
    sections = [(LABELS[name], paragraph(sentences, slots)) for name, sentences in texts.items()]
    if "(Table 1)" in sections[2][1]:
        sections[2] = (LABELS["results"], sections[2][1] + baseline_table(rng, slots))
    return sections


def _illustrate(rng: random.Random, study: Study) -> None:
    """A figure for six in ten of the studies whose results mention one; the others do without the mention."""
    label, text = study.sections[2]
    if "Figure 1)" in text and rng.random() < 0.6:
        study.figures = figures_of(rng, study, 1)
    else:
        study.sections[2] = (label, text.replace(" (Figure 1)", "").replace("; Figure 1)", ")"))


def _some(rng: random.Random, parts: list[list[str]]) -> list[str]:
    """One alternative of each part; two of some with three or more, which go together."""
    return [
        sentence for part in parts for sentence in rng.sample(part, 2 if len(part) > 2 and rng.random() < 0.6 else 1)
    ]


def paragraph(sentences: list[str], slots: Slots) -> str:
    """The sentences as one HTML paragraph, slots filled."""
    return "<p>" + " ".join(s.format_map(slots) for s in sentences if s) + "</p>"


def _keywords(rng: random.Random, prose: dict, about: dict) -> list[str]:
    some = rng.sample(prose["keywords"], min(2, len(prose["keywords"])))
    return list(dict.fromkeys([about["keyword"], *rng.sample(about["keywords"], rng.randint(1, 3)), *some]))


def baseline_table(rng: random.Random, slots: Slots) -> str:
    """Table 1: who was studied, in two groups."""
    groups = (sentence_case(slots["drug"]), "Comparison")
    rows = {
        "Age, years, mean±SD": [slots["age"], slots["age2"]],
        "Women, %": [slots["women"], min(99, slots["women"] + rng.randint(-4, 4))],
        f"{slots['Index']}, mean±SD": [slots["val1"], slots["val2"]],
        f"{slots['Feature1']}, %": [slots["pct1"], slots["pct2"]],
        f"{slots['Marker1']} positive, %": [rng.randint(20, 80), rng.randint(20, 80)],
        "Prednisone ≤5 mg/day, %": [slots["low"], slots["high"]],
    }
    return table("Table 1. Baseline characteristics", ["Characteristic", *groups], rows)


def wide_table(rng: random.Random, slots: Slots) -> str:
    """A table of thirteen columns, wider than any telephone."""
    visits = [f"Week {week}" for week in range(0, 48, 4)]
    names = [slots["Index"], "Pain, 0–100", "Fatigue, 0–100", "C-reactive protein, mg/L", slots["Feature1"] + ", %"]
    rows = {name: [f"{rng.uniform(3, 80) * (1 - i / 18):.1f}" for i in range(len(visits))] for name in names}
    return table("Table 2. Course of all outcomes by visit (mean)", ["Outcome", *visits], rows)


def table(caption: str, heads: list[str], rows: dict[str, list]) -> str:
    """An HTML table: one row of column heads, each row led by its own head."""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        for name, cells in rows.items()
    )
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def figures_of(rng: random.Random, study: Study, count: int) -> list[FigurePlan]:
    """`count` figures fit for the study; where it has no kind of figure, bars."""
    kinds = words("prose")[study.kind]["figures"] or ["response_bars"]
    plans = []
    for i in range(count):
        chart = chart_of(rng, kinds[i % len(kinds)] if count > 1 else rng.choice(kinds), study.slots)
        plans.append(FigurePlan(f"Figure {i + 1}", chart.caption, plain_text(chart.alt), chart))
    return plans
