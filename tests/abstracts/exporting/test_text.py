import pytest

from abstracts.words import plain

from .samples import LONG_TITLE, PLAIN_TITLE, golden, two, written

pytestmark = pytest.mark.django_db


def test_golden():
    content = written("text", two())
    assert content == golden("text", content)


def test_all_parts_are_in_the_text():
    text = written("text", two()).decode()
    for words in (PLAIN_TITLE, LONG_TITLE, "Family64", "Arm | n\n", "A | 10", "– one", "Thomas Medsger Jr (1,2)"):
        assert words in text


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("plain &amp; simple", ["plain & simple"]),
        ("10<sup>9</sup>/L, m<sup>−2</sup>, 2<sup>nd</sup>", ["10⁹/L, m⁻², 2nd"]),
        ("10<sup>1.5</sup>", ["10^1.5"]),
        ("H<sub>2</sub>O, C<sub>max</sub>, IC<sub>50</sub>", ["H₂O, Cmax, IC₅₀"]),
        ("x<sup>a<i>b</i></sup>&lt;y", ["xab<y"]),
        ("<p>one</p><p>two<br>three</p>", ["one", "two", "three"]),
        ("<ul><li>one</li><li><p>two</p></li></ul>", ["– one", "– two"]),
        ("<table><tr><td><p>a</p><p>b</p></td><td></td><td>c</td></tr></table>", ["a b | | c"]),
        ("", []),
    ],
)
def test_html_as_lines(markup, lines):
    assert plain.paragraphs(markup) == lines


def test_no_documents_give_only_the_header():
    assert (
        written("text", []).decode() == "Two invented abstracts\nInvented Abstracts – https://abstracts.example.org\n"
    )
