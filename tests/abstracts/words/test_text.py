import pytest
from hypothesis import given
from hypothesis import strategies as st

from abstracts.words.text import (
    block_html,
    escape,
    fold,
    inline_html,
    page_html,
    plain_text,
    slugify,
    sort_key,
    squeeze,
    strip_controls,
)

from ..worlds import bounded

anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
markup = st.lists(
    st.sampled_from(
        ["<i>", "</i>", "<p>", "<script>", "</script>", "<b", "&lt;", "&amp;lt;", "&", "<", ">", "α", " x "]
    )
    | st.text(max_size=5),
    max_size=12,
).map("".join)


@given(anything)
@bounded
def test_characters_that_databases_refuse_are_removed(text):
    for clean in (strip_controls(text), squeeze(text), fold(text), inline_html(text), block_html(text)):
        clean.encode("utf-8")
        assert "\x00" not in clean


@given(anything)
@bounded
def test_fold_gives_lower_case_and_is_idempotent(text):
    once = fold(text)
    assert once == once.lower() == fold(once)
    assert sort_key(sort_key(text)) == sort_key(text)


@given(st.text(st.characters(max_codepoint=127)))
@bounded
def test_ascii_folds_as_it_does_beside_other_letters(text):
    assert fold(f"{text} é") == f"{fold(text)} e".strip()


@given(markup)
@bounded
def test_sanitizing_is_idempotent_and_leaves_only_known_tags(text):
    for clean in (inline_html, block_html, page_html):
        once = clean(text)
        assert clean(once) == once
        assert "<script" not in once
    assert "\n" not in inline_html(text)


@given(st.text(max_size=40))
@bounded
def test_plain_text_survives_escape_and_back(text):
    assert plain_text(escape(text)) == squeeze(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("α-Synuclein", "alpha-synuclein"),
        ("ΑΝΤΊ", "alphanutauiota"),
        ("µg", "mug"),
        ("Sjögren’s", "sjogren's"),
        ("Łukasz Øst Straße æ œ þ ð", "lukasz ost strasse ae oe th d"),
        ("ﬁbrosis", "fibrosis"),
        ("№ 5, Drug™", "no 5, drug"),
        ("TNF–α", "tnf-alpha"),
        ("𝛽 cells", "beta cells"),
        ("类风湿", "类风湿"),
        ("İstanbul", "istanbul"),
        ("\ufeffcyclo\u00adphospha\u200bmide", "cyclophosphamide"),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


def test_different_scripts_never_fold_to_one():
    assert fold("李雷") != fold("李磊")


@pytest.mark.parametrize(
    ("text", "length", "slug"),
    [
        ("One two three", 200, "one-two-three"),
        ("One two three", 7, "one-two"),
        ("One two three", 8, "one-two"),
        ("One two three", 12, "one-two"),
        ("One two three", 13, "one-two-three"),
        ("Unbreakable", 5, "unbre"),
        ("  --?? ", 200, ""),
        ("β-blockers & “x”", 200, "beta-blockers-x"),
    ],
)
def test_slugs_are_cut_at_a_word(text, length, slug):
    assert slugify(text, length) == slug


@given(anything, st.integers(1, 40))
@bounded
def test_slugs_are_ascii_words_of_bounded_length(text, length):
    slug = slugify(text, length)
    assert len(slug) <= length
    assert slug == "" or all(word.isascii() and word.isalnum() for word in slug.split("-"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<b>Bold</b> H<sub>2</sub>O <u>x</u>", "<b>Bold</b> H<sub>2</sub>O x"),
        ("a<script>alert(1)</script>b", "ab"),
        ('<i onclick="x" style="y">z</i>', "<i>z</i>"),
        ("two\nlines", "two lines"),
        ("p &lt; 0.05 &amp; q", "p &lt; 0.05 &amp; q"),
    ],
)
def test_titles_have_inline_marks_only(given, kept):
    assert inline_html(given) == kept


def test_sections_have_tables_but_no_links_or_images():
    table = '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>'
    assert block_html(table + '<a href="https://x.example">l</a><img src="x">') == table + "l"


def test_pages_have_links_but_no_scripts():
    assert 'href="https://x.example"' in page_html('<h2>T</h2><a href="https://x.example">l</a>')
    assert "javascript" not in page_html('<a href="javascript:alert(1)">l</a>')


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("a<br>b", "a b"),
        ("<tr><td>1</td><td>2</td></tr>", "1 2"),
        ("H<sub>2</sub>O &lt; &amp;amp;", "H2O < &amp;"),
    ],
)
def test_plain_text(html, plain):
    assert plain_text(html) == plain
