"""Every style, word for word; and the fast AMA of the abstract's page, which has to say what citeproc says."""

import datetime as dt

import pytest

from abstracts.citing import STYLES, cite
from abstracts.citing.ama import ama, ama_html
from abstracts.models import Abstract, Meeting
from abstracts.reading import Author, Document
from abstracts.visibility import Level
from abstracts.words.plain import line

DAY = dt.date(2026, 11, 22)
SITE = "https://example.org"


def author(given, family, name="", is_group=False):
    return Author(name or f"{given} {family}".strip(), family, given, [], "", is_group=is_group)


TWO = [author("Miriam Ana", "Retuerto Sample"), author("Jean-Pierre", "Moritz Jr")]
GROUP = author("", "", "The R&D <Group>", is_group=True)
AWKWARD = "CD4<sup>+</sup> 10<sup>9</sup> &amp; TNF-α &lt;b&gt;: “quoted”, <i>in vitro</i>?"
FIELDS = {"name": "Forum 2025", "year": 2025, "journal": "J Invented Rheum", "volume": "77", "supplement": "suppl 9"}


def document(title="Invented Results", authors=TWO, **meeting):
    abstract = Abstract(title=title, meeting=Meeting(**(FIELDS | meeting)))
    abstract.level = Level.LISTED
    return Document(abstract, "/abstract/x/", list(authors))


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (
            "ama",
            "Retuerto Sample M, Moritz J Jr. Invented Results. [abstract]. J Invented Rheum. 2025; 77 (suppl 9). "
            "https://example.org/abstract/x/. Accessed November 22, 2026.",
        ),
        (
            "vancouver",
            "Retuerto Sample MA, Moritz JP Jr. Invented Results [abstract]. J Invented Rheum. 2025;77(suppl 9) "
            "[cited 2026 Nov 22]. Available from: https://example.org/abstract/x/",
        ),
        (
            "apa",
            "Retuerto Sample, M. A., & Moritz, J.-P., Jr. (2025). Invented Results [Abstract]. J Invented Rheum, "
            "77(suppl 9). https://example.org/abstract/x/",
        ),
        (
            "chicago",
            "Retuerto Sample, Miriam Ana, and Jean-Pierre Moritz Jr. 2025. “Invented Results.” Abstract. "
            "J Invented Rheum 77 (suppl 9). Accessed November 22, 2026. https://example.org/abstract/x/.",
        ),
        (
            "mla",
            "Retuerto Sample, Miriam Ana, and Jean-Pierre Moritz Jr. “Invented Results.” J Invented Rheum, vol. 77, "
            "suppl 9, 2025, https://example.org/abstract/x/. Abstract. Accessed 22 November 2026.",
        ),
        (
            "harvard",
            "Retuerto Sample, M.A. and Moritz, J.-P., Jr. (2025) ‘Invented Results’ [abstract], J Invented Rheum, "
            "77(suppl 9). Available at: https://example.org/abstract/x/ (Accessed: 22 November 2026).",
        ),
    ],
)
def test_words(style, text):
    assert cite(document(), STYLES[style], SITE, DAY).text == text


SHAPES = [
    document(),
    document(title="Ends in a question?"),
    document(title="Ends."),
    document(title=AWKWARD, authors=[*TWO, GROUP]),
    document(authors=[]),
    document(authors=[GROUP]),
    document(authors=[author("", "Plato"), author("öykü", "Çelik"), author("", "", "Somebody Unparsed")]),
    document(authors=[author("Thomas", "Medsger, Jr."), author("Ada", "van der Rivel III")]),
    document(authors=[author(f"Given{n}", f"Family{n}") for n in range(65)]),
    document(supplement=""),
    document(supplement="", volume=""),
    document(citation_year=2026),
    document(journal="", volume="", supplement=""),
    document(journal="Ann. Rheum. Dis."),
    document(journal="A & B <J>"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_the_fast_ama_is_that_of_citeproc(shape):
    slow = cite(shape, STYLES["ama"], SITE, DAY)
    assert ama(shape, SITE, DAY) == slow.text
    assert ama_html(shape, SITE, DAY) == slow.html
    assert line(ama_html(shape, SITE, DAY)) == slow.text


@pytest.mark.parametrize("style", STYLES)
def test_text_is_escaped_and_marks_of_titles_stay(style):
    cited = cite(document(title=AWKWARD, authors=[*TWO, GROUP]), STYLES[style], SITE, DAY)
    assert "CD4<sup>+</sup> 10<sup>9</sup> &amp; TNF-α &lt;b&gt;" in cited.html
    assert "<i>in vitro</i>" in cited.html
    assert "<b>" not in cited.html
    assert "CD4⁺ 10⁹ & TNF-α <b>: “quoted”, in vitro?" in cited.text
    assert "\n" not in cited.text


@pytest.mark.parametrize(
    ("style", "named"), [("ama", 65), ("vancouver", 65), ("apa", 20), ("chicago", 7), ("mla", 1), ("harvard", 1)]
)
def test_how_many_authors_a_style_names(style, named):
    many = [author(f"Given{n}", f"Family{n}") for n in range(65)]
    assert cite(document(authors=many), STYLES[style], SITE, DAY).text.count("Family") == named
