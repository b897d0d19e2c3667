"""Nothing that ordinary code chains to `visible_to` loads, sorts or filters by hidden values."""

import copy
import datetime as dt
import pickle

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Case, Count, Exists, F, FilteredRelation, Max, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Concat, Lower, Substr, TruncDay

from abstracts import reading
from abstracts.models import (
    Abstract,
    AbstractKeyword,
    AuthorAffiliation,
    AuthorLine,
    Figure,
    Keyword,
    Presentation,
    Rendition,
    Section,
    Session,
    SlugRedirect,
)
from abstracts.visibility import ANONYMOUS, LawfulManager, Level, Role, Unreadable, Viewer
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AuthorAffiliationFactory,
    FigureFactory,
    PresentationFactory,
    SectionFactory,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
SECRETS = {
    "title": "Secretatitle",
    "status_note": "Secretbnote",
    "slug": "secretc-slug",
    "disclosures": "<p>Secretddisclosures</p>",
    "trial_ids": "NCT0SECRETE",
    "doi": "10.1002/secretf",
    "first_published": dt.date(2031, 7, 19),
}
SECRET_TEXTS = ["secret", "2031-07-19", "datetime.date(2031, 7, 19)"]


@pytest.fixture
def shell() -> Abstract:
    abstract = AbstractFactory(shell=True, **SECRETS)
    PresentationFactory(abstract=abstract)
    SectionFactory(abstract=abstract, label="Secretg", html="<p>Secreth</p>")
    AuthorAffiliationFactory(author__abstract=abstract, author__name="Secreti")
    AbstractKeywordFactory(abstract=abstract, keyword__name="Secretj", label="Secretk")
    FigureFactory(abstract=abstract, caption="Secretl")
    SlugRedirect.unfiltered.create(slug="secretm", abstract=abstract)
    return abstract


@pytest.fixture
def fetched(monkeypatch) -> list:
    """All rows that the database returns from now on."""
    rows: list = []

    class Recording(CursorWrapper):
        def fetchmany(self, *args):
            rows.extend(found := self.cursor.fetchmany(*args))
            return found

        def fetchone(self):
            rows.append(found := self.cursor.fetchone())
            return found

        def fetchall(self):
            rows.extend(found := self.cursor.fetchall())
            return found

        def __iter__(self):
            for row in self.cursor:
                rows.append(row)
                yield row

    monkeypatch.setattr(connection, "make_cursor", lambda cursor: Recording(cursor, connection))
    return rows


def tells(rows: object) -> list[str]:
    text = repr(rows).lower()
    return [secret for secret in SECRET_TEXTS if secret in text]


def seen(least: Level | None = None):
    return Abstract.objects.visible_to(ANONYMOUS, NOW, least)


def presented():
    return Presentation.objects.visible_to(ANONYMOUS, NOW)


# Allowed ways of loading; none loads hidden values.
LOADS = {
    "all": lambda: list(seen()),
    "get": lambda: seen().get(),
    "first": lambda: seen().first(),
    "last": lambda: seen().last(),
    "slice": lambda: seen()[:5][0],
    "iterator": lambda: list(seen().iterator(chunk_size=1)),
    "in_bulk": lambda: seen().in_bulk(),
    "only": lambda: list(seen().only("number")),
    "only a guarded field": lambda: list(seen().only("title", "disclosures")),
    "defer": lambda: list(seen().defer("number")),
    "defer nothing": lambda: list(seen().defer(None)),
    "only and defer": lambda: list(seen().only("number").defer("number")),
    "select_related": lambda: list(seen().select_related("meeting", "tier")),
    "annotate": lambda: list(seen().annotate(n=Count("presentation"))),
    "alias": lambda: list(seen().alias(n=Count("presentation")).filter(n__gt=0)),
    "values of shown": lambda: list(seen().values("number", "shown_title", "level")),
    "values_list": lambda: list(seen().values_list("number", flat=True)),
    "aggregate": lambda: seen().aggregate(Max("number_key"), Count("pk")),
    "distinct": lambda: list(seen().distinct()),
    "reverse": lambda: list(seen().order_by("number_key").reverse()),
    "subquery": lambda: list(Session.objects.filter(pk__in=presented().filter(abstract__in=seen()).values("session"))),
    "prefetch": lambda: list(presented().prefetch_related(Prefetch("abstract", queryset=seen()))),
    "by key": lambda: reading.in_order_of([*seen().values_list("pk", flat=True)], ANONYMOUS, NOW),
    "by key, of the listing": lambda: reading.in_order_of(
        [*seen().values_list("pk", flat=True)], ANONYMOUS, NOW, Level.TITLED
    ),
    "of a session": lambda: list(presented().select_related("session__meeting")),
    "exists": lambda: list(seen().filter(Exists(presented().filter(abstract=OuterRef("pk"))))),
}


@pytest.mark.parametrize("load", LOADS)
def test_hidden_values_are_not_loaded(shell, fetched, load):
    answer = LOADS[load]()
    assert fetched
    assert not tells(fetched)
    assert not tells(
        [vars(a) if hasattr(a, "_meta") else a for a in (answer if isinstance(answer, list) else [answer])]
    )


