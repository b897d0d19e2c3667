import datetime as dt
import zoneinfo

import pytest

from abstracts.importing.affiliations import parse_affiliation
from abstracts.importing.sections import is_promise, learn_labels, promised_instant, split_text
from abstracts.importing.typed_text import resolve_entities, text_html, title_html

CHICAGO = zoneinfo.ZoneInfo("America/Chicago")


def test_labels_at_paragraph_starts_only():
    text = split_text(
        "Background/Purpose: Joints: many of them.\n\nMethods: We counted.\n\n"
        "Three groups, low-dose. X-4: all of them.\n\n"
        "Note well: this is a sentence.\n\nResults: Fine.\n\nResults: Again."
    )
    assert text.sections == [
        ("Background/Purpose", ["Joints: many of them."]),
        ("Methods", ["We counted.", "Three groups, low-dose. X-4: all of them.", "Note well: this is a sentence."]),
        ("Results", ["Fine."]),
        ("Results", ["Again."]),
    ]


def test_text_without_labels_is_one_section():
    assert split_text("One.\n\nTwo.").sections == [("", ["One.", "Two."])]
    assert split_text("").sections == []


def test_labels_are_learned_from_several_rows():
    rows = ["Voice of the patient: x\n\nOnce only: y"] * 3 + ["Another word: z"]
    labels = learn_labels(rows)
    assert "voice of the patient" in labels
    assert "another word" not in labels
    assert split_text(rows[0], labels).sections == [("Voice of the patient", ["x"]), ("Once only", ["y"])]


def test_figure_captions():
    text = split_text(
        "Results: Figure 1 shows it.\n\nSupporting image 1Figure 1. Course of a score.\n\nFigure 2. Another."
        "\n\nSupporting image 3"
    )
    assert text.captions == [
        ("Supporting image 1", "Figure 1. Course of a score."),
        ("Figure 2", "Another."),
        ("Supporting image 3", ""),
    ]
    assert text.sections == [("Results", ["Figure 1 shows it."])]


def test_promise_is_one_short_sentence():
    assert is_promise("Details of this abstract will be released on October 25th, 10:00 am CT.")
    assert not is_promise("Results: The drug will be available.\n\nMethods: None.")
    assert not is_promise("We counted.")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("released on October 25th, 10:00 am CT.", dt.datetime(2025, 10, 25, 15, tzinfo=dt.UTC)),
        ("released on Oct. 25, 2024 at 1 p.m. ET", dt.datetime(2024, 10, 25, 17, tzinfo=dt.UTC)),
        ("released on October 25, 10:00 am", dt.datetime(2025, 10, 25, 15, tzinfo=dt.UTC)),
        ("released on October 25, 10:00 am XYZ", None),
        ("released on Ju 25, 10:00 am", None),
        ("released on February 30, 10:00 am", None),
        ("released soon", None),
    ],
)
def test_promised_instants_only_if_clear(text, instant):
    assert promised_instant(text, 2025, CHICAGO) == instant


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("p<0.05 & a<b", "p&lt;0.05 &amp; a&lt;b"),
        ("CD4<sup>+</sup> in <i>vivo</i>", "CD4<sup>+</sup> in <i>vivo</i>"),
        ("a <b c", "a &lt;b c"),
        ("lone </i> and <i> tags", "lone &lt;/i&gt; and &lt;i&gt; tags"),
        ("&#8220;β&#8221; &amp; R&D &lt;5", "“β” &amp; R&amp;D &lt;5"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("<B>bold</b>", "<b>bold</b>"),
    ],
)
def test_typed_text_becomes_html_without_loss(typed, html):
    assert title_html(typed) == html


def test_html_stays_the_same_when_converted_again():
    for typed in ("p<0.05 & a<b", "x <i>y</i> &amp;lt; z"):
        assert title_html(title_html(typed)) == title_html(typed)


def test_paragraphs_and_line_breaks():
    assert text_html(["a<b\nc", "d"]) == "<p>a&lt;b<br>c</p><p>d</p>"
    assert resolve_entities("&copy R&D &nbsp;&eacute;") == "&copy R&D \xa0é"


@pytest.mark.parametrize(
    ("text", "institution", "country"),
    [
        ("Department of Rest, University of Invention, Oslo, Norway", "University of Invention", "Norway"),
        ("Rheumatology. Hospital Universitario 12 de Mayo, Leon, Spain", "Hospital Universitario 12 de Mayo", "Spain"),
        ("Acme Therapeutics, Watertown, MA", "Acme Therapeutics", "United States"),
        ("Invented Ltd, Nowhere, China (People's Republic)", "Invented Ltd", "China"),
        ("North Clinic, Birmingham, UK, United Kingdom", "North Clinic", "United Kingdom"),
        ("Somewhere", "", ""),
    ],
)
def test_institution_and_country(text, institution, country):
    assert parse_affiliation(text) == (institution, country)
