"""Import in the admin: check, then import what was checked."""

import os
import time

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from abstracts.admin import importing, uploads
from abstracts.admin.reports import ROWS_SHOWN, report_context
from abstracts.importing import BadInput, ImportReport, Outcome, RowReport
from abstracts.models import Abstract, EmbargoRecord, HeldChange, ImportRun
from abstracts.models.groups import IMPORTERS, OFFICERS
from tests import factories

from .posting import answer, asks

pytestmark = pytest.mark.django_db

SHEET = b"""abstract_number,title,authors_and_affiliations,abstract_text
0001,Invented remission,Ada Example,Background/Purpose: We asked. Methods: We counted. Results: Many. Conclusion: Yes.
0002,Invented relapse,Bo Sample,Background/Purpose: We asked. Methods: We counted. Results: Few. Conclusion: More.
"""
BROKEN = (
    b"abstract_number,title,authors_and_affiliations,abstract_text\n0001,,Ada Example,Words.\n0001,Again,Bo,Words.\n"
)


def sheet(data=SHEET, name="abstracts.csv"):
    return SimpleUploadedFile(name, data, "text/csv")


def check(client, meeting, data=SHEET, name="abstracts.csv", **more):
    return client.post(
        reverse("admin:abstracts_import"), {"file": sheet(data, name), "meeting": meeting.slug, **more}, follow=True
    )


def carry_out(client, response):
    """Import what was checked; where that asks, confirm it."""
    response = client.post(reverse("admin:abstracts_import"), {"checked": response.context["checked"]}, follow=True)
    return answer(client, response) if asks(response) else response


def folders() -> list:
    return list(uploads.uploads_root().glob("*"))


def test_the_lists_lead_to_it(boss):
    for name in ("abstract", "meeting"):
        page = boss.get(reverse(f"admin:abstracts_{name}_changelist")).content.decode()
        assert reverse("admin:abstracts_import") in page


def test_checking_writes_nothing_and_importing_writes_all(boss):
    tier = factories.TierFactory(number_prefixes="0-9")
    response = check(boss, tier.meeting)
    page = response.content.decode()
    assert "2 rows; 2 new." in page
    assert "Nothing was written yet." in page
    assert not Abstract.unfiltered.exists()
    assert not ImportRun.unfiltered.exists()
    [folder] = folders()
    assert folder.stat().st_mode & 0o077 == 0

    response = carry_out(boss, response)
    assert set(Abstract.unfiltered.values_list("number", flat=True)) == {"0001", "0002"}
    run = ImportRun.unfiltered.get()
    assert run.by.is_staff
    assert run.file_name == "abstracts.csv"
    assert "2 rows; 2 new." in response.content.decode()
    assert "Imported “abstracts.csv”" in LogEntry.objects.get().change_message
    assert folders() == []


def test_invalid_rows_offer_no_import_and_change_nothing(boss):
    tier = factories.TierFactory(number_prefixes="0-9")
    response = check(boss, tier.meeting, BROKEN)
    page = response.content.decode()
    assert "invalid" in page
    assert 'value="Import"' not in page
    response = carry_out(boss, response)  # though not offered
    assert "Nothing was written." in response.content.decode()
    assert not Abstract.unfiltered.exists()
    assert folders() == []


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.jsonl", "a.zip", "a", "a.xls", "../../etc/passwd", ".csv"])
@pytest.mark.parametrize("data", [b"PK\x03\x04nonsense", b"\x00\x01\x02", b"\xff\xfe\x00", b"a,b\n1"])
def test_files_that_make_no_sense_are_messages(boss, name, data):
    response = check(boss, factories.MeetingFactory(), data, name)
    assert response.status_code == 200
    assert not Abstract.unfiltered.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("meeting", "nowhere"), ("meeting", "\x00"), ("tier", "x"), ("tier", "99999"), ("mapping", "no equals sign")],
)
def test_wrong_choices_are_messages(boss, field, value):
    response = boss.post(
        reverse("admin:abstracts_import"),
        {"file": sheet(), "meeting": factories.MeetingFactory().slug} | {field: value},
    )
    assert response.status_code == 200
    assert response.context["form"].errors
    assert folders() == []


