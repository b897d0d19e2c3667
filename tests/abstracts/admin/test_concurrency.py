"""Two people edit the same row: the second one is told, sees both versions, and overwrites nothing unawares."""

import datetime as dt
import html
import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from abstracts.admin.concurrency import FIELD, RefusesStaleForms
from abstracts.models import (
    Abstract,
    AuthorLine,
    EmbargoTier,
    Figure,
    Keyword,
    KeywordSynonym,
    Meeting,
    Page,
    Person,
    Presentation,
    Section,
    Session,
)
from accounts.models import PressAccess, User
from tests import factories
from tests.accounts.favorites.test_lists_at_once import at_once

from .posting import add_row, edit, fields_of

pytestmark = pytest.mark.django_db
TOLD = "Somebody changed this while you were editing"


def url_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def form_of(row) -> str:
    return f"{row._meta.model_name}_form"


def open_form(client, row) -> dict[str, str]:
    return fields_of(client.get(url_of(row)).content.decode(), form_of(row)) | {"_save": "Save"}


def words(response) -> str:
    """The text of the page, as people read it."""
    return html.unescape(re.sub(r"\s+", " ", response.content.decode()))


def shown_again(response, row) -> dict[str, str]:
    """The fields of the form that came again."""
    assert response.status_code == 200
    return fields_of(response.content.decode(), form_of(row)) | {"_save": "Save"}


# How to make a row, a field of its form with the value that one person types, and what another one wrote meanwhile.
FORMS = {
    Meeting: (factories.MeetingFactory, {"city": "Oslo"}, {"city": "Bergen"}),
    EmbargoTier: (factories.TierFactory, {"name": "Typed"}, {"name": "Stored"}),
    Session: (factories.SessionFactory, {"place": "Hall 1"}, {"place": "Hall 2"}),
    Abstract: (factories.whole_abstract, {"title": "Typed"}, {"title": "Stored", "title_text": "Stored"}),
    Keyword: (factories.KeywordFactory, {"name": "Typed"}, {"name": "Stored"}),
    Person: (factories.PersonFactory, {"given": "Typed"}, {"given": "Stored"}),
    Page: (factories.PageFactory, {"title": "Typed"}, {"title": "Stored"}),
    User: (factories.UserFactory, {"last_name": "Typed"}, {"last_name": "Stored"}),
    Group: (lambda: Group.objects.create(name="Before"), {"name": "Typed"}, {"name": "Stored"}),
}


def values_of(model, pk) -> dict:
    manager = getattr(model, "unfiltered", None) or model.objects
    return manager.filter(pk=pk).values().get()


@pytest.mark.parametrize("model", FORMS)
def test_second_of_two_is_refused_and_shown_both_versions(boss, model):
    make, typed, stored = FORMS[model]
    row = make()
    sent = open_form(boss, row) | typed
    type(row)._base_manager.filter(pk=row.pk).update(**stored)
    before = values_of(model, row.pk)

    response = boss.post(url_of(row), sent)
    page = words(response)
    assert response.wsgi_request.stale_form
    assert TOLD in page
    assert values_of(model, row.pk) == before
    for name in typed:
        assert f"Stored now: {stored[name]}" in page
        assert page.count("Stored now: ") == 1
        assert shown_again(response, row)[name] == typed[name]

    response = boss.post(url_of(row), shown_again(response, row))
    assert response.status_code == 302, response.context["errors"]
    assert not response.wsgi_request.stale_form
    for name, value in typed.items():
        assert str(values_of(model, row.pk)[name]) == value


def test_every_form_of_the_admin_is_guarded():
    assert all(isinstance(model_admin, RefusesStaleForms) for model_admin in admin.site._registry.values())
    writable = {
        model
        for model, model_admin in admin.site._registry.items()
        if type(model_admin).has_change_permission is admin.ModelAdmin.has_change_permission
    }
    # Of a press access no one field is plain text that two people could type differently.
    others = {m for m in writable if m._meta.app_label == "account"} | {PressAccess}
    assert writable - FORMS.keys() == others
    assert not any(model_admin.list_editable for model_admin in admin.site._registry.values())


