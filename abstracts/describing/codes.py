"""The square (QR) code of an address, by which a printed abstract leads back to its page."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import qrcode
from qrcode.constants import ERROR_CORRECT_L

QUIET = 4  # modules of margin that readers need
# Readers take any of the eight masks; to weigh them all took half the time of an abstract's page.
MASK = 2


@dataclass(frozen=True)
class SquareCode:
    """`path`: the dark modules as an SVG path to be stroked one unit wide; `size`: units a side, with the margin."""

    path: str
    size: int


@functools.lru_cache(maxsize=4096)
def square_code(address: str) -> SquareCode:
    """The code of `address`. Runs of modules are drawn as one, which keeps it below 1 kB compressed."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=QUIET, mask_pattern=MASK)
    code.add_data(address)
    code.make(fit=True)
    matrix = code.get_matrix()
    return SquareCode("".join(_runs(matrix)), len(matrix))


def _runs(matrix: list[list[bool]]) -> Iterator[str]:
    """Strokes along the middle of each row: the runs of dark modules, with moves over the light ones between."""
    for y, row in enumerate(matrix):
        if not any(row):
            continue
        runs = [(dark, len(list(run))) for dark, run in groupby(row)]
        yield f"M0 {y}.5"
        yield from (f"h{length}" if dark else f"m{length} 0" for dark, length in runs[:-1])
