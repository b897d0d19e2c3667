"""QR codes, by which printed abstracts lead to their pages."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import qrcode
from qrcode.constants import ERROR_CORRECT_L

MARGIN = 4  # modules; scanners need it
# Scanners read each of the eight masks. The search for the best one took half the time of an abstract's page.
MASK = 2


@dataclass(frozen=True)
class QrCode:
    """`path`: the dark modules as an SVG path with a stroke of one unit; `size`: units of a side, with the margin."""

    path: str
    size: int


@functools.lru_cache(maxsize=4096)
def qr_code(address: str) -> QrCode:
    """The code of `address`. Each run of dark modules is one stroke, which keeps it below 1 kB compressed."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=MARGIN, mask_pattern=MASK)
    code.add_data(address)
    code.make(fit=True)
    matrix = code.get_matrix()
    return QrCode("".join(_runs(matrix)), len(matrix))


def _runs(matrix: list[list[bool]]) -> Iterator[str]:
    """Strokes along the middle of each row for dark modules, and moves over light ones."""
    for y, row in enumerate(matrix):
        if not any(row):
            continue
        runs = [(dark, len(list(run))) for dark, run in groupby(row)]
        yield f"M0 {y}.5"
        yield from (f"h{length}" if dark else f"m{length} 0" for dark, length in runs[:-1])