def test_who_saved_last_is_named(boss):
    row = factories.SessionFactory()
    sent = open_form(boss, row)
    other = Client()
    other.force_login(factories.StaffFactory(email="other@example.org"))
    edit(other, url_of(row), form_of(row), place="Hall 9")
    assert re.search(
        r"while you were editing \(last: other@example\.org, .* UTC\)", words(boss.post(url_of(row), sent))
    )


def test_fields_that_only_the_sender_changed_are_not_marked(boss):
    row = factories.SessionFactory(place="Hall 1", code="A1")
    sent = open_form(boss, row) | {"code": "B2"}
    Session.objects.update(place="Hall 9")
    page = words(boss.post(url_of(row), sent))
    assert "Stored now: Hall 9" in page
    assert "Stored now: A1" not in page


def test_choices_instants_and_long_texts_are_readable(boss):
    meeting = factories.MeetingFactory(timezone="America/Chicago")
    row = factories.whole_abstract(meeting=meeting)
    tier = factories.TierFactory(meeting=meeting, name="Plenary tier")
    sent = open_form(boss, row)
    at = dt.datetime(2099, 1, 1, 15, tzinfo=dt.UTC)
    Abstract.unfiltered.update(tier=tier, status="draft", override_released_from=at, doi="10.1002/x")
    text = "<p>" + "long " * 500 + "end</p>"
    Section.unfiltered.filter(label="Results").update(html=text)
    AuthorLine.unfiltered.filter(position=0).update(is_group=True)
    page = words(boss.post(url_of(row), sent | {"doi": "10.1002/y"}))
    for value in ("Plenary tier", "draft", "2099-01-01 09:00:00 (America/Chicago)", text, "yes", "10.1002/x"):
        assert f"Stored now: {value}".lower() in page.lower()


def test_changed_added_and_deleted_rows(boss):
    row = factories.whole_abstract(authors=3)
    first, second, third = AuthorLine.unfiltered.order_by("position")
    sent = open_form(boss, row) | {"authorline-1-name": "As I type it", "authorline-2-name": "My name of the third"}
    AuthorLine.unfiltered.filter(pk=second.pk).update(name="As stored")
    AuthorLine.unfiltered.filter(pk=third.pk).delete()
    added = factories.AuthorLineFactory(abstract=row, position=7, name="Newly Added", orcid="0000-0002-1825-0097")

    response = boss.post(url_of(row), sent)
    page = words(response)
    assert "Stored now: As stored" in page
    assert f"Author line “{added}” was added; it is in the form." in page
    assert "Author line was deleted and left the form. It had: position: 2; name: My name of the third" in page
    assert set(AuthorLine.unfiltered.values_list("name", flat=True)) == {first.name, "As stored", "Newly Added"}

    again = shown_again(response, row)
    assert [again[f"authorline-{n}-name"] for n in range(3)] == [first.name, "As I type it", "Newly Added"]
    assert again["authorline-INITIAL_FORMS"] == again["authorline-TOTAL_FORMS"] == "3"
    response = boss.post(url_of(row), again)
    assert response.status_code == 302, response.context["errors"]
    lines = AuthorLine.unfiltered.order_by("position").values_list("pk", "name", "orcid")
    assert list(lines) == [
        (first.pk, first.name, ""),
        (second.pk, "As I type it", ""),
        (added.pk, "Newly Added", "0000-0002-1825-0097"),
    ]


def test_rows_of_every_inline_that_others_added_come_into_the_form(boss):
    row = factories.AbstractFactory()
    sent = open_form(boss, row)
    factories.PresentationFactory(abstract=row, start_time=dt.time(11, 45), end_time=dt.time(12))
    line = factories.AuthorLineFactory(abstract=row, is_presenter=True)
    factories.AuthorAffiliationFactory(author=line, affiliation=factories.AffiliationFactory(abstract=row, position=1))
    factories.AbstractKeywordFactory(abstract=row)
    factories.SectionFactory(abstract=row)
    factories.FigureFactory(abstract=row)
    before = stored_rows(row)
    again = shown_again(boss.post(url_of(row), sent), row)
    response = boss.post(url_of(row), again)
    assert response.status_code == 302, response.context["errors"]
    assert stored_rows(row) == before


