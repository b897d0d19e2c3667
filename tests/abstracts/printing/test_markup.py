"""HTML of sections as data: no text is lost, and tables are laid out as in browsers."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from abstracts.printing.markup import blocks_of, laid_out, runs_of
from abstracts.words.text import block_html, plain_text


def words(blocks) -> str:
    """All text of blocks, in order, on one line."""
    parts = []
    for block in blocks:
        if block["t"] == "table":
            parts += [run[0] for run in block["caption"]]
            parts += [words(cell["b"]) for cell in block["cells"]]
        elif block["t"] in ("ul", "ol"):
            parts += [words(item) for item in block["items"]]
        elif block["t"] == "quote":
            parts.append(words(block["b"]))
        else:
            parts.append("".join(run[0] for run in block["r"]))
    return " ".join(" ".join(parts).split())


def test_tags_become_marks_of_runs():
    assert runs_of("CD11c<sup>+</sup> <i>in <b>vivo</b></i>, H<sub>2</sub>O") == [
        ["CD11c", []], ["+", ["sup"]], [" ", []], ["in ", ["i"]], ["vivo", ["b", "i"]], [", H", []], ["2", ["sub"]],
        ["O", []],
    ]  # fmt: skip


def test_entities_are_resolved_and_markup_of_typst_is_text():
    assert runs_of("a &lt; b &amp; *c* #eval(1) $x$") == [["a < b & *c* #eval(1) $x$", []]]


def test_paragraphs_lists_quotes_and_text_outside_of_them():
    blocks = blocks_of("before<p>one<br>two</p><ol start='3'><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ol>after")
    assert [block["t"] for block in blocks] == ["p", "p", "ol", "p"]
    assert blocks[1]["r"] == [["one", []], ["\n", []], ["two", []]]
    assert blocks[2]["start"] == 3
    assert [[b["t"] for b in item] for item in blocks[2]["items"]] == [["p", "ul"], ["p"]]
    assert words(blocks) == "before one two a b c after"


TABLE = (
    "<table><caption>Table 1</caption><thead><tr><th rowspan=2>Group</th><th colspan=2>Week</th></tr>"
    "<tr><th>4</th><th>8</th></tr></thead><tbody><tr><td>A</td><td>1</td><td>2</td></tr><tr><td>B</td></tr></tbody></table>"
)


def test_table_is_laid_out_as_in_browsers():
    (table,) = blocks_of(TABLE)
    assert (table["cols"], table["rows"], table["head"]) == (3, 4, 2)
    places = {words(cell["b"]): (cell["x"], cell["y"], cell["c"], cell["r"]) for cell in table["cells"]}
    assert places == {
        "Group": (0, 0, 1, 2), "Week": (1, 0, 2, 1), "4": (1, 1, 1, 1), "8": (2, 1, 1, 1),
        "A": (0, 2, 1, 1), "1": (1, 2, 1, 1), "2": (2, 2, 1, 1), "B": (0, 3, 1, 1),
    }  # fmt: skip


def test_spans_end_with_the_table_and_cells_do_not_overlap():
    html = "<table><tr><td rowspan=9>a</td><td colspan=99999>b</td></tr><tr><td colspan=0>c</td></tr></table>"
    (table,) = blocks_of(html)
    taken = [
        (cell["x"] + i, cell["y"] + j) for cell in table["cells"] for i in range(cell["c"]) for j in range(cell["r"])
    ]
    assert len(taken) == len(set(taken))
    assert table["cols"] == 60
    assert max(y for _, y in taken) == 1


def test_cells_beyond_the_last_column_keep_their_words():
    (table,) = blocks_of(f"<table><tr>{''.join(f'<td>w{n}</td>' for n in range(70))}</tr></table>")
    assert all(f"w{n}" in words([table]).split() for n in range(70))


def test_long_words_in_many_columns_can_be_broken():
    cells = "".join(f"<td>{n}</td>" for n in range(6))
    (table,) = blocks_of(f"<table><tr>{cells}<td>0.123(0.101–0.245)abcdefghijklmnopqrstuvw</td></tr></table>")
    text = table["cells"][-1]["b"][0]["r"][0][0]
    assert max(map(len, text.split("\u200b"))) <= 14
    assert text.replace("\u200b", "") == "0.123(0.101–0.245)abcdefghijklmnopqrstuvw"


@pytest.mark.parametrize("html", ["", "   ", "<p></p>", "<table></table>", "<ul></ul>", "</td></p>"])
def test_html_without_content(html):
    assert words(blocks_of(html)) == ""


def test_empty_table_has_no_columns():
    assert laid_out({"trs": [], "caption": []})["cols"] == 0


TAGS = st.sampled_from(
    [
        "p",
        "/p",
        "table",
        "/table",
        "tr",
        "/tr",
        "td",
        "/td",
        "th",
        "/th",
        "ul",
        "li",
        "/li",
        "/ul",
        "ol",
        "/ol",
        "b",
        "/b",
        "sub",
        "/sub",
        "br",
        "caption",
        "/caption",
        "thead",
        "/thead",
        "blockquote",
        "/blockquote",
    ],
).map("<{}>".format)


@example(html="<ol>stray")
@example(html="<ul><li>one</li>stray</ul>")
@given(st.lists(TAGS | st.text("abcαβ≥&<>é ", min_size=1, max_size=4), max_size=25).map("".join))
def test_no_word_of_sanitized_html_is_lost(html):
    clean = block_html(html)
    text = words(blocks_of(clean)).replace("\u200b", "")
    assert sorted(text.replace(" ", "")) == sorted(plain_text(clean).replace(" ", ""))