@pytest.mark.parametrize("part", [Section, AuthorLine, AbstractKeyword, Figure, SlugRedirect])
def test_no_parts_of_a_shell_are_loaded(shell, fetched, part):
    assert not list(part.objects.visible_to(ANONYMOUS, NOW))
    assert not fetched


def test_recording_works(shell, fetched):
    list(Abstract.unfiltered.all())
    assert "secret" in tells(fetched)
    assert len(tells(fetched)) == 2


@pytest.mark.parametrize("state", ["shell", "listing", None])
def test_each_level_has_its_fields_and_no_other(fetched, state):
    abstract = AbstractFactory(**SECRETS, **({state: True} if state else {}))
    fetched.clear()
    found = seen().get()
    for name, needed in Abstract.GUARDED.items():
        field, stored = Abstract._meta.get_field(name), getattr(abstract, name)
        assert getattr(found, name) == (stored if found.level >= needed else (None if field.null else "")), name


# Queries that would disclose hidden values: refused when built, or at the latest when run.
REFUSED = {
    "filter": lambda: seen().filter(title__icontains="secret"),
    "filter by Q": lambda: seen().filter(Q(number="1") | ~Q(title="secret")),
    "filter by nested Q": lambda: seen().filter(Q(Q(Q(title_text__startswith="s")) & Q(number="1"))),
    "exclude": lambda: seen().exclude(disclosures=""),
    "exclude by relation": lambda: seen().exclude(section__html__contains="secret"),
    "get": lambda: seen().get(slug="secretc-slug"),
    "in_bulk": lambda: seen().in_bulk(["secretc-slug"], field_name="slug"),
    "order_by": lambda: seen().order_by("-title"),
    "order_by F": lambda: list(seen().order_by(F("title").desc())),
    "order_by function": lambda: list(seen().order_by(Lower("title"))),
    "earliest": lambda: seen().earliest("first_published"),
    "latest": lambda: seen().latest("first_published"),
    "values": lambda: seen().values(),
    "values of one": lambda: seen().values("title"),
    "values_list": lambda: seen().values_list(),
    "values of expression": lambda: seen().values(x=F("doi")),
    "dates": lambda: seen().dates("first_published", "day"),
    "annotate F": lambda: seen().annotate(x=F("title")),
    "annotate Substr": lambda: seen().annotate(x=Substr("title", 1, 1)),
    "annotate Concat": lambda: seen().annotate(x=Concat("number", Value(" "), "title")),
    "annotate Case": lambda: seen().annotate(x=Case(When(title__contains="secret", then=Value(1)), default=Value(0))),
    "annotate Trunc": lambda: seen().annotate(x=TruncDay("first_published")),
    "alias": lambda: seen().alias(x=F("title")),
    "count of a relation": lambda: seen().annotate(x=Count("authorline")),
    "count of a relation's filter": lambda: seen().annotate(x=Count("presentation", filter=Q(title="secret"))),
    "aggregate": lambda: seen().aggregate(Max("title")),
    "relation": lambda: seen().filter(authorline__name="Secreti"),
    "relation isnull": lambda: seen().filter(figure__isnull=True),
    "keyword": lambda: seen().filter(abstractkeyword__keyword__name="Secretj"),
    "FilteredRelation": lambda: seen().annotate(x=FilteredRelation("section")).filter(x__html__contains="secret"),
    "OuterRef": lambda: list(seen().filter(Exists(Keyword.unfiltered.filter(name=OuterRef("title"))))),
    "OuterRef in Subquery": lambda: list(
        seen().annotate(x=Subquery(Keyword.unfiltered.values(y=OuterRef("title"))[:1]))
    ),
    "conditional expression": lambda: seen().filter(Exists(Keyword.unfiltered.all()) & Q(title="secret")),
    "by way of the meeting": lambda: seen(Level.LISTED).filter(meeting__abstract__title="secret"),
    "by way of a session": lambda: seen(Level.FULL).filter(presentation__session__presentation__abstract__title="s"),
    "by way of a tier": lambda: seen(Level.FULL).filter(tier__abstract__number="1"),
    "by way of a child": lambda: presented().filter(abstract__title="secret"),
    "by attname": lambda: presented().filter(abstract_id__title="secret"),
    "order of a child": lambda: presented().order_by("abstract__title"),
    "values of a child": lambda: presented().values("abstract__title"),
    "annotate a child": lambda: presented().annotate(x=F("abstract__slug")),
    "select_related of the abstract": lambda: presented().select_related("abstract"),
    "select_related of everything": lambda: presented().select_related(),
    "select_related further on": lambda: AuthorAffiliation.objects.visible_to(ANONYMOUS, NOW).select_related(
        "affiliation__abstract"
    ),
    "select_related of a rendition": lambda: Rendition.objects.visible_to(ANONYMOUS, NOW).select_related(
        "figure__abstract"
    ),
    "prefetch_related": lambda: presented().prefetch_related("abstract"),
    "prefetch_related further on": lambda: presented().prefetch_related("abstract__meeting"),
    "Prefetch": lambda: presented().prefetch_related(Prefetch("abstract")),
    "raw": lambda: seen().raw("select * from abstracts_abstract"),
    "extra": lambda: seen().extra(select={"x": "title"}),
    "union": lambda: seen().union(Abstract.unfiltered.all()),
    "intersection": lambda: seen().intersection(Abstract.unfiltered.all()),
    "difference": lambda: seen().difference(seen()),
    "or": lambda: seen() | Abstract.unfiltered.all(),
    "and": lambda: seen(Level.FULL) & seen(),
    "xor": lambda: seen() ^ seen(),
    "overwriting the level": lambda: seen().annotate(level=Value(3)),
    "overwriting what is shown": lambda: seen().annotate(shown_title=F("number")),
    "update": lambda: seen().update(number="9"),
    "delete": lambda: seen().delete(),
    "create": lambda: seen().create(),
    "no viewer": lambda: Abstract.objects.all(),
    "no viewer, filter": lambda: Section.objects.filter(pk=1),
    "no viewer, count": lambda: Presentation.objects.count(),
}


