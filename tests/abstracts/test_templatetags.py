"""Filters are pure: no database is touched here."""

import pytest
from django.core.paginator import Paginator

from abstracts.models import Figure, Rendition
from abstracts.reading import Author, FigureView
from abstracts.templatetags import archive


def author(name, numbers=(), url=""):
    return Author(name, "", "", list(numbers), url)


def test_byline_links_numbers_and_escapes():
    line = archive.byline([author("A <b>", [1, 2], "/authors/a/"), author("C & D")])
    assert line == '<a href="/authors/a/">A &lt;b&gt;</a><sup>1,2</sup>, C &amp; D'


def test_short_bylines_end_after_six():
    seven = [author(f"A{n}") for n in range(7)]
    assert archive.authors_short(seven) == "A0, A1, A2, A3, A4, A5 <span>and 1 more</span>"
    assert "more" not in archive.authors_short(seven[:6])


@pytest.mark.parametrize(
    ("trial", "address"),
    [
        ("NCT01234567", "https://clinicaltrials.gov/study/NCT01234567"),
        ("nct01234567", "https://clinicaltrials.gov/study/NCT01234567"),
        ("ISRCTN12345678", "https://www.isrctn.com/ISRCTN12345678"),
    ],
)
def test_trials_are_linked_to_their_register(trial, address):
    assert archive.trial_link(trial) == f'<a href="{address}" rel="external">{trial}</a>'


def test_other_trials_are_text():
    assert archive.trial_link("UMIN<1>") == "UMIN&lt;1&gt;"


def test_each_table_has_a_box():
    boxed = archive.with_scrolling_tables("<p>a</p><table><tr></tr></table><table></table>")
    assert boxed.count('<div class="scroll"') == boxed.count("</table></div>") == 2
    assert archive.with_scrolling_tables("<p>a</p>") == "<p>a</p>"


def test_widths_end_with_the_full_one():
    view = FigureView(Figure(pk=7, width=900), "/figures/7/", [Rendition(width=480)])
    assert archive.srcset(view) == "/figures/7/480/ 480w, /figures/7/ 900w"


def test_long_lists_of_pages_are_elided():
    assert archive.elided(Paginator(range(1000), 10).page(50)) == [1, "…", 48, 49, 50, 51, 52, "…", 100]


def test_groups_have_anchors():
    assert archive.group_anchor("2020–2009 Meetings") == "group-2020-2009-meetings"
    assert archive.group_anchor("会议") == "group-more"