def test_a_missing_file_and_another_meetings_tier_are_messages(boss):
    tier, meeting = factories.TierFactory(), factories.MeetingFactory()
    response = boss.post(reverse("admin:abstracts_import"), {"meeting": meeting.slug, "tier": tier.pk})
    assert set(response.context["form"].errors) == {"file", "tier"}


@pytest.mark.parametrize("checked", ["", "nonsense", "a:b:c", "\x00"])
def test_a_forged_ticket_is_refused(boss, checked):
    response = boss.post(reverse("admin:abstracts_import"), {"checked": checked})
    assert "choose it again" in response.content.decode()


def test_a_ticket_is_for_one_user_and_one_import(boss, client):
    tier = factories.TierFactory(number_prefixes="0-9")
    response = check(boss, tier.meeting)
    client.force_login(factories.StaffFactory())
    assert "choose it again" in carry_out(client, response).content.decode()
    assert not Abstract.unfiltered.exists()


def test_a_ticket_is_used_once(boss):
    tier = factories.TierFactory(number_prefixes="0-9")
    response = check(boss, tier.meeting)
    carry_out(boss, response)
    assert "choose it again" in carry_out(boss, response).content.decode()
    assert ImportRun.unfiltered.count() == 1


def test_files_that_were_not_imported_are_deleted_within_a_day(boss):
    tier = factories.TierFactory(number_prefixes="0-9")
    check(boss, tier.meeting)
    [old] = folders()
    long_ago = time.time() - uploads.MAX_AGE_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    check(boss, tier.meeting)
    assert old not in folders()
    assert len(folders()) == 1


def test_a_failed_check_leaves_no_files(boss, monkeypatch):
    def refuse(source, options):
        raise BadInput("No such sheet.")

    monkeypatch.setattr(importing, "run_import", refuse)
    assert "No such sheet." in check(boss, factories.MeetingFactory()).content.decode()
    assert folders() == []


def test_the_choices_reach_the_run(boss, monkeypatch):
    seen = []

    def remember(source, options):
        seen.append((source.read_bytes(), options))
        return ImportReport(file_name=options.file_name, dry_run=options.dry_run, applied=not options.dry_run)

    monkeypatch.setattr(importing, "run_import", remember)
    tier = factories.TierFactory(number_prefixes="0-9")
    response = check(
        boss, tier.meeting, tier=tier.pk, skip_invalid="on", overwrite_edits="on", mapping="No. = number\n",
        figures=SimpleUploadedFile("f.ZIP", b"zip"),
    )  # fmt: skip
    carry_out(boss, response)
    (data, dry), (_, real) = seen
    assert data == SHEET
    assert (dry.dry_run, real.dry_run) == (True, False)
    assert real.figures.suffix == ".zip"
    assert (real.meeting, real.tier) == (tier.meeting.slug, tier.name)
    assert real.mapping == {"No.": "number"}
    assert real.skip_invalid
    assert real.overwrite_edits
    assert real.by.is_staff


def grant(client, *codenames):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="abstracts"))
    client.force_login(user)


WITH_SESSION = b"""abstract_number,title,authors_and_affiliations,keywords,session_title,session_date
0001,Invented remission,Ada Example,Gout,Posters,2031-10-24
"""
NEEDED = [
    "add_abstract", "add_authorline", "add_affiliation", "add_person", "add_abstractkeyword", "add_keyword",
    "add_session", "add_presentation",
]  # fmt: skip


