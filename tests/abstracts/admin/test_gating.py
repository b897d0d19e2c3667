"""Every door of the admin, as every group: nothing that the public sees changes unasked."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from abstracts.models import (
    Abstract,
    AuthorAffiliation,
    AuthorLine,
    EmbargoRecord,
    EmbargoTier,
    HeldChange,
    Session,
    groups,
)
from abstracts.models.held import ANSWER_WITHIN
from abstracts.visibility import ANONYMOUS, Level, Status
from tests import factories

from .posting import add_row, answer, asks, edit, fields_of, png

pytestmark = pytest.mark.django_db
State = HeldChange.State


def member(*names: str, **fields):
    user = factories.UserFactory(is_staff=True, **fields)
    user.groups.set(Group.objects.filter(name__in=names))
    return user


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def public_levels() -> dict[str, int]:
    rows = Abstract.objects.visible_to(ANONYMOUS, timezone.now())
    return dict(rows.values_list("number", "level"))


def url(model: str, row=None, verb: str = "change") -> str:
    return reverse(f"admin:abstracts_{model}_{verb}", args=[row.pk] if row else [])


def post(client, address: str, form: str, **changes):
    """Send the form at `address` by `client`."""
    return client.post(address, fields_for(client, address, form) | {"_save": "Save"} | changes, follow=True)


def fields_for(client, address: str, form: str) -> dict[str, str]:
    """The fields of the form as `client` gets it; for those who get none, as a superuser does."""
    pages = (one.get(address).content.decode() for one in (client, signed_in(factories.StaffFactory())))
    return next(fields for page in pages if (fields := fields_of(page, form)))


HELD = {"embargostep-0-rule": "held", "embargostep-0-date": "", "embargostep-0-time": ""}


def ahead(**fields):
    """An abstract that is released in 2099 by its tier."""
    return factories.AbstractFactory(number="0001", embargoed=True, **fields)


def in_session(date: str):
    tier = factories.TierFactory(release_rule="session_start", release_date=None, release_time=None)
    session = factories.SessionFactory(meeting=tier.meeting, date=dt.date.fromisoformat(date))
    abstract = factories.AbstractFactory(number="0001", meeting=tier.meeting, tier=tier)
    factories.PresentationFactory(session=session, abstract=abstract)
    return session, abstract


def change_tier(client, **more):
    return post(
        client, url("embargotier", ahead().tier), "embargotier_form", **{"embargostep-0-date": "2020-01-01"}, **more
    )


def change_tier_in_popup(client):
    return change_tier(client, _popup="1")


def change_tier_with_old_confirmation(client):
    return change_tier(client, _release_confirmed="1", confirm="x", reason="Because", shown="x")


def change_tier_to_a_minute_ahead(client):
    soon = timezone.now() + dt.timedelta(minutes=1)
    tier = ahead().tier
    changes = {"timezone": "UTC", "date": f"{soon:%Y-%m-%d}", "time": f"{soon:%H:%M:%S}"}
    changes = {f"embargostep-0-{name}": value for name, value in changes.items()}
    return post(client, url("embargotier", tier), "embargotier_form", **changes)


def change_which_session_decides(client):
    _, abstract = in_session("2020-01-01")
    later = factories.SessionFactory(meeting=abstract.meeting, date=dt.date(2099, 1, 1))
    factories.PresentationFactory(abstract=abstract, session=later)
    abstract.tier.decides = "last"
    abstract.tier.save()
    return post(client, url("embargotier", abstract.tier), "embargotier_form", decides="first")


def add_step(client):
    tier = ahead().tier
    step = {"shows": "title", "rule": "fixed", "date": "2020-01-01", "time": "09:00", "minutes": "0"}
    row = {"embargostep-TOTAL_FORMS": "2"} | {f"embargostep-1-{name}": value for name, value in step.items()}
    return post(client, url("embargotier", tier), "embargotier_form", **row)


def change_tier_within_the_meeting(client):
    """Which presentation decides can be changed there too."""
    _, abstract = in_session("2099-01-01")
    past = factories.SessionFactory(meeting=abstract.meeting, date=dt.date(2020, 1, 1))
    abstract.tier.decides = "last"
    abstract.tier.save()
    factories.PresentationFactory(abstract=abstract, session=past)
    return post(client, url("meeting", abstract.meeting), "meeting_form", **{"embargotier-0-decides": "first"})


def publish_meeting(client):
    meeting = factories.MeetingFactory(is_published=False)
    factories.AbstractFactory(number="0001", meeting=meeting)
    return post(client, url("meeting", meeting), "meeting_form", is_published="on")


def change_zone(client):
    return post(client, url("meeting", ahead().meeting), "meeting_form", timezone="Asia/Tokyo")


def move_session(client):
    session, _ = in_session("2099-01-01")
    return post(client, url("session", session), "session_form", date="2020-01-01")


def add_session(client):
    tier = factories.TierFactory(release_rule="session_start", release_date=None, release_time=None)
    abstract = factories.AbstractFactory(number="0001", meeting=tier.meeting, tier=tier)
    row = {"presentation-TOTAL_FORMS": "1", "presentation-0-abstract": abstract.pk, "presentation-0-position": "1"}
    return post(
        client, url("session", verb="add"), "session_form", meeting=tier.meeting_id, title="Past",
        date="2020-01-01", start_time="10:00:00", end_time="11:00:00", **row,
    )  # fmt: skip


def add_abstract(client):
    tier = factories.TierFactory()
    return post(
        client, url("abstract", verb="add"), "abstract_form", meeting=tier.meeting_id, tier=tier.pk, title="New",
        number="0001",
    )  # fmt: skip


def publish_draft(client):
    abstract = factories.AbstractFactory(number="0001", draft=True)
    return post(client, url("abstract", abstract), "abstract_form", status=Status.PUBLISHED)


def override(client):
    changes = {"override_released_from_0": "2020-01-01", "override_released_from_1": "10:00:00"}
    return post(client, url("abstract", ahead()), "abstract_form", **changes)


def import_a_sheet(client):
    address, tier = reverse("admin:abstracts_import"), factories.TierFactory()
    sheet = b"abstract_number,title,authors_and_affiliations,abstract_text\n0001,New,Ada Example,Methods: We counted.\n"
    file = SimpleUploadedFile("abstracts.csv", sheet)
    response = client.post(address, {"file": file, "meeting": tier.meeting.slug, "tier": tier.pk}, follow=True)
    if response.status_code != 200:
        return response
    return client.post(address, {"checked": response.context["checked"]}, follow=True)


LIFTING = [
    change_tier, change_tier_in_popup, change_tier_with_old_confirmation, change_tier_to_a_minute_ahead,
    change_tier_within_the_meeting, publish_meeting, change_zone, move_session, add_session, add_abstract,
    publish_draft, override, import_a_sheet,
]  # fmt: skip


def withdraw(client):
    abstract = factories.AbstractFactory(number="0001")
    return post(client, url("abstract", abstract), "abstract_form", status=Status.WITHDRAWN, status_note="Withdrawn.")


def hold(client):
    abstract = factories.AbstractFactory(number="0001")
    return post(client, url("embargotier", abstract.tier), "embargotier_form", **HELD)


def postpone(client):
    abstract = factories.AbstractFactory(number="0001")
    changes = {"override_released_from_0": "2099-01-01", "override_released_from_1": "10:00:00"}
    return post(client, url("abstract", abstract), "abstract_form", **changes)


def unpublish_meeting(client):
    address = url("meeting", factories.AbstractFactory(number="0001").meeting)
    fields = fields_for(client, address, "meeting_form")
    return client.post(address, {k: v for k, v in fields.items() if k != "is_published"}, follow=True)


def delete_session(client):
    session, _ = in_session("2020-01-01")
    return client.post(url("session", session, "delete"), {"post": "yes"}, follow=True)


def delete_sessions_of_the_list(client):
    session, _ = in_session("2020-01-01")
    data = {"action": "delete_selected", "_selected_action": session.pk, "post": "yes"}
    return client.post(url("session", verb="changelist"), data, follow=True)


HIDING = [withdraw, hold, postpone, unpublish_meeting, delete_session, delete_sessions_of_the_list]


@pytest.mark.parametrize("door", [*LIFTING, *HIDING])
def test_no_door_is_open_and_a_confirmation_opens_it(door, boss):
    response = door(boss)
    before = public_levels()
    assert asks(response), response.request["PATH_INFO"]
    assert before == ({} if door in LIFTING else {"0001": Level.FULL})
    assert not EmbargoRecord.objects.exists()
    answer(boss, response, reason="")
    assert public_levels() == before
    answer(boss, response, reason="The chair decided so")
    assert EmbargoRecord.objects.get().reason == "The chair decided so"
    if door not in (change_zone, change_tier_to_a_minute_ahead):
        assert public_levels() != before


@pytest.mark.parametrize("door", LIFTING)
def test_a_curator_proposes_and_an_officer_confirms(door):
    curator = member(groups.CURATORS)
    client = signed_in(curator)
    response = door(client)
    assert asks(response)
    assert answer(client, response).status_code == 403
    answer(client, response, "propose", "Please release them")
    held = HeldChange.unfiltered.get()
    assert (held.state, held.reason) == (State.PROPOSED, "Please release them")
    assert not EmbargoRecord.objects.exists()

    officer = signed_in(officer_user := member(groups.OFFICERS))
    page = officer.get(reverse("admin:abstracts_heldchange_decide", args=[held.pk]))
    assert "Please release them" in page.content.decode()
    answer(officer, page, reason="Checked")
    held.refresh_from_db()
    assert held.state == State.CONFIRMED
    entry = EmbargoRecord.objects.get()
    assert (entry.by_id, entry.proposed_by_id, entry.reason) == (officer_user.pk, curator.pk, "Checked")
    assert held.entry == entry.number
    assert (held.post, held.files) == ([], [])


@pytest.mark.parametrize("door", HIDING)
def test_a_curator_hides_in_one_step(door):
    client = signed_in(member(groups.CURATORS))
    response = door(client)
    assert asks(response)
    assert public_levels() == {"0001": Level.FULL}
    answer(client, response, reason="Patients can be recognized")
    assert public_levels().get("0001", 0) < Level.FULL
    assert EmbargoRecord.objects.get().reason == "Patients can be recognized"


@pytest.mark.parametrize("door", [*LIFTING, *HIDING])
@pytest.mark.parametrize("group", [groups.VIEWERS, groups.PRESS_OFFICERS, ""])
def test_groups_that_change_nothing_change_nothing(door, group):
    response = door(signed_in(member(group)))
    assert response.status_code in (403, 200)
    assert not asks(response)
    assert not HeldChange.unfiltered.exists()
    assert not EmbargoRecord.objects.exists()


@pytest.mark.parametrize("door", [*LIFTING, *HIDING])
def test_importers_lift_and_delete_nothing_by_themselves(door):
    client = signed_in(member(groups.IMPORTERS))
    response = door(client)
    before = public_levels()
    if asks(response):
        answer(client, response)
    if door in LIFTING:
        assert public_levels() == before
    elif door not in (withdraw, postpone):
        assert public_levels() == {"0001": Level.FULL}


def test_officers_who_lift_confirm_themselves():
    client = signed_in(member(groups.OFFICERS))
    response = change_tier(client)
    answer(client, response)
    assert public_levels() == {"0001": Level.FULL}


def test_what_was_proposed_can_be_declined_with_an_answer():
    client, officer = signed_in(member(groups.CURATORS)), signed_in(member(groups.OFFICERS))
    response = answer(client, change_tier(client), "propose")
    page = officer.get(response.request["PATH_INFO"])
    answer(officer, page, "decline", "Not before the press conference")
    held = HeldChange.unfiltered.get()
    assert (held.state, held.answer, held.post) == (State.DECLINED, "Not before the press conference", [])
    assert "Not before the press" in client.get(response.request["PATH_INFO"]).content.decode()
    assert public_levels() == {}
    assert officer.post(response.request["PATH_INFO"], {"confirm": "x"}).status_code == 403


def test_others_neither_see_nor_confirm_what_only_its_author_was_asked():
    client, officer = signed_in(member(groups.CURATORS)), signed_in(member(groups.OFFICERS))
    response = withdraw(client)
    address = response.request["PATH_INFO"]
    assert officer.get(address).status_code == 404
    assert officer.post(address, {"confirm": "x", "reason": "x"}).status_code == 404
    assert client.get(address).status_code == 200
    assert signed_in(member(groups.VIEWERS)).get(address).status_code == 404


def test_a_confirmation_works_once(boss):
    response = withdraw(boss)
    answer(boss, response)
    assert answer_again(boss, response).status_code == 403
    assert EmbargoRecord.objects.count() == 1


def answer_again(client, response):
    return answer(client, response, follow=False)


def test_a_confirmation_is_for_one_hour(boss, monkeypatch):
    response = withdraw(boss)
    late = timezone.now() + ANSWER_WITHIN + dt.timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert answer_again(boss, response).status_code == 403
    assert public_levels() == {"0001": Level.FULL}


def test_a_page_signed_for_somebody_else_confirms_nothing(boss):
    client, officer = signed_in(member(groups.CURATORS)), signed_in(member(groups.OFFICERS))
    response = answer(client, change_tier(client), "propose")
    page = officer.get(response.request["PATH_INFO"])
    other = signed_in(member(groups.OFFICERS))
    response = answer(other, page)
    assert "older than an hour" in response.content.decode()
    assert public_levels() == {}


def test_if_something_changed_meanwhile_it_asks_again(boss):
    response = withdraw(boss)
    abstract = Abstract.unfiltered.get()
    abstract.override_released_from = factories.FAR_AHEAD
    abstract.save()
    response = answer(boss, response)
    assert Abstract.unfiltered.get().status == Status.PUBLISHED
    assert not EmbargoRecord.objects.exists()
    assert "Nothing was written" in response.content.decode()


def test_a_proposal_of_a_form_that_others_changed_meanwhile_is_refused():
    client, officer = signed_in(member(groups.CURATORS)), signed_in(member(groups.OFFICERS))
    response = answer(client, change_tier(client), "propose")
    EmbargoTier.objects.update(name="Renamed meanwhile")
    response = answer(officer, officer.get(response.request["PATH_INFO"]))
    assert "Somebody changed what its form showed." in response.content.decode()
    assert public_levels() == {}
    assert EmbargoTier.objects.get().name == "Renamed meanwhile"


def test_if_other_abstracts_are_affected_meanwhile_it_shows_them_and_asks_again(boss):
    response = change_tier(boss)
    tier = Abstract.unfiltered.get().tier
    factories.AbstractFactory(number="0002", meeting=tier.meeting, tier=tier)
    response = answer(boss, response)
    page = response.content.decode()
    assert "Something has changed meanwhile" in page
    assert "what the public sees of 2 abstracts" in page
    assert public_levels() == {}
    answer(boss, response)
    assert set(public_levels()) == {"0001", "0002"}


def test_left_changes_are_deleted_after_an_hour(boss):
    withdraw(boss)
    HeldChange.unfiltered.update(created_at=timezone.now() - dt.timedelta(hours=2))
    session, _ = in_session("2020-01-01")
    boss.post(url("session", session, "delete"), {"post": "yes"})
    assert HeldChange.unfiltered.get().door.startswith("Delete session")


def test_leaving_everything_as_it_was_deletes_what_was_sent(boss):
    response = withdraw(boss)
    answer(boss, response, "leave", reason="")
    held = HeldChange.unfiltered.get()
    assert (held.state, held.post) == (State.DECLINED, [])
    assert public_levels() == {"0001": Level.FULL}


@pytest.mark.parametrize("how", ["confirmed", "declined"])
def test_its_author_cannot_leave_what_was_decided(how):
    client, officer = signed_in(member(groups.CURATORS)), signed_in(member(groups.OFFICERS))
    response = answer(client, change_tier(client), "propose")
    page = officer.get(response.request["PATH_INFO"])
    answer(officer, page, how.removesuffix("ed") if how == "confirmed" else "decline", "Not before the press")
    decided = HeldChange.unfiltered.values().get()
    assert decided["state"] == how
    page = client.post(response.request["PATH_INFO"], {"leave": "x"}, follow=True)
    assert "It was decided already." in page.content.decode()
    assert HeldChange.unfiltered.values().get() == decided


def test_a_proposal_of_a_deleted_account_is_not_carried_out():
    author = member(groups.CURATORS)
    client, officer = signed_in(author), signed_in(member(groups.OFFICERS))
    response = answer(client, change_tier(client), "propose")
    author.delete()
    page = answer(officer, officer.get(response.request["PATH_INFO"]))
    assert "The account of who made it was deleted." in page.content.decode()
    assert public_levels() == {}
    answer(officer, page, "decline", "Its author is gone")
    assert HeldChange.unfiltered.get().state == State.DECLINED


@pytest.mark.parametrize("lost", ["is_active", "is_staff", "groups"])
def test_a_proposal_of_somebody_who_may_not_any_more_is_not_carried_out(lost):
    author = member(groups.CURATORS)
    client, officer = signed_in(author), signed_in(member(groups.OFFICERS))
    response = answer(client, change_tier(client), "propose")
    author.groups.clear() if lost == "groups" else type(author).objects.update(**{lost: False})
    type(author).objects.exclude(pk=author.pk).update(is_active=True, is_staff=True)
    page = answer(officer, officer.get(response.request["PATH_INFO"]))
    assert "Nothing was written." in page.content.decode()
    assert public_levels() == {}
    assert HeldChange.unfiltered.get().state == State.PROPOSED


@pytest.mark.parametrize("key", ["²", "٣", "9" * 30, "x"])
def test_a_key_that_no_change_has_is_not_found(boss, key):
    address = reverse("admin:abstracts_heldchange_changelist")
    for page in ("change", "decide"):
        assert boss.get(f"{address}{key}/{page}/", follow=True).status_code == 404


def test_an_answer_without_anything_is_told(boss):
    response = change_tier(boss)
    page = boss.post(response.request["PATH_INFO"], {})
    assert "Choose one of the buttons." in page.content.decode()
    assert public_levels() == {}


def test_a_character_that_postgresql_does_not_store_is_left_out(boss):
    response = change_tier(boss, **{"more\0": "a\0b"})
    assert asks(response)
    assert ["more", "ab"] in HeldChange.unfiltered.get().post


def test_the_door_of_an_abstract_without_a_number_does_not_say_its_title(boss):
    abstract = factories.AbstractFactory(number=None, title="Not for everybody")
    changes = {"override_released_from_0": "2099-01-01", "override_released_from_1": "10:00:00"}
    answer(boss, post(boss, url("abstract", abstract), "abstract_form", **changes))
    entry = EmbargoRecord.objects.get()
    assert f"{abstract.meeting} id {abstract.pk}" in entry.door
    assert "Not for" not in entry.door


def test_who_may_not_view_abstracts_does_not_see_the_titles_in_proposals():
    client, clerk = signed_in(member(groups.CURATORS)), factories.UserFactory(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_heldchange"))
    response = answer(client, change_tier(client), "propose")
    assert signed_in(clerk).get(response.request["PATH_INFO"]).status_code == 404
    clerk.user_permissions.add(Permission.objects.get(codename="view_abstract"))
    assert signed_in(clerk).get(response.request["PATH_INFO"]).status_code == 200


def test_a_later_release_is_not_asked_about_but_recorded_and_reported(boss):
    abstract = ahead()
    response = edit(boss, url("embargotier", abstract.tier), "embargotier_form", **{"embargostep-0-date": "2101-01-01"})
    assert not asks(response)
    assert "1 abstract public later than so far. Entry 1 of the embargo record." in response.content.decode()
    entry = EmbargoRecord.objects.get()
    assert entry.door.startswith("Change embargo tier")


def test_nothing_is_asked_in_a_meeting_that_is_not_published(boss):
    abstract = ahead(meeting=factories.MeetingFactory(is_published=False))
    assert not asks(
        edit(boss, url("embargotier", abstract.tier), "embargotier_form", **{"embargostep-0-date": "2020-01-01"})
    )
    assert not asks(edit(boss, url("abstract", abstract), "abstract_form", status=Status.DRAFT))


def test_a_popup_that_was_confirmed_answers_as_a_popup(boss):
    response = change_tier_in_popup(boss)
    assert "_popup=1" in response.request["QUERY_STRING"]
    page = answer(boss, response, follow=False).content.decode()
    assert "popup_response.js" in page


def test_the_record_can_neither_be_edited_nor_deleted(boss):
    answer(boss, withdraw(boss))
    entry = EmbargoRecord.objects.get()
    address = reverse("admin:abstracts_embargorecord_change", args=[entry.pk])
    assert boss.get(address).status_code == 200
    assert boss.post(address, {"reason": "Another"}).status_code == 403
    delete = reverse("admin:abstracts_embargorecord_delete", args=[entry.pk])
    assert boss.post(delete, {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    boss.post(reverse("admin:abstracts_embargorecord_changelist"), data)
    assert EmbargoRecord.objects.get().reason == entry.reason


def test_the_page_of_an_abstract_shows_its_record_and_the_meetings_is_a_csv(boss):
    answer(boss, withdraw(boss), reason="Duplicate <b>publication</b>")
    abstract = Abstract.unfiltered.get()
    page = boss.get(url("abstract", abstract)).content.decode()
    assert "Duplicate &lt;b&gt;publication" in page
    assert "first public from Jan 1, 2020, 9:00 AM CST" in page
    assert "hidden again from" in page
    csv = boss.get(reverse("admin:abstracts_record_csv", args=[abstract.meeting.slug]))
    assert "Duplicate" in b"".join(csv.streaming_content).decode()
    assert boss.get(reverse("admin:abstracts_record_csv", args=["nowhere"])).status_code == 404
    clerk = signed_in(member(groups.PRESS_OFFICERS))
    assert clerk.get(reverse("admin:abstracts_record_csv", args=[abstract.meeting.slug])).status_code == 403
    found = boss.get(reverse("admin:abstracts_embargorecord_changelist"), {"q": f"{abstract.meeting.slug} 0001"})
    assert found.context["cl"].result_count == 1


def test_a_file_is_kept_with_the_change_and_deleted_with_it(boss, settings):
    abstract = factories.AbstractFactory(number="0001", draft=True)
    address = url("abstract", abstract)
    row = add_row(boss, address, "abstract_form", "figure", position="0", label="Figure 1")
    files = {"figure-0-upload": SimpleUploadedFile("a.png", png())}
    response = edit(boss, address, "abstract_form", files=files, status=Status.PUBLISHED, **row)
    [folder] = (settings.UPLOADS_ROOT / "held").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert [path.stat().st_mode & 0o077 for path in folder.iterdir()] == [0]
    answer(boss, response, "leave")
    assert not list((settings.UPLOADS_ROOT / "held").iterdir())


def test_sessions_without_abstracts_are_deleted_without_a_question(boss):
    session = factories.SessionFactory()
    assert not asks(boss.post(url("session", session, "delete"), {"post": "yes"}, follow=True))
    assert not Session.objects.exists()


def test_the_start_page_tells_officers_that_proposals_wait():
    client, officer = signed_in(member(groups.CURATORS)), signed_in(member(groups.OFFICERS))
    answer(client, change_tier(client), "propose")
    assert "1 proposal waits for an embargo officer" in officer.get(reverse("admin:index")).content.decode()
    assert "proposal waits" not in client.get(reverse("admin:index")).content.decode()


def test_officers_postpone_and_lift_a_whole_abstract_whose_parts_they_may_only_read():
    client = signed_in(member(groups.OFFICERS))
    abstract = factories.whole_abstract(authors=2)
    links = set(AuthorAffiliation.unfiltered.values_list("author", "affiliation"))
    positions = set(AuthorLine.unfiltered.values_list("pk", "position"))
    later = {"override_released_from_0": "2099-01-01", "override_released_from_1": "10:00:00"}
    answer(client, edit(client, url("abstract", abstract), "abstract_form", **later))
    assert public_levels() == {}
    answer(client, edit(client, url("abstract", abstract), "abstract_form", override_released_from_0="2020-01-01"))
    assert public_levels() == {abstract.number: Level.FULL}
    assert links
    assert set(AuthorAffiliation.unfiltered.values_list("author", "affiliation")) == links
    assert set(AuthorLine.unfiltered.values_list("pk", "position")) == positions
