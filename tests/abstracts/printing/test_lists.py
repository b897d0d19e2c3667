"""Lists of abstracts as PDF, read back by other programs."""

import datetime as dt
import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from abstracts import reading
from abstracts.models import Abstract, Figure, Section
from abstracts.models.imaging import store_figure_image
from abstracts.printing import LAYOUTS, Printout, lists, pdf_of
from abstracts.printing.compiling import Busy, NotTypeset
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests import factories
from tests.abstracts.printing.pdfs import bookmarks_of, is_tagged, keeps, pages_of, text_of

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 22, 12, 30, 15, 123, tzinfo=dt.UTC)
STAFF = Viewer(Role.STAFF, 1)


def printout(**changes) -> Printout:
    return Printout(
        **{"title": "My list", "site_name": "The Site", "site_url": "https://x.example", "made_at": AT, **changes}
    )


def printed(viewer=ANONYMOUS, **changes) -> bytes:
    rows = Abstract.objects.visible_to(viewer, dt.datetime.now(dt.UTC)).select_related("meeting").order_by("pk")
    return pdf_of(reading.documents(rows), printout(**changes))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_accessible_and_complete(layout):
    for number in ("0001", "0002"):
        factories.whole_abstract(number=number, title=f"Title of <i>number</i> {number}")
    pdf = printed(layout=layout)
    text = text_of(pdf)
    assert is_tagged(pdf)
    assert keeps(pdf, "pdfuaid:part")
    assert keeps(pdf, "pdfaid:part")
    for number in ("0001", "0002"):
        assert f"{number} Title of number {number}" in text
    assert ("We counted invented patients." in text) == (layout != "compact")
    assert "November 22, 2026" in text
    assert "Page 1 of" in text
    assert [item for part in bookmarks_of(pdf) if isinstance(part, list) for item in part] == [
        "0001 Title of number 0001",
        "0002 Title of number 0002",
    ]


def test_margins_have_title_and_authors_when_each_abstract_has_its_page():
    for number in ("0001", "0002"):
        abstract = factories.whole_abstract(number=number, title=f"Long {number}")
        factories.SectionFactory(abstract=abstract, html="<p>very long</p>" * 150)
    pages = pages_of(printed(layout="pages"))
    long = [page for page in pages if "very long very long" in page]
    assert len(long) > 4
    assert all(page.startswith(("0001 Long 0001 Rüdiger", "0002 Long 0002 Rüdiger")) for page in long)
    assert not [page for page in pages if "Long 0001 Rüdiger" in page[:40] and "0002 Long 0002" in page[40:]][1:]


def test_single_abstract_has_no_contents():
    factories.whole_abstract(number="0007", title="The only one")
    pdf = printed(layout="abstracts", title="The only one")
    assert "Contents" not in text_of(pdf)
    assert bookmarks_of(pdf) == ["0007 The only one"]


def test_empty_print_says_so():
    assert "0 abstracts" in text_of(printed())


@pytest.mark.parametrize(("paper", "width"), [("letter", 612), ("a4", 595)])
def test_paper(paper, width):
    from pypdf import PdfReader

    factories.whole_abstract()
    page = PdfReader(io.BytesIO(printed(paper=paper))).pages[0]
    assert int(page.mediabox.width) == width


def test_only_abstracts_ahead_of_release_have_the_banner_on_each_page():
    secret = factories.whole_abstract(number="0001", title="Under embargo", embargoed=True)
    factories.SectionFactory(abstract=secret, html="<p>very long</p>" * 200)
    factories.whole_abstract(number="0002", title="Open to all")
    for layout in ("pages", "abstracts"):
        pages = pages_of(printed(STAFF, layout=layout))
        of_secret = [page for page in pages if "very long" in page]
        assert len(of_secret) > 2
        assert all("EMBARGOED" in page for page in of_secret)
    of_open = [page for page in pages_of(printed(STAFF, layout="pages")) if page.startswith("0002 Open")]
    assert of_open
    assert not any("EMBARGOED" in page for page in of_open)


def test_markup_of_typst_in_data_stays_text():
    nasty = '#eval("1+1") $x^2$ *bold* @ref <label> `raw` \\ // no comment /* none */ = no heading #sys.version'
    abstract = factories.whole_abstract(title=nasty.replace("<label>", "&lt;label&gt;"))
    Section.unfiltered.filter(abstract=abstract).update(html=f"<p>{nasty.replace('<label>', '&lt;label&gt;')}</p>")
    text = text_of(printed())
    for piece in ('#eval("1+1") $x^2$ *bold* @ref <label> `raw`', "// no comment /* none */ = no heading #sys.version"):
        assert text.count(piece) >= 2, piece


def test_letters_of_the_field_are_printed():
    letters = "αβγδ κ Ω ≥ ≤ ± × → ≈ √ µ ‰ † H₂O CD4⁺ Łódź Şule Çelik Nguyễn Þór Дмитрий 山田太郎 김철수 王"
    factories.whole_abstract(title=letters)
    pdf = printed()
    text = text_of(pdf)
    for word in letters.split():
        assert word in text, word
    assert "[U+" not in text
    assert keeps(pdf, "pdfuaid:part")