@pytest.mark.parametrize("left_out", NEEDED[1:])
def test_import_needs_the_permission_for_each_table_that_it_adds_to(client, left_out):
    tier = factories.TierFactory(embargoed=True, release_rule="held", number_prefixes="0-9")
    grant(client, *NEEDED)
    assert 'value="Import"' in check(client, tier.meeting, WITH_SESSION).content.decode()
    grant(client, *(set(NEEDED) - {left_out}))
    response = check(client, tier.meeting, WITH_SESSION)
    page = response.content.decode()
    verb, _, table = left_out.partition("_")
    assert f"You may not {verb} {apps.get_model('abstracts', table)._meta.verbose_name_plural}" in page
    assert 'value="Import"' not in page
    assert "Nothing was written" in carry_out(client, response).content.decode()  # though not offered
    assert not Abstract.unfiltered.exists()


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        (b"Other title,Ada Example,Gout,Posters,2031-10-24", "change_abstract"),
        (b"Invented remission,Bo Sample,Gout,Posters,2031-10-24", "change_authorline"),
        (b"Invented remission,Ada Example,Lupus,Posters,2031-10-24", "change_abstractkeyword"),
        (b"Invented remission,Ada Example,Gout,Posters,2031-10-25", "change_presentation"),
    ],
)
def test_adding_alone_rewrites_nothing(boss, client, changed, needed):
    tier = factories.TierFactory(embargoed=True, release_rule="held", number_prefixes="0-9")
    carry_out(boss, check(boss, tier.meeting, WITH_SESSION))
    before = list(Abstract.unfiltered.values())
    grant(client, *NEEDED)
    assert check(client, tier.meeting, WITH_SESSION).context["report"]["forbidden"] == []
    response = check(client, tier.meeting, WITH_SESSION.splitlines()[0] + b"\n0001," + changed + b"\n")
    forbidden = response.context["report"]["forbidden"]
    verb, _, table = needed.partition("_")
    assert f"{verb} {apps.get_model('abstracts', table)._meta.verbose_name_plural}" in forbidden
    assert "Nothing was written" in carry_out(client, response).content.decode()
    assert list(Abstract.unfiltered.values()) == before


def test_changing_a_session_needs_its_permission(boss, client):
    tier = factories.TierFactory(embargoed=True, release_rule="held", number_prefixes="0-9")
    with_code = WITH_SESSION.replace(b"session_title", b"session_code").replace(b"Posters", b"A12")
    carry_out(boss, check(boss, tier.meeting, with_code))
    allowed = [*NEEDED, "change_abstract", "change_presentation"]
    grant(client, *allowed)
    moved = with_code.replace(b"10-24", b"10-26")
    assert check(client, tier.meeting, moved).context["report"]["forbidden"] == ["change sessions"]
    grant(client, *allowed, "change_session")
    assert check(client, tier.meeting, moved).context["report"]["forbidden"] == []


def test_import_that_releases_asks_for_a_reason_and_is_recorded(boss):
    tier = factories.TierFactory(number_prefixes="0-9")
    response = check(boss, tier.meeting)
    page = response.content.decode()
    assert page.index("Public at once: 2 abstracts") < page.index("2 rows; 2 new.")
    assert "It changes what the public sees of 2 abstracts" in page
    response = boss.post(reverse("admin:abstracts_import"), {"checked": response.context["checked"]}, follow=True)
    assert asks(response)
    assert not Abstract.unfiltered.exists()
    answer(boss, response, reason="The meeting is over.")
    assert Abstract.unfiltered.count() == 2
    assert EmbargoRecord.objects.get().reason == "The meeting is over."


def test_importer_proposes_what_an_officer_confirms(client):
    tier = factories.TierFactory(number_prefixes="0-9")
    importer, officer = (factories.UserFactory(is_staff=True) for _ in range(2))
    importer.groups.add(Group.objects.get(name=IMPORTERS))
    officer.groups.add(Group.objects.get(name=OFFICERS))
    client.force_login(importer)
    response = check(client, tier.meeting)
    response = client.post(reverse("admin:abstracts_import"), {"checked": response.context["checked"]}, follow=True)
    answer(client, response, "propose")
    assert not Abstract.unfiltered.exists()
    client.force_login(officer)
    page = client.get(reverse("admin:abstracts_heldchange_decide", args=[HeldChange.unfiltered.get().pk]))
    answer(client, page)
    assert Abstract.unfiltered.count() == 2
    assert ImportRun.unfiltered.get().by == importer
    assert EmbargoRecord.objects.get().by_id == officer.pk


