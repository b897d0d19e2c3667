"""Where the sample's chances come from: the same every time."""

import random
import tomllib
from functools import cache
from pathlib import Path

SEED = "sample of the abstract archive, 1"


def dice(*names: object) -> random.Random:
    """The dice of one thing, named by `names`: what one thing rolls does not depend on any other."""
    return random.Random("/".join(map(str, (SEED, *names))))  # noqa: S311 - nothing secret is made of it


@cache
def words(name: str) -> dict:
    """The content of `<name>.toml` beside this module."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
