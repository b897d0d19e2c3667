"""The values that fill the {slots} of prose.toml, all alike through one abstract."""

import random
import re

ACRONYMS = [
    "AURORA-X", "BEACON-9", "CARDINAL-J", "DAYBREAK-2", "ESTUARY", "FALCONET", "GRANITE-R", "HARBOR-3", "JUNIPER-S",
    "KESTREL", "LANTERN-4",
]  # fmt: skip
SOURCES = [
    "Northern Lakes Registry", "Two Rivers Cohort", "Invented Claims Database", "Harborside Biobank",
    "Eleven Cities Study", "Evergreen Early Arthritis Cohort", "Open Plains Network", "Lantern Registry",
]  # fmt: skip
CHILDREN = {"juvenile idiopathic arthritis"}


def sentence_case(markup: str) -> str:
    """`markup` with its first letter a capital; what begins with a tag stays."""
    return markup if markup.startswith("<") else markup[:1].upper() + markup[1:]


def title_case(name: str) -> str:
    """ "giant cell arteritis" → "Giant Cell Arteritis"; words with a capital in them stay."""
    small = {"in", "of", "and", "the"}
    return " ".join(w if w in small or w != w.lower() else w.capitalize() for w in name.split())


class Slots(dict):
    """Fills `str.format_map`; a slot asked for the first time is rolled and kept.

    The trailing number of a name only tells values apart: {pct1} and {pct2} are two shares in per cent.
    """

    def __init__(self, rng: random.Random, disease: dict, n: int):
        super().__init__()
        self.rng = rng
        drug, drug2 = rng.sample(disease["drugs"], 2)
        self |= {
            "D": disease["name"], "DT": title_case(disease["name"]), "Disease": sentence_case(disease["name"]),
            "abbr": disease["abbr"], "index": disease["index"], "women": disease["women"] + rng.randint(-6, 6),
            "tissue": disease["tissue"], "drug": drug, "drug2": drug2,
            "people": "children" if disease["name"] in CHILDREN else "adults",
            "n": f"{n:,}", "half": max(3, n // 2), "screened": n + n // 3,
            "age": f"{disease['age'] + rng.uniform(-4, 4):.1f}±{disease['age'] / 4:.1f}",
            "age2": f"{disease['age'] + rng.uniform(-4, 4):.1f}±{disease['age'] / 4.3:.1f}",
            "sat1": f"{rng.uniform(4, 6):.1f}±1.6", "sat2": f"{rng.uniform(7, 9):.1f}±1.2",
        }  # fmt: skip
        self["high"] = rng.randint(46, 82)
        self["low"] = self["high"] - rng.randint(11, 34)
        self["diff"] = self["high"] - self["low"]
        falling, retained = sorted(rng.sample(range(18, 89), 4)), sorted(rng.sample(range(50, 93), 2))
        shares = [*reversed(falling), rng.randint(20, 50), *reversed(retained), rng.randint(81, 97)]
        self |= {f"pct{i}": share for i, share in enumerate(shares, 1)}
        for kind in ("feature", "marker"):
            some = rng.sample(disease[f"{kind}s"], 3)
            self |= {f"{kind}{i}": name for i, name in enumerate(some, 1)}

    def __missing__(self, name: str):
        if name[0].isupper():
            value = sentence_case(str(self[name[0].lower() + name[1:]]))
        else:
            value = getattr(self, "_" + re.sub(r"\d+$", "", name))()
        self[name] = value
        return value

    def _ratio(self, low: float, high: float) -> str:
        value, spread = self.rng.uniform(low, high), self.rng.uniform(1.15, 1.6)
        return f"{value:.2f} (95% CI {value / spread:.2f}–{value * spread:.2f})"

    def _share(self, low: float, high: float) -> str:
        value, spread = self.rng.uniform(low, high), self.rng.uniform(0.02, 0.06)
        return f"{value:.2f} (95% CI {value - spread:.2f}–{min(0.99, value + spread):.2f})"

    def _hr(self):
        return self._ratio(1.2, 3.1)

    _or = _hr

    def _auc(self):
        return self._share(0.66, 0.93)

    _icc = _auc

    def _kappa(self):
        return f"{self.rng.uniform(0.51, 0.92):.2f}"

    def _rho(self):
        return f"{self.rng.uniform(0.28, 0.74):.2f}"

    def _p(self):
        return f"p={self.rng.choice((0.62, 0.31, 0.11, 0.048, 0.03, 0.012))}"

    def _psmall(self):
        return self.rng.choice(("p&lt;0.001", "p&lt;0.0001", "p=0.002", "p=0.004", "p = 0.01"))

    def _inv(self):
        return self._ratio(0.3, 0.7)

    def _days(self):
        return self.rng.randint(35, 120)

    def _items(self):
        return self.rng.randint(9, 48)

    def _few(self):
        return f"{self.rng.uniform(1.1, 9.8):.1f}"

    def _num(self):
        return self.rng.randint(3, 28)

    def _val(self):
        return f"{self.rng.uniform(2, 19):.1f}±{self.rng.uniform(0.8, 4.9):.1f}"

    def _med(self):
        middle = self.rng.uniform(3, 29)
        return f"{middle:.1f} (IQR {middle * 0.6:.1f}–{middle * 1.7:.1f})"

    def _fold(self):
        return f"{self.rng.uniform(1.4, 6.2):.1f}"

    def _irate(self):
        return f"{self.rng.uniform(0.8, 14):.1f}"

    def _span(self):
        start = self.rng.randint(2001, 2014)
        return f"{start}–{start + self.rng.randint(5, 10)}"

    def _millions(self):
        return f"{self.rng.uniform(1.2, 9.7):.1f}"

    def _cells(self):
        return f"{self.rng.randint(38, 412)},{self.rng.randint(100, 999)}"

    def _trial(self):
        return self.rng.choice(ACRONYMS)

    def _source(self):
        return self.rng.choice(SOURCES)

    def _phase(self):
        return self.rng.choice(("2", "2b", "3", "3", "4"))

    def _wk(self):
        return self.rng.choice((12, 16, 24, 24, 48, 52, 104))

    def _mo(self):
        return self.rng.choice((6, 12, 18, 24, 36, 60))

    def _sites(self):
        return self.rng.randint(6, 140)

    def _countries(self):
        return self.rng.randint(3, 24)

    def _panel(self):
        return self.rng.choice((24, 37, 92, 184, 384))

    def _readers(self):
        return self.rng.randint(2, 9)

    def _clusters(self):
        return self.rng.randint(8, 31)

    def _sec(self):
        return self.rng.randint(2, 40)


class InTitle(dict):
    """The same slots as a title writes them: "bone marrow lesions" → "Bone Marrow Lesions" for {Feature1}."""

    def __init__(self, slots: Slots):
        super().__init__()
        self.slots = slots

    def __missing__(self, name: str):
        value = self.slots[name]
        return title_case(value) if name[0].isupper() and isinstance(value, str) else value
