import datetime as dt

import pytest

from abstracts.models import Abstract, AuthorLine, Meeting, Section, Session
from abstracts.reading import in_order_of
from abstracts.visibility import ANONYMOUS, Level, Unreadable
from abstracts.visibility.prepared import SIZES, SOME_INSTANT, PreparedQuery
from tests.factories import AbstractFactory, AuthorLineFactory, MeetingFactory, SectionFactory, SessionFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
names = PreparedQuery(
    Meeting, lambda keys: Meeting.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "name")
)


def test_no_keys_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert list(names.rows([])) == []


@pytest.mark.parametrize("count", [1, 2, 6])
def test_rows_of_any_number_of_keys_in_one_query(count, django_assert_num_queries):
    meetings = MeetingFactory.create_batch(7)[:count]
    for _ in range(2):
        with django_assert_num_queries(1):
            assert [tuple(row) for row in names.rows([m.pk for m in meetings])] == [(m.pk, m.name) for m in meetings]


def test_many_keys_are_split_over_several_queries(django_assert_num_queries):
    meetings = MeetingFactory.create_batch(3)
    with django_assert_num_queries(2):
        rows = list(names.rows([*(-n for n in range(1, SIZES[-1] + 1)), *(m.pk for m in meetings)]))
    assert [pk for pk, _ in rows] == [m.pk for m in meetings]


def test_values_are_converted():
    session = SessionFactory(date=dt.date(2025, 10, 26), start_time=dt.time(9, 30))
    columns = ("date", "start_time", "starts_at", "meeting__is_published")
    query = PreparedQuery(Session, lambda keys: Session.objects.filter(pk__in=keys).values_list(*columns))
    assert [tuple(row) for row in query.rows([session.pk])] == list(Session.objects.values_list(*columns))


def test_each_run_has_its_own_instant():
    query = PreparedQuery(
        Abstract,
        lambda keys: (
            Abstract.objects.visible_to(ANONYMOUS, SOME_INSTANT).filter(pk__in=keys).values_list("pk", "level")
        ),
    )
    abstract = AbstractFactory()
    before = abstract.released_from - dt.timedelta(microseconds=1)
    assert list(query.rows([abstract.pk], before)) == []
    assert [tuple(row) for row in query.rows([abstract.pk], abstract.released_from)] == [(abstract.pk, Level.FULL)]


def test_prepared_parts_go_through_the_law():
    full, shell = AbstractFactory(), AbstractFactory(shell=True)
    for abstract in (full, shell):
        SectionFactory(abstract=abstract, html=f"<p>{abstract.pk}</p>")
    of = Section.objects.prepared(lambda sections: sections.values_list("abstract_id", flat=False))
    lawful = list(Abstract.objects.visible_to(ANONYMOUS, NOW))
    assert {a.pk for a in lawful} == {full.pk, shell.pk}
    assert [pk for (pk,) in of(lawful)] == [full.pk]
    with pytest.raises(Unreadable):
        of(Abstract.unfiltered.all())


def test_column_above_the_level_is_refused():
    AuthorLineFactory()
    of = AuthorLine.objects.prepared(lambda lines: lines.values_list("abstract__disclosures"))
    with pytest.raises(Unreadable):
        list(of(Abstract.objects.visible_to(ANONYMOUS, NOW)))


def test_in_order_of_leaves_out_hidden_abstracts():
    seen, hidden, listed = AbstractFactory(), AbstractFactory(embargoed=True), AbstractFactory(listing=True)
    pks = [listed.pk, hidden.pk, seen.pk, 10**9]
    rows = in_order_of(pks, ANONYMOUS, NOW)
    assert [a.pk for a in rows] == [listed.pk, seen.pk]
    assert [a.level for a in rows] == [Level.LISTED, Level.FULL]
    assert rows[1].meeting == seen.meeting
    with pytest.raises(Unreadable):
        rows[0].refresh_from_db()
