"""Every list of the admin: a fixed number of queries, and no query string that breaks it."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from abstracts.models import ImportRun, Keyword, KeywordSynonym, Meeting, Person, PersonName, Session
from tests import factories


def a_run():
    return ImportRun.unfiltered.create(
        file_name="a.csv", meeting=factories.MeetingFactory(), by=factories.UserFactory()
    )


def a_read():
    return factories.embargoed_read(factories.AbstractFactory())


def a_log_entry():
    page = factories.PageFactory()
    return LogEntry.objects.log_actions(factories.UserFactory().pk, [page], CHANGE, "x", single_object=True)


# How to make a row, and the queries of its list: session, user, count, rows, and those of filters and related rows.
LISTS = {
    "abstracts_meeting": (factories.MeetingFactory, 4),
    "abstracts_embargotier": (factories.TierFactory, 6),
    "abstracts_session": (lambda: factories.PresentationFactory().session, 6),
    "abstracts_abstract": (factories.whole_abstract, 7),
    "abstracts_keyword": (lambda: factories.AbstractKeywordFactory().keyword, 4),
    "abstracts_person": (lambda: factories.AuthorLineFactory().person, 4),
    "abstracts_page": (factories.PageFactory, 4),
    "abstracts_importrun": (a_run, 5),
    "admin_logentry": (a_log_entry, 5),
    "accounts_user": (lambda: factories.UserFactory().groups.add(Group.objects.first()), 6),
    "accounts_embargoedread": (a_read, 6),
}


@pytest.mark.parametrize("name", LISTS)
def test_queries_do_not_grow_with_rows(boss, name, django_assert_num_queries):
    make, queries = LISTS[name]
    for rows in (1, 2):  # 1 row, then 3
        for _ in range(rows):
            make()
        boss.get(reverse(f"admin:{name}_changelist"))
        with django_assert_num_queries(queries):
            response = boss.get(reverse(f"admin:{name}_changelist"))
        assert response.status_code == 200


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "p=abc",
        "p=99999999",
        "p=-1",
        "all=x",
        "o=abc",
        "o=99.-99",
        "q=%00",
        "q=%22%27%25_\\",
        "meeting__id__exact=x",
        "meeting__id__exact=99999999999999999999999999",
        "status__exact=%00",
        "embargo=nonsense",
        "session_type=nonsense",
        "tier_name=nonsense",
        "is_published__exact=maybe",
        "e=1&x=%01",
        "_changelist_filters=%00",
    ],
)
def test_wrong_query_strings_cause_no_server_error(boss, name, query):
    response = boss.get(f"{reverse(f'admin:{name}_changelist')}?{query}", follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["disclosures__regex=(", "released_from__year=99999", "status__regex=("])
def test_filters_that_are_not_offered_are_400(boss, query):
    factories.AbstractFactory()
    assert boss.get(f"{reverse('admin:abstracts_abstract_changelist')}?{query}").status_code == 400


@pytest.mark.parametrize("key", ["abc", "0", "99999999999999999999999", "%00", "1-1"])
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_keys_that_are_not_numbers_cause_no_server_error(boss, key, page):
    for name in ("abstracts_abstract", "abstracts_person", "abstracts_page"):
        changelist = reverse(f"admin:{name}_changelist")
        assert boss.get(f"{changelist}{key}/{page}/", follow=True).status_code in (200, 404)


@pytest.mark.parametrize("key", ["abc", "", "²", "9" * 30, "\0"])
def test_posted_keys_that_are_not_numbers_cause_no_server_error(boss, key):
    keyword = factories.KeywordFactory()
    for name in ("abstract", "session", "keyword"):
        data = {"action": "delete_selected", "_selected_action": key, "post": "yes"}
        assert boss.post(reverse(f"admin:abstracts_{name}_changelist"), data).status_code == 400
    for name in ("abstract", "session", "embargotier"):
        page = boss.post(reverse(f"admin:abstracts_{name}_add"), {"meeting": key})
        assert (page.status_code, "Please correct the error" in page.content.decode()) == (200, True)
    data = {"action": "merge_selected", "_selected_action": keyword.pk, "confirm": "x", "other": key}
    assert boss.post(reverse("admin:abstracts_keyword_changelist"), data).status_code == 200


def test_every_model_of_ours_is_registered_or_an_inline():
    from django.apps import apps

    inlines = {inline.model for one in admin.site._registry.values() for inline in one.inlines}
    known = set(admin.site._registry) | inlines
    left = {m.__name__ for label in ("abstracts", "accounts") for m in apps.get_app_config(label).get_models()}
    left -= {m.__name__ for m in known}
    hidden = {name for name in left if name.startswith("Historical")}
    assert left - hidden == {
        "AbstractSource", "ArchiveState", "AuthorAffiliation", "CalendarAddress", "DocumentChange", "Favorite",
        "FavoritesChange", "FavoritesList", "PastRevision", "PublicSince", "RecordHead", "RecordLine", "Rendition",
        "SavedSearch", "SlugRedirect", "AlertResult",
    }  # fmt: skip


def test_lists_may_not_be_stored_or_indexed(boss):
    response = boss.get(reverse("admin:abstracts_abstract_changelist"))
    assert "no-store" in response["Cache-Control"]
    assert 'name="robots" content="NONE,NOARCHIVE"' in response.content.decode()


def one_more(row) -> None:
    """Another child of `row`, of the kind that its page has inline."""
    match row:
        case Meeting():
            factories.TierFactory(meeting=row)
        case Session():
            factories.PresentationFactory(session=row, abstract=factories.AbstractFactory(meeting=row.meeting))
        case Keyword():
            KeywordSynonym(keyword=row, name=f"Synonym {KeywordSynonym.unfiltered.count()}").save()
        case Person():
            PersonName(person=row, name=f"Name {PersonName.unfiltered.count()}").save()


@pytest.mark.parametrize(
    ("make", "queries"),
    [
        (factories.MeetingFactory, 18),
        (factories.SessionFactory, 4),
        (factories.KeywordFactory, 4),
        (factories.PersonFactory, 4),
    ],
)
def test_queries_of_a_page_do_not_grow_with_what_it_has_inline(boss, make, queries, django_assert_num_queries):
    row = make()
    url = reverse(f"admin:abstracts_{row._meta.model_name}_change", args=[row.pk])
    for children in (1, 2):  # 1, then 3
        for _ in range(children):
            one_more(row)
        boss.get(url)
        with django_assert_num_queries(queries):
            assert boss.get(url).status_code == 200
