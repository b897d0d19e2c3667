"""Whole abstracts through the law: nothing above the level of a row, in a constant number of queries."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile

from abstracts import reading
from abstracts.models import Abstract, AuthorLine, Presentation, Rendition, Section
from abstracts.visibility import ANONYMOUS, Level, Role, Unreadable, Viewer
from tests.factories import (
    AbstractFactory,
    AffiliationFactory,
    AuthorAffiliationFactory,
    AuthorLineFactory,
    FigureFactory,
    PresentationFactory,
    SectionFactory,
    SessionFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
STAFF = Viewer(Role.STAFF, 1)


def seen(viewer=ANONYMOUS):
    return Abstract.objects.visible_to(viewer, NOW).select_related("meeting")


def read(viewer=ANONYMOUS):
    return reading.document(seen(viewer).get())


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("reader", "queries"), [(reading.rows, 3), (reading.documents, 7)])
def test_number_of_queries_is_constant(count, reader, queries, django_assert_num_queries):
    for _ in range(count):
        whole_abstract(authors=count, keywords=count)
    with django_assert_num_queries(queries):
        abstracts = reader(seen())
    assert len(abstracts) == count


def test_no_abstracts_no_queries(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert reading.rows([]) == []
        assert reading.documents([]) == []


PARTS = {"authors": 2, "affiliations": 1, "keywords": 2, "sections": 4, "figures": 1}


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        ({}, {"authors", "affiliations", "keywords", "sections", "figures"}),
        ({"withdrawn": True}, {"authors", "affiliations", "keywords"}),
        ({"listing": True}, {"authors", "affiliations", "keywords"}),
        ({"shell": True}, set()),
    ],
    ids=["released", "withdrawn", "listing", "shell"],
)
def test_document_has_what_its_level_shows(state, parts):
    whole_abstract(**state)
    document = read()
    assert {name: len(getattr(document, name)) for name in PARTS} == {
        name: count if name in parts else 0 for name, count in PARTS.items()
    }
    assert len(document.slots) == 1
    assert (document.is_titled, document.is_full) == ("authors" in parts, "sections" in parts)
    assert not document.is_ahead_of_release
    staff = read(STAFF)
    assert {name: len(getattr(staff, name)) for name in PARTS} == PARTS
    assert staff.is_ahead_of_release == (document.abstract.level < Level.FULL)


def test_one_list_with_rows_of_every_level():
    for state in ({}, {"listing": True}, {"shell": True}, {"embargoed": True}, {"draft": True}):
        whole_abstract(**state)
    rows = reading.rows(seen().order_by("pk"))
    assert [row.abstract.level for row in rows] == [Level.FULL, Level.LISTED, Level.SHELL]
    assert [len(row.authors) for row in rows] == [2, 2, 0]
    assert [row.url.split("/")[1] for row in rows] == ["abstract", "abstract", "meetings"]


def test_authors_have_the_numbers_of_their_affiliations_in_order():
    abstract = AbstractFactory()
    first, second = (AffiliationFactory(abstract=abstract, position=n) for n in (1, 2))
    ada = AuthorLineFactory(abstract=abstract, position=0, name="Ada", is_presenter=True)
    bob = AuthorLineFactory(abstract=abstract, position=1, name="Bob", family="", given="", person=None)
    AuthorAffiliationFactory(author=ada, affiliation=second)
    AuthorAffiliationFactory(author=ada, affiliation=first)
    document = read()
    assert [(a.name, a.numbers, bool(a.url), a.is_presenter) for a in document.authors] == [
        ("Ada", [1, 2], True, True),
        (bob.name, [], False, False),
    ]
    assert [a.position for a in document.affiliations] == [1, 2]


def test_sections_and_keywords_are_in_order():
    abstract = AbstractFactory()
    for position, label in ((2, "Conclusion"), (0, "Methods"), (1, "Results")):
        SectionFactory(abstract=abstract, position=position, label=label)
    assert [s.label for s in read().sections] == ["Methods", "Results", "Conclusion"]


def test_slots_are_sorted_by_time_undated_last():
    abstract = AbstractFactory(meeting__year=2024)
    undated = SessionFactory(meeting=abstract.meeting, date=None, start_time=None, end_time=None)
    late = SessionFactory(meeting=abstract.meeting, start_time=dt.time(15), end_time=None)
    early = SessionFactory(meeting=abstract.meeting)
    for session in (undated, late, early):
        PresentationFactory(abstract=abstract, session=session, start_time=dt.time(15, 5))
    slots = read().slots
    assert [slot.session for slot in slots] == [early, late, undated]
    assert slots[0].start_time == dt.time(15, 5)
    assert slots[0].url == early.get_absolute_url()


def test_figures_with_an_image_have_an_address_and_renditions_narrowest_first():
    abstract = AbstractFactory()
    bare = FigureFactory(abstract=abstract, position=0)
    figure = FigureFactory(abstract=abstract, position=1, image=ContentFile(b"x", name="a.png"))
    for width in (1280, 640):
        Rendition.unfiltered.create(figure=figure, width=width, height=1, image=ContentFile(b"x", name="a.png"))
    first, second = read().figures
    assert (first.figure.pk, first.url, first.renditions) == (bare.pk, "", [])
    assert second.url == f"/figures/{figure.key}/"
    assert [r.width for r in second.renditions] == [640, 1280]


def test_abstracts_from_unfiltered_are_refused():
    whole_abstract(shell=True)
    with pytest.raises(Unreadable):
        reading.document(Abstract.unfiltered.get())


def test_parts_depend_on_the_level_of_each_abstract_and_are_lawful():
    for state in ({}, {"listing": True}, {"shell": True}):
        whole_abstract(**state)
    abstracts = list(seen().order_by("pk"))
    assert {s.abstract_id for s in Section.objects.of(abstracts)} == {abstracts[0].pk}
    assert {a.abstract_id for a in AuthorLine.objects.of(abstracts)} == {a.pk for a in abstracts[:2]}
    assert {p.abstract_id for p in Presentation.objects.of(abstracts)} == {a.pk for a in abstracts}
    with pytest.raises(Unreadable):
        Presentation.objects.of(abstracts)[0].abstract  # noqa: B018
    with pytest.raises(Unreadable):
        Presentation.objects.of(abstracts).filter(abstract__title="x")
