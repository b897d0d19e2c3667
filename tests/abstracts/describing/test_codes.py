"""The QR code of an address, and the pages that have it."""

import re
import zlib

import pytest
import qrcode

from abstracts.describing import qr_code
from tests.factories import AbstractFactory

ADDRESS = "https://abstracts.example.org/abstract/" + "a-" * 60 + "/"


def modules(path: str, size: int) -> list[list[bool]]:
    """The modules of a path, read stroke by stroke."""
    drawn = [[False] * size for _ in range(size)]
    x = y = 0
    for command, number in re.findall(r"(M0 |m|h)([\d.]+)", path):
        if command == "M0 ":
            x, y = 0, int(float(number))
            continue
        if command == "h":
            drawn[y][x : x + int(number)] = [True] * int(number)
        x += int(number)
    return drawn


def test_path_draws_the_modules():
    code = qr_code(ADDRESS)
    expected = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=4, mask_pattern=2)
    expected.add_data(ADDRESS)
    expected.make(fit=True)
    assert modules(code.path, code.size) == expected.get_matrix()


def test_code_is_small():
    assert len(zlib.compress(qr_code(ADDRESS).path.encode())) < 1300


@pytest.mark.django_db
@pytest.mark.parametrize("state", [{}, {"shell": True}])
def test_abstract_has_the_code_of_its_canonical_address(client, state):
    abstract = AbstractFactory(number="0007", **state)
    path = f"/meetings/{abstract.meeting.slug}/0007/" if state else abstract.get_absolute_url()
    page = client.get(path).content.decode()
    assert f'<path d="{qr_code("https://abstracts.example.org" + path).path}" stroke="#000"' in page
    assert '<a class="button quiet" href="#code">' in page
