import pytest

from abstracts.search.snippets import MAX_LENGTH, best_piece, marked

TEXT = "Nothing is here. Levels of IL-6 were high (p<0.05), it seems. Follow-up of the cohorts; and levels, of IL-6."


@pytest.mark.parametrize(
    ("marks", "piece"),
    [
        ({"unheard"}, "Nothing is here. Levels of IL-6 were high (p<0.05), it seems."),
        (
            {"level", "il", "6"},
            "Levels of IL-6 were high (p<0.05), it seems. Follow-up of the cohorts; and levels, of IL-6.",
        ),
        ({"level", "cohort"}, "Follow-up of the cohorts; and levels, of IL-6."),
        ({"seem"}, "Levels of IL-6 were high (p<0.05), it seems. Follow-up of the cohorts; and levels, of IL-6."),
    ],
)
def test_best_piece_begins_with_the_first_sentence_of_most_marks(marks, piece):
    assert best_piece([TEXT], marks) == piece


def test_best_piece_looks_through_all_parts():
    assert best_piece(["", "One part. Two parts.", "Three parts."], {"three"}) == "Three parts."
    assert best_piece(["", " "], {"x"}) == ""


def test_long_piece_is_cut_around_its_first_mark():
    piece = best_piece([f"{'word ' * 100}gout {'word ' * 100}"], {"gout"})
    assert piece.startswith("… word")
    assert piece.endswith("word …")
    assert "gout" in piece
    assert len(piece) <= MAX_LENGTH + 4


@pytest.mark.parametrize(
    ("text", "marks", "html"),
    [
        (
            "Levels (of IL-6), <b>levels</b>.",
            {"level"},
            "<mark>Levels</mark> (of IL-6), &lt;b&gt;<mark>levels</mark>&lt;/b&gt;.",
        ),
        ("IL-6/IL-17 & il-6,", {"6"}, "<mark>IL-6</mark>/IL-17 &amp; <mark>il-6</mark>,"),
        ("One  two\nthree", {"two", "three"}, "One  <mark>two</mark>\n<mark>three</mark>"),
        ("“Sjögren’s” TNFα", {"sjogren", "tnf"}, "“<mark>Sjögren’s</mark>” <mark>TNFα</mark>"),
        ("cyclo\u00adphosphamide", {"cyclophosphamid"}, "<mark>cyclo\u00adphosphamide</mark>"),
        ("None 'here'", {"x"}, "None &#x27;here&#x27;"),
        ("", {"x"}, ""),
    ],
)
def test_marked_text_is_escaped_and_has_its_words_marked(text, marks, html):
    assert marked(text, marks) == html