def stored_rows(row) -> list:
    models = (Presentation, AuthorLine, Section, Figure)
    return [list(model.unfiltered.filter(abstract=row).order_by("pk").values()) for model in models]


def test_new_rows_of_the_sender_stay_behind_those_that_others_added(boss):
    keyword = factories.KeywordFactory()
    new = add_row(boss, url_of(keyword), form_of(keyword), "keywordsynonym", name="Mine")
    sent = open_form(boss, keyword) | new
    KeywordSynonym.unfiltered.create(keyword=keyword, name="Theirs")
    again = shown_again(boss.post(url_of(keyword), sent), keyword)
    assert [again["keywordsynonym-0-name"], again["keywordsynonym-1-name"]] == ["Theirs", "Mine"]
    assert boss.post(url_of(keyword), again).status_code == 302
    assert set(KeywordSynonym.unfiltered.values_list("name", flat=True)) == {"Theirs", "Mine"}


def test_row_that_one_deletes_and_another_changes_is_not_deleted_unawares(boss):
    row = factories.whole_abstract(authors=1)
    sent = open_form(boss, row) | {"authorline-0-DELETE": "on"}
    AuthorLine.unfiltered.update(name="Changed meanwhile")
    assert "Stored now: Changed meanwhile" in words(boss.post(url_of(row), sent))
    assert AuthorLine.unfiltered.count() == 1


def test_another_image_is_named(boss):
    figure = factories.FigureFactory(label="Figure 1")
    sent = open_form(boss, figure.abstract)
    Figure.unfiltered.update(digest="f" * 64)
    assert f"Figure “{figure}” got another image." in words(boss.post(url_of(figure.abstract), sent))


@pytest.mark.parametrize("state", [None, "", "nonsense", "\x00", "other row"])
def test_form_without_its_state_is_refused(boss, state):
    row, other = factories.SessionFactory(place="Hall 1"), factories.SessionFactory(place="Hall 1")
    sent = open_form(boss, row) | {"place": "Hall 2"}
    if state is None:
        del sent[FIELD]
    else:
        sent[FIELD] = open_form(boss, other)[FIELD] if state == "other row" else state
    response = boss.post(url_of(row), sent)
    assert response.wsgi_request.stale_form
    assert "Nothing was saved" in words(response)
    assert not Session.objects.filter(place="Hall 2").exists()
    assert boss.post(url_of(row), shown_again(response, row)).status_code == 302
    row.refresh_from_db()
    assert row.place == "Hall 2"


def test_third_change_in_between_is_told_again(boss):
    row = factories.SessionFactory()
    sent = open_form(boss, row) | {"place": "Mine"}
    Session.objects.update(place="First")
    again = shown_again(boss.post(url_of(row), sent), row)
    Session.objects.update(place="Second")
    assert "Stored now: Second" in words(boss.post(url_of(row), again))
    row.refresh_from_db()
    assert row.place == "Second"


def test_form_with_an_error_can_be_corrected_and_still_notices_others(boss):
    row = factories.SessionFactory()
    response = boss.post(url_of(row), open_form(boss, row) | {"title": ""})
    assert not response.wsgi_request.stale_form
    again = shown_again(response, row) | {"title": "Right"}
    Session.objects.update(place="Meanwhile")
    response = boss.post(url_of(row), again)
    assert response.wsgi_request.stale_form
    assert boss.post(url_of(row), shown_again(response, row)).status_code == 302


def test_popup_is_guarded_and_works(boss):
    row = factories.KeywordFactory()
    url = f"{url_of(row)}?_popup=1"
    sent = fields_of(boss.get(url).content.decode(), form_of(row)) | {"name": "Mine"}
    Keyword.unfiltered.filter(pk=row.pk).update(name="Theirs")
    response = boss.post(url, sent)
    assert TOLD in words(response)
    response = boss.post(url, shown_again(response, row))
    assert "popup_response" in response.content.decode()
    row.refresh_from_db()
    assert row.name == "Mine"


