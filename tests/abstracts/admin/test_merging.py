"""Merging keywords and persons."""

import pytest
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.urls import reverse

from abstracts.models import AbstractKeyword, ArchiveState, AuthorLine, Keyword, KeywordSynonym, Person, PersonName
from tests import factories

from .posting import add_row, edit

pytestmark = pytest.mark.django_db


def merge(client, kind: str, rows, **choice):
    url = reverse(f"admin:abstracts_{kind}_changelist")
    data = {"action": "merge_selected", "_selected_action": [row.pk for row in rows]}
    if choice:
        data |= {"confirm": "yes"} | {name: row.pk for name, row in choice.items()}
    return client.post(url, data, follow=True)


def test_the_confirmation_page_changes_nothing(boss):
    one, two = factories.KeywordFactory(name="gout"), factories.KeywordFactory(name="podagra")
    factories.AbstractKeywordFactory(keyword=two)
    page = merge(boss, "keyword", [one, two]).content.decode()
    assert "podagra (1 abstracts)" in page
    assert "style=" not in page
    assert Keyword.unfiltered.count() == 2


def test_keywords_are_merged(boss):
    gout, podagra = factories.KeywordFactory(name="gout"), factories.KeywordFactory(name="podagra")
    KeywordSynonym(keyword=podagra, name="Zipperlein").save()
    moved = factories.AbstractKeywordFactory(keyword=podagra)
    both = factories.AbstractFactory()
    kept = factories.AbstractKeywordFactory(abstract=both, keyword=gout)
    factories.AbstractKeywordFactory(abstract=both, keyword=podagra)
    revision = ArchiveState.current_revision()

    response = merge(boss, "keyword", [gout, podagra], target=gout)

    assert "Merged 1 into “gout”" in response.content.decode()
    assert list(Keyword.unfiltered.all()) == [gout]
    assert {row.pk for row in AbstractKeyword.unfiltered.filter(keyword=gout)} == {moved.pk, kept.pk}
    moved.refresh_from_db()
    assert moved.label == "podagra"
    assert dict(KeywordSynonym.unfiltered.filter(keyword=gout).values_list("key", "slug")) == {
        "podagra": "podagra",
        "zipperlein": "zipperlein",
    }
    assert ArchiveState.current_revision() > revision
    flags = dict(LogEntry.objects.values_list("object_id", "action_flag"))
    assert flags == {str(gout.pk): CHANGE, str(podagra.pk): DELETION}
    assert "Merged into “gout”" in LogEntry.objects.get(action_flag=DELETION).change_message


def test_keywords_can_be_merged_into_one_that_was_not_selected(boss):
    gout, podagra = factories.KeywordFactory(name="gout"), factories.KeywordFactory(name="podagra")
    merge(boss, "keyword", [podagra], other=gout)
    assert KeywordSynonym.unfiltered.get().keyword == gout


def test_a_name_that_is_a_synonym_elsewhere_follows_the_merge(boss):
    gout, podagra, other = (factories.KeywordFactory(name=name) for name in ("gout", "podagra", "other"))
    KeywordSynonym(keyword=other, name="Podagra", slug="podagra-2").save()
    KeywordSynonym(keyword=other, name="Something", slug="podagra").save()
    merge(boss, "keyword", [gout, podagra], target=gout)
    assert set(KeywordSynonym.unfiltered.values_list("keyword", "slug")) == {
        (gout.pk, "podagra-2"),
        (gout.pk, "podagra"),
    }


@pytest.mark.parametrize("choice", [{}, {"target": ""}, {"target": "x"}, {"other": "999999"}, {"target": "\x00"}])
def test_wrong_choices_are_messages(boss, choice):
    one, two = factories.KeywordFactory(), factories.KeywordFactory()
    data = {"action": "merge_selected", "_selected_action": [one.pk, two.pk], "confirm": "yes"} | choice
    assert boss.post(reverse("admin:abstracts_keyword_changelist"), data).status_code == 200
    assert Keyword.unfiltered.count() == 2


def test_one_entry_alone_cannot_be_merged(boss):
    one = factories.KeywordFactory()
    assert "Choose at least two" in merge(boss, "keyword", [one], target=one).content.decode()


