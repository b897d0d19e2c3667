"""Citations in every style, word for word."""

import datetime as dt

import pytest

from abstracts.citing import STYLES, cite
from abstracts.citing.ama import ama_html, ama_text
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
def test_citation_of_each_style(style, text):
    assert cite(document(), STYLES[style], SITE, DAY).text == text


AMA = [
    (document(), "{two} Invented Results. [abstract]. <i>J Invented Rheum</i>. {issue}."),
    (document(title="Ends in a question?"), "{two} Ends in a question? [abstract]. <i>J Invented Rheum</i>. {issue}."),
    (document(title="Ends."), "{two} Ends. [abstract]. <i>J Invented Rheum</i>. {issue}."),
    (
        document(title=AWKWARD, authors=[*TWO, GROUP]),
        "Retuerto Sample M, Moritz J Jr, The R&amp;D &lt;Group&gt;. CD4<sup>+</sup> 10<sup>9</sup> &amp; TNF-α "
        "&lt;b&gt;: “quoted”, <i>in vitro</i>? [abstract]. <i>J Invented Rheum</i>. {issue}.",
    ),
    (document(authors=[]), "Invented Results. [abstract]. <i>J Invented Rheum</i>. {issue}."),
    (
        document(authors=[GROUP]),
        "The R&amp;D &lt;Group&gt;. Invented Results. [abstract]. <i>J Invented Rheum</i>. {issue}.",
    ),
    (
        document(authors=[author("", "Plato"), author("öykü", "Çelik"), author("", "", "Somebody Unparsed")]),
        "Plato, Çelik Ö, Somebody Unparsed. Invented Results. [abstract]. <i>J Invented Rheum</i>. {issue}.",
    ),
    (
        document(authors=[author("Thomas", "Medsger, Jr."), author("Ada", "van der Rivel III")]),
        "Medsger T Jr, van der Rivel A III. Invented Results. [abstract]. <i>J Invented Rheum</i>. {issue}.",
    ),
    (
        document(authors=[author(f"Given{n}", f"Family{n}") for n in range(65)]),
        ", ".join(f"Family{n} G" for n in range(65))
        + ". Invented Results. [abstract]. <i>J Invented Rheum</i>. {issue}.",
    ),
    (document(supplement=""), "{two} Invented Results. [abstract]. <i>J Invented Rheum</i>. 2025; 77."),
    (document(supplement="", volume=""), "{two} Invented Results. [abstract]. <i>J Invented Rheum</i>. 2025."),
    (document(citation_year=2026), "{two} Invented Results. [abstract]. <i>J Invented Rheum</i>. 2026; 77 (suppl 9)."),
    (
        document(journal="", volume="", supplement=""),
        "{two} Invented Results. [abstract]. <i>Forum 2025</i>. 2025.",
    ),
    (document(journal="Ann. Rheum. Dis."), "{two} Invented Results. [abstract]. <i>Ann. Rheum. Dis</i>. {issue}."),
    (document(journal="A & B <J>"), "{two} Invented Results. [abstract]. <i>A &amp; B &lt;J&gt;</i>. {issue}."),
]


@pytest.mark.parametrize(("shape", "words"), AMA, ids=range(len(AMA)))
def test_ama_html(shape, words):
    """What citeproc-py wrote with a CSL file for AMA, before the function became the only rule."""
    start = words.replace("{two}", "Retuerto Sample M, Moritz J Jr.").replace("{issue}", "2025; 77 (suppl 9)")
    html = f"{start} https://example.org/abstract/x/. Accessed November 22, 2026."
    assert ama_html(shape, SITE, DAY) == html
    assert ama_text(shape, SITE, DAY) == line(html)
    assert cite(shape, STYLES["ama"], SITE, DAY) == (html, line(html))


@pytest.mark.parametrize("style", STYLES)
def test_text_is_escaped_and_tags_of_titles_stay(style):
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
