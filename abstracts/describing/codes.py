"""The square (QR) code of an address, by which a printed abstract leads back to its page."""

from dataclasses import dataclass
from itertools import groupby

import qrcode
from qrcode.constants import ERROR_CORRECT_L

QUIET = 4  # modules of margin that readers need


@dataclass(frozen=True)
class SquareCode:
    """`path`: the dark modules as an SVG path, one unit each; `size`: units on each side, margin included."""

    path: str
    size: int


def square_code(address: str) -> SquareCode:
    """The code of `address`. Runs of modules are drawn as one, which keeps it at about 1 kB compressed."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=QUIET)
    code.add_data(address)
    code.make(fit=True)
    matrix = code.get_matrix()
    return SquareCode("".join(_runs(matrix)), len(matrix))


def _runs(matrix: list[list[bool]]):
    for y, row in enumerate(matrix):
        for dark, run in groupby(enumerate(row), key=lambda module: module[1]):
            modules = list(run)
            if dark:
                yield f"M{modules[0][0]} {y}h{len(modules)}v1h-{len(modules)}z"