def test_persons_are_merged(boss):
    ada, zwei = factories.PersonFactory(given="Ada", family="One"), factories.PersonFactory(given="A.", family="One")
    zwei.orcid = "0000-0002-1825-0097"
    zwei.save()
    PersonName(person=ada, name="Ada One").save()
    PersonName(person=zwei, name="A. One").save()
    PersonName(person=zwei, name="A. B. One").save()
    line = factories.AuthorLineFactory(person=zwei)

    response = merge(boss, "person", [ada, zwei], target=ada)

    assert "1 author lines moved" in response.content.decode()
    ada = Person.unfiltered.get()
    assert ada.orcid == "0000-0002-1825-0097"
    line.refresh_from_db()
    assert (line.person, line.name) == (ada, "A. One")
    assert [record.person_id for record in line.history.unfiltered.order_by("history_id")] == [zwei.pk, ada.pk]
    assert dict(PersonName.unfiltered.filter(person=ada).values_list("key", "slug")) == {
        "ada one": None,
        "a one": zwei.slug,
        "a b one": None,
    }
    assert LogEntry.objects.filter(action_flag=DELETION, object_id=str(zwei.pk)).exists()


def test_namesakes_merged_keep_all_their_addresses(boss):
    rows = [factories.PersonFactory(given="Ada", family="Same") for _ in range(3)]
    PersonName(person=rows[0], name="Ada Same").save()
    merge(boss, "person", rows, target=rows[0])
    assert set(PersonName.unfiltered.exclude(slug=None).values_list("slug", flat=True)) == {rows[1].slug, rows[2].slug}


def test_persons_with_different_orcids_cannot_be_merged(boss):
    one, two = (
        factories.PersonFactory(orcid="0000-0002-1825-0097"),
        factories.PersonFactory(orcid="0000-0001-5109-3700"),
    )
    page = merge(boss, "person", [one, two], target=one).content.decode()
    assert "different ORCIDs" in page
    assert Person.unfiltered.count() == 2
    assert not LogEntry.objects.exists()


def test_authors_of_one_abstract_raise_a_warning(boss):
    one, two = factories.AuthorLineFactory(), factories.AuthorLineFactory()
    AuthorLine.unfiltered.filter(pk=two.pk).update(abstract=one.abstract)
    assert "probably different people" in merge(boss, "person", [one.person, two.person]).content.decode()


def test_merging_needs_the_permission_to_change(client, db):
    from django.contrib.auth.models import Permission

    user = factories.UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_keyword"))
    client.force_login(user)
    one, two = factories.KeywordFactory(), factories.KeywordFactory()
    merge(client, "keyword", [one, two], target=one)
    assert Keyword.unfiltered.count() == 2


def test_curators_can_merge(curator):
    one, two = factories.KeywordFactory(), factories.KeywordFactory()
    merge(curator, "keyword", [one, two], target=one)
    assert list(Keyword.unfiltered.all()) == [one]


@pytest.mark.parametrize(
    ("name", "message"),
    [("GOUT", "Taken by “gout”."), ("podagra", "This is a synonym of “gout”."), ("", "This field is required.")],
)
def test_names_that_are_in_use_are_messages(boss, name, message):
    gout = factories.KeywordFactory(name="gout")
    KeywordSynonym(keyword=gout, name="Podagra").save()
    response = edit(boss, reverse("admin:abstracts_keyword_add"), "keyword_form", name=name)
    assert message in response.content.decode()


def test_a_synonym_that_is_a_keyword_is_a_message(boss):
    gout, _ = factories.KeywordFactory(name="gout"), factories.KeywordFactory(name="podagra")
    url = reverse("admin:abstracts_keyword_change", args=[gout.pk])
    response = edit(boss, url, "keyword_form", **add_row(boss, url, "keyword_form", "keywordsynonym", name="Podagra"))
    assert "merge the two instead" in response.content.decode()


def test_two_equal_synonyms_are_a_message(boss):
    gout = factories.KeywordFactory(name="gout")
    url = reverse("admin:abstracts_keyword_change", args=[gout.pk])
    rows = {"keywordsynonym-TOTAL_FORMS": "2", "keywordsynonym-0-name": "Podagra", "keywordsynonym-1-name": "PODAGRA"}
    response = edit(boss, url, "keyword_form", **rows)
    assert response.status_code == 200
    assert not response.redirect_chain


@pytest.mark.parametrize(("query", "found"), [("podagra", 1), ("Sjogren", 1), ("gout x", 0), ("--", 2)])
def test_keyword_search_reads_synonyms(boss, query, found):
    gout = factories.KeywordFactory(name="gout")
    factories.KeywordFactory(name="Sjögren syndrome")
    KeywordSynonym(keyword=gout, name="Podagra").save()
    assert boss.get(reverse("admin:abstracts_keyword_changelist"), {"q": query}).context["cl"].result_count == found


@pytest.mark.parametrize(("query", "found"), [("rudiger", 1), ("0000-0002-1825-0097", 1), ("former", 1), ("nobody", 0)])
def test_person_search_reads_former_names(boss, query, found):
    person = factories.PersonFactory(family="Rüdiger", orcid="0000-0002-1825-0097")
    PersonName(person=person, name="Ada Former").save()
    assert boss.get(reverse("admin:abstracts_person_changelist"), {"q": query}).context["cl"].result_count == found
