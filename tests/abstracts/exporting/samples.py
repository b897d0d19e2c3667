"""Invented abstracts that are hard to export, with all the difficulties of real ones."""

import datetime as dt
from pathlib import Path

from django.utils import timezone

from abstracts import reading
from abstracts.exporting import FORMATS, About
from abstracts.models import Abstract
from abstracts.reading import Document
from abstracts.visibility import ANONYMOUS, Level, Viewer
from tests import factories

GOLDEN = Path(__file__).with_name("golden")
ABOUT = About(
    title="Two invented abstracts",
    site_name="Invented Abstracts",
    site_url="https://abstracts.example.org",
    accessed=dt.date(2026, 11, 22),
    filename_stem="two",
)
TITLE = (
    "CD4<sup>+</sup> T Cells, 10<sup>9</sup>/L, C<sub>max</sub> &amp; TNF-α: “50% of {braces}”, a_b #1 $5 "
    '~x^2 \\alpha &lt;b&gt; "quoted" it\'s <i>in vitro</i>'
)
PLAIN_TITLE = 'CD4⁺ T Cells, 10⁹/L, Cmax & TNF-α: “50% of {braces}”, a_b #1 $5 ~x^2 \\alpha <b> "quoted" it\'s in vitro'
NAMES = [
    ("Ada B van der Rivel", "Ada B", "van der Rivel"),
    ("Thomas Medsger Jr", "Thomas", "Medsger Jr"),
    ("Juan Ramón De Invento-Núñez", "Juan Ramón", "De Invento-Núñez"),
    ("Jean-Pierre O'Sample", "Jean-Pierre", "O'Sample"),
    ("Øystein Ğüneş", "Øystein", "Ğüneş"),
    ("王小明", "小明", "王"),
    ("Plato", "", "Plato"),
]
GROUP = "The Sample and Example Study Group, Part {II} & Co"
LONG_TITLE = ("Outcomes of invented treatment in a cohort that has a very long name; " * 5)[:292].strip()


def awkward() -> Abstract:
    """Abstract 0489 of a meeting with a journal: each field has text that could break a format."""
    meeting = factories.MeetingFactory(
        name="Forum & Convergence 2031", slug="forum-2031", year=2031, starts_on=dt.date(2031, 10, 24), ends_on=None
    )
    abstract = factories.AbstractFactory(
        meeting=meeting,
        number="0489",
        title=TITLE,
        slug="cd4-t-cells",
        doi="10.1002/art.48_9(1)",
        trial_ids="NCT01234567 ISRCTN12345678",
        first_published=dt.date(2031, 10, 26),
        disclosures="<p>A. van der Rivel: None;</p><p>T. Medsger: Acme &amp; Sons, 2.</p>",
        tier=factories.TierFactory(meeting=meeting, name="Regular"),
    )
    _byline(abstract)
    for position, label in enumerate(["Lupus, Nephritis", "B & T cells", "α-Enolase"]):
        keyword = factories.KeywordFactory(name=label)
        factories.AbstractKeywordFactory(abstract=abstract, keyword=keyword, label=label, position=position)
    _sections(abstract)
    _sessions(abstract)
    factories.FigureFactory(abstract=abstract, label="Figure 1", caption="IL-6 &lt; 5 pg/mL<sup>−1</sup>", alt="A & B")
    return abstract


def _byline(abstract: Abstract) -> None:
    places = [
        factories.AffiliationFactory(abstract=abstract, position=n, text=text)
        for n, text in ((1, "Hospital 12 de Mayo, León, Spain"), (2, "R&D; Unit_7, Oslo, Norway"))
    ]
    for position, (name, given, family) in enumerate(NAMES):
        line = factories.AuthorLineFactory(
            abstract=abstract, position=position, name=name, given=given, family=family, is_presenter=position == 1
        )
        if position == 0:
            line.orcid = "0000-0002-1825-0097"
            line.save()
        for place in places[: 1 + position % 2]:
            factories.AuthorAffiliationFactory(author=line, affiliation=place)
    factories.AuthorLineFactory(abstract=abstract, position=90, name=GROUP, given="", family="", is_group=True)


def _sections(abstract: Abstract) -> None:
    factories.SectionFactory(abstract=abstract, position=0, label="", html="<p>=1+1 is no formula.</p>")
    factories.SectionFactory(
        abstract=abstract,
        position=1,
        label="Background/Purpose:",
        html="<p>p &lt; 0.05 &amp; 10<sup>9</sup> H<sub>2</sub>O.</p><p>ER  - \nTY  - BOOK</p><ul><li>one</li></ul>",
    )
    table = "<table><tr><th>Arm</th><th><p>n</p></th></tr><tr><td>A</td><td>10</td></tr></table>"
    factories.SectionFactory(abstract=abstract, position=2, label="R&amp;D", html=table)


def _sessions(abstract: Abstract) -> None:
    for title, kind, time, start in (
        ("Posters: A & B", "Poster Session", dt.time(10, 30), None),
        ("Plenary; I", "Plenary", dt.time(16), dt.time(16, 15)),
    ):
        session = factories.SessionFactory(
            meeting=abstract.meeting, title=title, type=kind, date=dt.date(2031, 10, 26), start_time=time, end_time=None
        )
        factories.PresentationFactory(abstract=abstract, session=session, position=3, start_time=start)


def long_one(meeting) -> Abstract:
    """An abstract with only a title of 292 characters and 65 authors."""
    abstract = factories.AbstractFactory(
        meeting=meeting, number="L17", title=LONG_TITLE, slug="long-one", disclosures=""
    )
    for n in range(65):
        factories.AuthorLineFactory(
            abstract=abstract, position=n, name=f"Given{n} Family{n}", given=f"Given{n}", family=f"Family{n}"
        )
    return abstract


def two() -> list[Document]:
    """Both as the public sees them."""
    first = awkward()
    return documents(first, long_one(first.meeting))


def documents(*abstracts: Abstract, viewer: Viewer = ANONYMOUS) -> list[Document]:
    rows = Abstract.objects.visible_to(viewer, timezone.now(), least=Level.LISTED).select_related("meeting")
    by_pk = {row.pk: row for row in rows.filter(pk__in=[abstract.pk for abstract in abstracts])}
    return reading.documents([by_pk[abstract.pk] for abstract in abstracts])


def written(name: str, documents: list[Document], about: About = ABOUT) -> bytes:
    return b"".join(FORMATS[name].write(iter(documents), about))


def golden(name: str, content: bytes) -> bytes:
    """The expected file of a format, byte for byte. (Delete it to write it again.)"""
    path = GOLDEN / f"two.{FORMATS[name].extension}"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return path.read_bytes()
