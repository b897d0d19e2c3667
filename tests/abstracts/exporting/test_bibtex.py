import bibtexparser
import pytest
from bibtexparser import middlewares

from .samples import LONG_TITLE, PLAIN_TITLE, golden, two, written

pytestmark = pytest.mark.django_db
READ = [
    middlewares.SeparateCoAuthors(),
    middlewares.LatexDecodingMiddleware(),
    middlewares.SplitNameParts(),
]


def read(content: bytes):
    library = bibtexparser.parse_string(content.decode(), append_middleware=READ)
    assert not library.failed_blocks
    return [(entry, {key: field.value for key, field in entry.fields_dict.items()}) for entry in library.entries]


def test_golden():
    content = written("bibtex", two())
    assert content == golden("bibtex", content)


def test_bibtexparser_reads_it_back():
    (entry, first), (_, second) = read(written("bibtex", two()))
    assert (entry.key, entry.entry_type) == ("forum-2031-0489", "article")
    # pylatexenc reads \textasciicircum as another circumflex.
    assert first["title"].removeprefix("{").removesuffix("}").replace("ˆ", "^") == PLAIN_TITLE
    names = first["author"]
    assert (names[0].von, names[0].last, names[0].first) == (["van", "der"], ["Rivel"], ["Ada", "B"])
    assert (names[1].last, names[1].jr, names[1].first) == (["Medsger"], ["Jr"], ["Thomas"])
    assert len(names) == 8
    assert names[-1].last == [r"{The Sample and Example Study Group, Part \{II\} \& Co}"]
    assert (first["journal"], first["volume"], first["number"]) == ("J Invented Rheum", "7", "suppl 9")
    assert first["doi"] == "10.1002/art.48_9(1)"
    assert "p < 0.05 & 10⁹ H₂O" in first["abstract"]
    assert second["title"].strip("{}") == LONG_TITLE
    assert len(second["author"]) == 65


def test_unpaired_braces():
    documents = two()
    documents[0].abstract.title = "Open { and \\ and }} twice {"
    assert len(read(written("bibtex", documents))) == 2
    assert r"{{Open \textbraceleft{} and \textbackslash{} and \textbraceright{}\textbraceright{} twice" in (
        written("bibtex", documents).decode()
    )


def test_meeting_without_a_journal_gives_proceedings():
    documents = two()
    documents[0].abstract.meeting.journal = ""
    [(entry, first)] = read(written("bibtex", documents[:1]))
    assert entry.entry_type == "inproceedings"
    assert first["booktitle"] == "Forum & Convergence 2031"


def test_no_documents():
    assert written("bibtex", []) == b""