@pytest.mark.parametrize("run_query", REFUSED)
def test_telling_queries_are_refused(shell, run_query):
    with pytest.raises(Unreadable):
        list(REFUSED[run_query]())


@pytest.mark.parametrize("name", ["title", "doi"])
def test_distinct_on_a_guarded_field_is_refused(shell, name):
    with pytest.raises(Unreadable):
        str(seen().order_by("number").distinct(name).query)


ALLOWED_AT_ITS_LEVEL = {
    "title": (Level.LISTED, lambda rows: rows.filter(Q(title__icontains="secret")).order_by(Lower("title"))),
    "author": (Level.LISTED, lambda rows: rows.filter(authorline__name="Secreti")),
    "keyword": (Level.LISTED, lambda rows: rows.filter(abstractkeyword__keyword__name="Secretj")),
    "values": (Level.LISTED, lambda rows: rows.values("title", "slug")),
    "text": (Level.FULL, lambda rows: rows.filter(section__html__contains="Secreth").exclude(doi="")),
    "all values": (Level.FULL, lambda rows: rows.values()),
    "raw order": (Level.FULL, lambda rows: rows.order_by("first_published").distinct()),
}


@pytest.mark.parametrize("name", ALLOWED_AT_ITS_LEVEL)
def test_filter_at_the_level_of_a_field_finds_nothing_below_it(shell, name):
    least, run_query = ALLOWED_AT_ITS_LEVEL[name]
    assert list(run_query(seen(least))) == []
    assert len(run_query(Abstract.objects.visible_to(Viewer(Role.STAFF), NOW, least))) == 1


def test_lawful_instance_never_loads_guarded_fields(shell):
    found = seen().get()
    for way in (found.refresh_from_db, lambda: found.refresh_from_db(fields=["title"]), found.save, found.delete):
        with pytest.raises(Unreadable):
            way()
    del found.title
    with pytest.raises(Unreadable):
        found.title  # noqa: B018


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))])
def test_copies_stay_lawful(shell, again):
    found = again(seen().get())
    assert not tells(vars(found))
    with pytest.raises(Unreadable):
        found.refresh_from_db()


def test_pickled_querysets_stay_lawful(shell):
    query = pickle.loads(pickle.dumps(seen().query))
    rows = seen()
    rows.query = query
    assert not tells([vars(a) for a in rows])
    with pytest.raises(Unreadable):
        rows.filter(title="secret")
    assert not tells([vars(a) for a in pickle.loads(pickle.dumps(seen()))])


@pytest.mark.parametrize("model", [Presentation, Section])
def test_foreign_key_of_a_lawful_part_does_not_load_its_abstract(shell, model):
    """`presentation.abstract.title` in a template would be the easiest way to bypass the law."""
    viewer = ANONYMOUS if model is Presentation else Viewer(Role.STAFF)
    part = model.objects.visible_to(viewer, NOW).get()
    with pytest.raises(Unreadable):
        part.abstract  # noqa: B018
    assert model.unfiltered.get().abstract.title == SECRETS["title"]


def test_lawful_abstract_can_be_set_on_a_lawful_part(shell):
    part = presented().prefetch_related(Prefetch("abstract", queryset=seen())).get()
    assert (part.abstract.number, part.abstract.title) == (shell.number, "")


def test_abstract_has_no_accessor_to_its_parts(shell):
    for name in (
        "section_set",
        "sections",
        "figures",
        "authorline_set",
        "authors",
        "presentation_set",
        "abstractsource",
    ):
        assert not hasattr(shell, name)


def test_lawful_managers_are_not_the_default_ones():
    """Django's own machinery (deletion, admin, fixtures) goes through `unfiltered`, or it would fail."""
    assert not isinstance(Abstract._default_manager, LawfulManager)
    assert not isinstance(Abstract._base_manager, LawfulManager)