def test_row_named_by_another_field_is_guarded(boss):
    row = factories.KeywordFactory(name="gout")
    sent = open_form(boss, row) | {"name": "Mine"}
    Keyword.unfiltered.update(name="Theirs")
    response = boss.post(f"{url_of(row)}?_to_field=id", sent)
    assert response.wsgi_request.stale_form


def test_row_that_was_deleted_meanwhile_is_a_message(boss):
    row = factories.PageFactory()
    sent = open_form(boss, row)
    row.delete()
    assert "Perhaps it was deleted?" in words(boss.post(url_of(row), sent, follow=True))


def test_stored_password_is_never_shown(boss):
    user = factories.UserFactory()
    sent = open_form(boss, user) | {"last_name": "Mine"}
    user.set_password("another-sesame-42")
    user.last_name = "Theirs"
    user.save()
    page = words(boss.post(url_of(user), sent))
    assert "Stored now: Theirs" in page
    assert user.password not in page


def test_inlines_that_one_may_only_read_are_no_hindrance(client):
    user = factories.UserFactory(is_staff=True)
    may = ["change_abstract", "view_section", "view_authorline", "change_abstractkeyword"]
    user.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(user)
    row = factories.whole_abstract()
    before = stored_rows(row)
    assert client.post(url_of(row), open_form(client, row)).status_code == 302
    assert stored_rows(row) == before
    sent = open_form(client, row) | {"title": "Mine"}
    Section.unfiltered.filter(label="Results").update(html="<p>Theirs</p>")
    factories.AuthorLineFactory(abstract=row)
    before = stored_rows(row)
    again = shown_again(client.post(url_of(row), sent), row)
    response = client.post(url_of(row), again)
    assert response.status_code == 302, response.context["errors"]
    assert Abstract.unfiltered.get().title == "Mine"
    assert stored_rows(row) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.several_connections
class TestAtOnce:
    """Each request in a connection of its own."""

    def test_one_of_many_who_save_at_once_wins(self):
        row = factories.SessionFactory()
        self.check(row, [{"place": f"Room {n}"} for n in range(6)])

    def test_one_of_many_who_save_inline_rows_at_once_wins(self):
        row = factories.whole_abstract(authors=1)
        self.check(row, [{"authorline-0-name": f"Author {n}"} for n in range(6)])

    def test_forms_of_tier_and_meeting_do_not_overwrite_each_other(self):
        tier = factories.TierFactory(embargoed=True)
        answers = self.post_at_once([(tier, {"position": "3"}), (tier.meeting, {"embargotier-0-position": "4"})] * 3)
        assert sorted(response.status_code for response in answers) == [200] * 5 + [302]

    def test_forms_of_session_and_abstract_at_once(self):
        tier = factories.TierFactory(release_rule="session_start")
        row = factories.whole_abstract(meeting=tier.meeting, tier=tier, draft=True)
        session = Session.objects.get()
        moved = {"start_time": "09:00", "presentation-0-position": "8"}
        answers = self.post_at_once([(row, {"presentation-0-position": "7"}), (session, moved)] * 3)
        assert sorted(response.status_code for response in answers) == [200] * 5 + [302]

    def check(self, row, changes):
        answers = self.post_at_once([(row, change) for change in changes])
        assert sorted(response.status_code for response in answers) == [200] * 5 + [302]
        assert [response.wsgi_request.stale_form for response in answers].count(True) == 5

    def post_at_once(self, posts) -> list:
        answers, works = [], []
        for row, change in posts:
            client = Client()
            client.force_login(factories.StaffFactory())
            sent = open_form(client, row) | change
            works.append(lambda client=client, row=row, sent=sent: answers.append(client.post(url_of(row), sent)))
        assert at_once(*works) == []
        return answers
