"""The site's addresses, and views that read embargoed text past the law, each by another spelling.

`QUERIES` are refused when the query is put together, wherever it stands. `STATEMENTS` could run: they are refused in
the tests, where every statement of a page has to carry the law's mark.
"""

from django.db import connection
from django.db.models import Count, F, Max
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path

from abstracts.models import (
    Abstract,
    AbstractSource,
    EmbargoTier,
    ImportRun,
    Keyword,
    KeywordSynonym,
    Meeting,
    Person,
    Section,
    Session,
)
from abstracts.search.following import ensure_current_snapshot
from abstracts.search.matching import term
from abstracts.search.searching import LawfulSearcher, Visible
from abstracts.visibility import ANONYMOUS, Level, Role, Viewer
from accounts.models import AlertResult, FavoritesList, PublicSince, SavedSearch, User
from acrsite.urls import handler400, handler500  # noqa: F401
from acrsite.urls import urlpatterns as real_urlpatterns

STAFF = Viewer(Role.STAFF)

QUERIES = {
    "meeting": lambda request: Meeting.objects.values_list("abstract__title_text"),
    "meeting-filter": lambda request: Meeting.objects.filter(abstract__title__contains="s"),
    "meeting-order": lambda request: Meeting.objects.visible_to(request.viewer).order_by("abstract__title"),
    "meeting-count": lambda request: Meeting.objects.annotate(n=Count("abstract")),
    "meeting-F": lambda request: Meeting.objects.annotate(x=F("tiers__abstract__title")),
    "meeting-exclude": lambda request: Meeting.objects.exclude(sessions__presentation__abstract__title="s"),
    "meeting-aggregate": lambda request: Meeting.objects.aggregate(Max("abstract__title")),
    "meeting-raw": lambda request: Meeting.objects.raw("SELECT id, title FROM abstracts_abstract"),
    "meeting-extra": lambda request: Meeting.objects.extra(select={"x": "title"}, tables=["abstracts_abstract"]),
    "tier": lambda request: EmbargoTier.objects.filter(abstract__isnull=False),
    "session": lambda request: Session.objects.values("presentation__abstract__title"),
    "session-of-meeting": lambda request: Meeting.objects.get().sessions.values("presentation__abstract__title"),
    "session-history": lambda request: Session.history.values("meeting__abstract__title"),
    "keyword": lambda request: Keyword.objects.all(),
    "keyword-filter": lambda request: Keyword.objects.filter(abstractkeyword__abstract__title_text__contains="s"),
    "keyword-beyond": lambda request: Keyword.objects.visible_to(ANONYMOUS, request.at).values(
        "abstractkeyword__abstract__title"
    ),
    "keyword-synonym": lambda request: KeywordSynonym.objects.values_list("name"),
    "person": lambda request: Person.objects.order_by("name"),
    "favorites": lambda request: FavoritesList.objects.values("favorite__abstract__title"),
    "user": lambda request: User.objects.filter(favorites_lists__favorite__abstract__title="s"),
    "saved-search": lambda request: SavedSearch.objects.values("result__abstract__title"),
    "alert-result": lambda request: AlertResult.objects.select_related("abstract"),
    "public-since": lambda request: PublicSince.objects.order_by("abstract__title"),
    "section-history": lambda request: Section.history.all(),
    "section-history-rows": lambda request: Section.history.model.objects.all(),
    "abstract-history": lambda request: Abstract.unfiltered.model.history.as_of(request.at),
    "source": lambda request: AbstractSource.objects.all(),
    "source-of-abstract": lambda request: Abstract.objects.visible_to(STAFF, request.at, Level.FULL).values(
        "abstractsource__row"
    ),
    "import-run": lambda request: ImportRun.objects.values("report"),
}


def by_cursor(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def titles_in_lawful_sql(request) -> list:
    """What is lawful at one place of a statement is not at another."""
    lawful, params = Abstract.objects.visible_to(request.viewer, request.at).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT title FROM abstracts_abstract WHERE 1 = 1 OR id IN ({lawful})", params)
        return cursor.fetchall()


def swallowed(request) -> list:
    try:
        return by_cursor("SELECT title FROM abstracts_abstract")
    except Exception:
        return []


STATEMENTS = {
    "queryset": lambda request: QuerySet(Abstract),
    "queryset-of-meetings": lambda request: QuerySet(Meeting).values("abstract__title"),
    "cursor": lambda request: by_cursor("SELECT title FROM abstracts_abstract"),
    "cursor-in-a-union": lambda request: by_cursor(
        "SELECT 'x' /* law: anonymous */ UNION SELECT html FROM abstracts_section"
    ),
    "cursor-with-lawful-part": titles_in_lawful_sql,
    "cursor-on-history": lambda request: by_cursor('SELECT "html" FROM "abstracts_historicalsection"'),
    "getattr": lambda request: getattr(Abstract, "unfil" + "tered").all(),
    "get_object_or_404": lambda request: [get_object_or_404(Abstract, number__gte="")],
    "keywords": lambda request: getattr(Keyword, "unfil" + "tered").all(),
    "history": lambda request: getattr(Section.history, "unfil" + "tered").all(),
    "sources": lambda request: AbstractSource._default_manager.all(),
    "foreign-key": lambda request: [row.abstract for row in PublicSince.objects.all()],
    "staff": lambda request: Abstract.objects.visible_to(STAFF, request.at),
    "staff-prepared": lambda request: Section.objects.visible_to(STAFF, request.at).values_list("html"),
    "press": lambda request: Abstract.objects.visible_to(
        Viewer(Role.PRESS, meetings=frozenset(Meeting.objects.values_list("pk", flat=True))), request.at
    ),
    "index-as-staff": lambda request: [
        LawfulSearcher(ensure_current_snapshot(), Visible(STAFF, request.at)).count(term("everything", "gout"))
    ],
    "swallowed": swallowed,
}


def view(request, spelling: str) -> HttpResponse:
    rows = {**QUERIES, **STATEMENTS}[spelling](request)
    return HttpResponse(f"{len(list(rows))} rows")


urlpatterns = [path("unlawful/<spelling>/", view, name="unlawful"), *real_urlpatterns]
