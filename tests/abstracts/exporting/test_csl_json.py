import json

import pytest
from citeproc.source.json import CiteProcJSON

from .samples import GROUP, LONG_TITLE, golden, two, written

pytestmark = pytest.mark.django_db


def test_golden():
    content = written("csl-json", two())
    assert content == golden("csl-json", content)


def test_it_is_read_back():
    first, second = json.loads(written("csl-json", two()))
    assert first["title"] == (
        "CD4<sup>+</sup> T Cells, 10<sup>9</sup>/L, C<sub>max</sub> & TNF-α: “50% of {braces}”, a_b #1 $5 "
        '~x^2 \\alpha <b> "quoted" it\'s <i>in vitro</i>'
    )
    assert first["author"][1] == {"family": "Medsger", "given": "Thomas", "suffix": "Jr"}
    assert first["author"][-1] == {"literal": GROUP}
    assert first["issued"] == {"date-parts": [[2031]]}
    assert first["event-date"] == {"date-parts": [[2031, 10, 26]]}
    assert second["title"] == LONG_TITLE
    assert len(second["author"]) == 65


def test_citeproc_accepts_it():
    items = json.loads(written("csl-json", two()))
    for item in items:
        # It is of CSL 1.0.2; citeproc-py knows 1.0.1 and warns.
        del item["event-title"]
    source = CiteProcJSON(items)
    assert set(source) == {"forum-2031-0489", "forum-2031-l17"}


def test_no_documents_give_an_empty_array():
    assert json.loads(written("csl-json", [])) == []