def test_character_that_no_font_has_is_named():
    abstract = factories.whole_abstract(title="Thai ก and \U0001f600 in a title")
    factories.SectionFactory(abstract=abstract, html="<p>joined e\u0301 and \U0001f469\u200d\u2695\ufe0f here</p>")
    pdf = printed()
    text = text_of(pdf)
    assert "Thai [U+0E01] and [U+1F600] in a title" in text
    assert "[U+1F469]" in text
    assert keeps(pdf, "pdfuaid:part")


def test_tables_lists_and_marks_are_printed():
    first = "<tr><td rowspan=2>r{0}</td><td colspan=2>x{0}</td></tr>"
    rows = "".join((first + "<tr><td>y{0}</td><td>z{0}</td></tr>").format(n) for n in range(60))
    abstract = factories.whole_abstract()
    html = f"<table><caption>Cap</caption><tr><th>A</th><th colspan=2>B</th></tr>{rows}</table>"
    html += "<ul><li>point one<ol><li>sub</li></ol></li></ul>"
    factories.SectionFactory(abstract=abstract, html=html + "<blockquote>quoted</blockquote><h3>Head</h3>")
    pdf = printed()
    text = text_of(pdf)
    assert all(f"{letter}{n}" in text for letter in "rxyz" for n in range(60))
    assert all(word in text for word in ("Cap", "point one", "sub", "quoted", "Head"))
    assert keeps(pdf, "pdfuaid:part")


def test_table_of_thirty_columns_with_long_words_fits_the_page():
    cells = "".join(f"<td>0.123(0.101-0.245)p&lt;0.00{n}</td>" for n in range(30))
    abstract = factories.whole_abstract()
    factories.SectionFactory(abstract=abstract, html=f"<table>{f'<tr>{cells}</tr>' * 3}</table>")
    assert is_tagged(printed())


def with_image(figure: Figure, mode: str = "RGB", size=(3000, 400)) -> None:
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    store_figure_image(figure, ContentFile(file.getvalue(), "a.png"))


@pytest.mark.parametrize(
    ("mode", "size"), [("RGB", (3000, 400)), ("RGBA", (40, 900)), ("L", (10, 10)), ("P", (600, 400))]
)
def test_figures_are_printed(mode, size):
    from pypdf import PdfReader

    factories.whole_abstract()
    with_image(Figure.unfiltered.get(), mode, size)
    pdf = printed()
    assert sum(len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages) == 1
    assert "Course of an invented score." in text_of(pdf)


@pytest.mark.parametrize("content", [None, b"no image at all"])
def test_missing_or_damaged_image_gives_a_note(content):
    factories.whole_abstract()
    figure = Figure.unfiltered.get()
    figure.image = ContentFile(content or b"x", name="a.png")
    figure.save()
    if content is None:
        figure.image.storage.delete(figure.image.name)
    text = text_of(printed())
    assert "Course of an invented score. [The image is not available.]" in text.replace("score.[", "score. [")


def test_text_is_not_printed_before_release():
    shell = factories.whole_abstract(number="0001", title="Zqtitle", shell=True)
    listing = factories.whole_abstract(number="0002", title="Listed title", listing=True)
    withdrawn = factories.whole_abstract(number="0003", title="Taken back", withdrawn=True)
    for abstract in (shell, listing, withdrawn):
        Section.unfiltered.filter(abstract=abstract).update(html="<p>zqsecret</p>")
    text = text_of(printed())
    assert "Zqtitle" not in text
    assert "zqsecret" not in text
    assert "Listed title" in text
    assert "This abstract has been withdrawn. Withdrawn at the authors' request." in text.replace("’", "'")


def test_machine_makes_one_large_print_at_a_time(monkeypatch, tmp_path):
    monkeypatch.setattr(lists, "LARGE", 1)
    monkeypatch.setattr(lists, "LOCK_TIMEOUT", 0)
    monkeypatch.setattr(lists.tempfile, "gettempdir", lambda: str(tmp_path))
    factories.AbstractFactory()
    with lists._lock():
        with pytest.raises(Busy):
            printed()
        monkeypatch.setattr(lists, "LARGE", 2)
        assert is_tagged(printed()), "small prints need no lock"
    monkeypatch.setattr(lists, "LARGE", 1)
    assert is_tagged(printed())


def test_machine_makes_a_limited_number_of_prints_at_a_time(monkeypatch, tmp_path, settings):
    """A print beyond it is refused before its documents are read."""
    monkeypatch.setattr(lists.tempfile, "gettempdir", lambda: str(tmp_path))
    settings.PDFS_AT_ONCE = 2
    factories.AbstractFactory()

    def unread():
        raise AssertionError("documents were read")
        yield

    with lists._slot():
        assert is_tagged(printed())
        with lists._slot(), pytest.raises(Busy):
            pdf_of(unread(), printout())
    assert is_tagged(printed())


def test_typesetting_has_a_timeout(monkeypatch):
    monkeypatch.setattr(lists, "TIMEOUT", 0.001)
    factories.AbstractFactory()
    with pytest.raises(NotTypeset, match="not done after"):
        printed()