@pytest.mark.parametrize("button", ["decline", "leave"])
def test_the_files_of_an_import_go_when_it_is_decided_otherwise(boss, button):
    tier = factories.TierFactory(number_prefixes="0-9")
    response = check(boss, tier.meeting)
    data = {"checked": response.context["checked"]}
    response = boss.post(reverse("admin:abstracts_import"), data, follow=True)
    assert len(folders()) == 1
    if button == "decline":
        response = answer(boss, response, "propose")
        assert len(folders()) == 1
    answer(boss, response, button)
    assert folders() == []


def test_what_was_withdrawn_after_the_check_stays_withdrawn(boss):
    tier = factories.TierFactory(embargoed=True, release_rule="held", number_prefixes="0-9")
    with_status = SHEET.replace(b"abstract_text", b"status,abstract_text").replace(b"Example,", b"Example,published,")
    with_status = with_status.replace(b"Sample,", b"Sample,published,")
    carry_out(boss, check(boss, tier.meeting, with_status))
    response = check(boss, tier.meeting, with_status.replace(b"remission", b"cure"), overwrite_edits="on")
    Abstract.unfiltered.filter(number="0001").update(status="withdrawn", status_note="Asked for.")
    page = carry_out(boss, response).content.decode()
    abstract = Abstract.unfiltered.get(number="0001")
    assert (abstract.status, abstract.status_note, abstract.title) == ("withdrawn", "Asked for.", "Invented cure")
    assert "kept status as it is here: it was changed after the check" in page


def test_importing_needs_the_permission_to_add(client, curator, db):
    assert curator.get(reverse("admin:abstracts_import")).status_code == 200
    client.force_login(factories.UserFactory(is_staff=True))
    assert client.get(reverse("admin:abstracts_import")).status_code == 403
    client.logout()
    assert client.get(reverse("admin:abstracts_import")).status_code == 302


def test_who_may_not_view_abstracts_does_not_see_the_titles_in_reports(boss, client):
    tier = factories.TierFactory(number_prefixes="0-9")
    assert "Invented remission" in carry_out(boss, check(boss, tier.meeting)).content.decode()
    run = reverse("admin:abstracts_importrun_change", args=[ImportRun.unfiltered.get().pk])
    clerk = factories.UserFactory(is_staff=True)
    client.force_login(clerk)
    clerk.user_permissions.add(Permission.objects.get(codename="view_importrun"))
    assert client.get(run).status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="view_abstract"))
    assert client.get(run).status_code == 200


def test_a_long_report_is_shortened():
    rows = [RowReport(n, f"{n:04}", Outcome.NEW, messages=["m"] * 9) for n in range(3000)]
    context = report_context(ImportReport(rows=rows).as_dict())
    [group] = context["groups"]
    assert (group["count"], len(group["rows"]), group["more"]) == (3000, ROWS_SHOWN, 3000 - ROWS_SHOWN)
    assert group["rows"][0]["messages"][-1] == "… and 4 more"


def test_a_stored_report_is_shown_escaped(boss):
    rows = [RowReport(3, "<b>7</b>", Outcome.INVALID, messages=["<script>x</script>"])]
    run = ImportRun.unfiltered.create(
        file_name="a.csv", report=ImportReport(rows=rows).as_dict(), counts={"invalid": 1}
    )
    page = boss.get(reverse("admin:abstracts_importrun_change", args=[run.pk])).content.decode()
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("report", [{}, {"rows": [{}]}, {"counts": None}])
def test_reports_of_other_shapes_are_shown(boss, report):
    run = ImportRun.unfiltered.create(file_name="a.csv", report=report)
    assert boss.get(reverse("admin:abstracts_importrun_change", args=[run.pk])).status_code == 200
