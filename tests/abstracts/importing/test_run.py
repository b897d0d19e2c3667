"""The import as a whole: what it writes, what it reports, what it leaves alone."""

import datetime as dt

import pytest
from django.utils import timezone

from abstracts import models
from abstracts.importing import BadInput, ImportOptions, Outcome, run_import
from abstracts.models import Abstract, AbstractKeyword, AbstractSource, AuthorLine, ImportRun, Meeting, Section
from abstracts.visibility import ANONYMOUS, Level, Role, Viewer
from tests.factories import KeywordFactory, MeetingFactory, StaffFactory, TierFactory, change_step, whole_abstract

from .files import HEADER, row, xlsx

pytestmark = pytest.mark.django_db

PROMISE = row(
    "LB24",
    authors_and_affiliations=None,
    keywords=None,
    abstract_text="Details of this abstract will be released on October 25th, 10:00 am CT.",
)


@pytest.fixture
def meeting():
    return TierFactory(meeting__slug="forum", meeting__year=2025, name="Regular", number_prefixes="0-9, LB").meeting


@pytest.fixture
def load(tmp_path, meeting):
    """Import rows (or a file) into the meeting; returns the report."""

    def load(rows, **options):
        path = xlsx(tmp_path / "sheet.xlsx", rows) if isinstance(rows, list) else rows
        return run_import(path, ImportOptions(**{"meeting": "forum"} | options))

    return load


def get(number="0001"):
    return Abstract.unfiltered.get(number=number)


def outcomes(report):
    return [row.outcome for row in report.rows]


def messages(report):
    return " | ".join(message for row in report.rows for message in row.messages)


def test_row_becomes_a_whole_abstract(load):
    report = load([row()])
    assert report.applied
    assert report.counts == {"rows": 1, "new": 1, "changed": 0, "unchanged": 0, "skipped": 0, "invalid": 0}
    abstract = get()
    assert (abstract.title, abstract.slug) == ("Counting invented joints 0001", "counting-invented-joints-0001")
    assert abstract.disclosures == "<p>A. van Rivel: None; B. Ortega Luna: Acme, 2, 5.</p>"
    assert list(Section.unfiltered.order_by("position").values_list("label", "html")) == [
        ("Background/Purpose", "<p>Invented joints were counted (p&lt;0.05).</p>"),
        ("Methods", "<p>We made up 12 patients: all of them.</p>"),
        ("Results", "<p>None hurt.</p>"),
        ("Conclusion", "<p>Nothing follows.</p>"),
    ]
    lines = AuthorLine.unfiltered.order_by("position")
    assert list(lines.values_list("name", "given", "family")) == [
        ("Ada van Rivel", "Ada", "van Rivel"),
        ("Bo Ortega Luna", "Bo", "Ortega Luna"),
    ]
    assert list(lines.values_list("link__affiliation__position", "link__affiliation__country")) == [
        (1, "Norway"),
        (2, "Spain"),
    ]
    labels = AbstractKeyword.unfiltered.order_by("position").values_list("label", "keyword__name")
    assert list(labels) == [("Synovium, invented", "Synovium, invented"), ("RA", "RA")]
    assert abstract.released_from == dt.datetime(2020, 1, 1, 15, tzinfo=dt.UTC)


def test_row_and_run_are_stored(load):
    staff = StaffFactory()
    report = load([row() | {"Remarks": "keep me"}], by=staff)
    run = ImportRun.unfiltered.get()
    assert (run.pk, run.by, run.file_name, run.meeting.slug) == (report.run_id, staff, "sheet.xlsx", "forum")
    assert run.counts == report.counts
    assert run.report["rows"] == [{"line": 2, "number": "0001", "outcome": "new"}]
    source = AbstractSource.unfiltered.get()
    assert source.row["Remarks"] == "keep me"
    assert source.run == run
    assert "Column “Remarks” was not used." in report.notes
    assert get().history.unfiltered.get().history_user == staff


def test_second_import_changes_nothing(load):
    load([row("0001"), row("LB02")])
    before = list(Abstract.unfiltered.values())
    report = load([row("0001"), row("LB02")])
    assert outcomes(report) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert list(Abstract.unfiltered.values()) == before
    assert Section.unfiltered.count() == 8
    assert AuthorLine.unfiltered.count() == 4
    assert models.Person.unfiltered.count() == 2


def test_report_names_changed_fields(load):
    load([row()])
    pk = get().pk
    report = load([row(title="Another title", keywords="RA; Gout", link_final="https://example.org/abstract/another/")])
    assert report.rows[0].outcome is Outcome.CHANGED
    assert report.rows[0].fields == ["keywords", "slug", "title"]
    abstract = get()
    assert (abstract.pk, abstract.title_text, abstract.slug) == (pk, "Another title", "another")
    assert models.SlugRedirect.unfiltered.get(slug="counting-invented-joints-0001").abstract == abstract
    assert [k.label for k in AbstractKeyword.unfiltered.order_by("position")] == ["RA", "Gout"]
    assert abstract.history.unfiltered.count() == 2


def test_history_has_one_row_for_each_import_with_the_stored_embargo(load, meeting):
    TierFactory(meeting=meeting, name="With its session", release_rule="session_start")
    in_session = {
        "session_code": "P1",
        "session_title": "Posters",
        "tier": "With its session",
        "session_start": "10:00",
    }
    staff = StaffFactory()
    first = load([row() | in_session | {"session_date": "2025-10-26"}], by=staff)
    later = load([row() | in_session | {"session_date": "2025-10-27"}], by=staff)
    records = get().history.unfiltered.order_by("history_id")
    days = [record.released_from.day for record in records]
    assert list(records.values_list("history_type", "history_change_reason", "history_user")) == [
        ("+", f"Import {first.run_id}", staff.pk),
        ("~", f"Import {later.run_id}", staff.pk),
    ]
    assert days == [26, 27]


def test_changed_byline_keeps_persons_assigned_by_staff(load):
    load([row()])
    other = models.Person.unfiltered.create(name="Ada van Rivel", slug="the-other-ada")
    AuthorLine.unfiltered.filter(position=0).update(person=other)
    report = load(
        [row(authors_and_affiliations="Ada van Rivel 1 , and  Bo Ortega Luna 1 , 1 North Clinic, Oslo, Norway")]
    )
    assert report.rows[0].fields == ["byline"]
    assert AuthorLine.unfiltered.get(position=0).person == other
    assert models.Affiliation.unfiltered.count() == 1


# Staff edits


def test_staff_edits_stay_and_are_reported(load):
    load([row()])
    abstract = get()
    abstract.title = "As staff want it"
    abstract.save()
    report = load([row(title="As the file has it now", keywords="Gout")])
    assert report.rows[0].outcome is Outcome.CHANGED
    assert report.rows[0].fields == ["keywords"]
    assert report.rows[0].messages == ["kept the staff's edit of title; the file says otherwise"]
    assert get().title == "As staff want it"
    assert outcomes(load([row(title="As the file has it now", keywords="Gout")])) == [Outcome.SKIPPED]


def test_staff_edits_that_the_file_does_not_contradict_are_not_reported(load):
    load([row()])
    Section.unfiltered.filter(label="Methods").update(html="<p>Better.</p>")
    assert outcomes(load([row()])) == [Outcome.UNCHANGED]
    assert Section.unfiltered.get(label="Methods").html == "<p>Better.</p>"


def test_edits_of_collections_stay_as_a_whole(load):
    load([row()])
    AuthorLine.unfiltered.filter(position=1).update(family="Luna")
    AbstractKeyword.unfiltered.filter(label="RA").delete()
    Section.unfiltered.filter(label="Results").delete()
    changed = row(
        authors_and_affiliations="Cy Day, North",
        keywords="Gout",
        abstract_text="Methods: New.\n\nDisclosures: C. Day: None",
    )
    report = load([changed])
    assert report.rows[0].fields == ["disclosures"]
    assert messages(report).count("kept the staff's edit of") == 3
    assert load([changed], overwrite_edits=True).rows[0].fields == ["byline", "keywords", "sections"]
    assert AuthorLine.unfiltered.get().name == "Cy Day"
    assert Section.unfiltered.get().label == "Methods"


def test_overwriting_edits_restores_the_file(load):
    load([row()])
    Abstract.unfiltered.update(title="Edited", title_text="Edited")
    assert load([row()], overwrite_edits=True).rows[0].fields == ["title"]
    assert get().title == "Counting invented joints 0001"


def test_abstract_made_by_hand_is_completed_not_overwritten(load, meeting):
    whole_abstract(meeting=meeting, number="0001", title="By hand", tier=meeting.tiers.get())
    models.AbstractKeyword.unfiltered.all().delete()
    report = load([row()])
    assert report.rows[0].fields == ["keywords"]
    assert get().title == "By hand"
    assert "kept the staff's edit of title" in messages(report)


# All or nothing


def test_one_invalid_row_stops_all(load):
    report = load([row("0001"), row("0002", title="")])
    assert not report.applied
    assert [(r.line, r.outcome, r.messages) for r in report.rows] == [
        (2, Outcome.NEW, []),
        (3, Outcome.INVALID, ["has no title"]),
    ]
    assert not Abstract.unfiltered.exists()
    assert not ImportRun.unfiltered.exists()
    assert not models.Person.unfiltered.exists()


def test_skip_invalid_imports_the_valid_rows(load):
    report = load([row("0001"), row("0002", title=" "), row("0003")], skip_invalid=True)
    assert report.applied
    assert list(Abstract.unfiltered.values_list("number", flat=True)) == ["0001", "0003"]
    assert report.counts["invalid"] == 1


def test_dry_run_is_the_real_run_rolled_back(load):
    dry = load([row("0001"), row("0002")], dry_run=True)
    assert not dry.applied
    assert not Abstract.unfiltered.exists()
    real = load([row("0001"), row("0002")])
    assert [r.as_dict() for r in dry.rows] == [r.as_dict() for r in real.rows]
    assert dry.notes == real.notes


def test_the_same_number_twice_is_invalid_on_both_lines(load):
    report = load([row("0001"), row("0002"), row("0001", title="Other")], skip_invalid=True)
    assert outcomes(report) == [Outcome.INVALID, Outcome.NEW, Outcome.INVALID]
    assert report.rows[0].messages == ["has the same number as line 4"]
    assert report.rows[2].messages == ["has the same number as line 2"]


def test_abstracts_missing_in_the_file_are_reported_and_left_alone(load):
    load([row("0001"), row("0002")])
    report = load([row("0002")])
    assert any("1 abstracts here are not in the file and were left alone: 0001." in note for note in report.notes)
    assert Abstract.unfiltered.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"abstract_number": "", "link_final": ""}, "has neither number, reference nor link"),
        ({"abstract_number": "9" * 41}, "has a number of more than 40 characters"),
        ({"status": "gone"}, "“gone” is no status"),
        ({"status": "withdrawn"}, "needs a public note"),
        ({"doi": "10.1002/" + "x" * 200}, "has a DOI of more than 200 characters"),
        ({"first_published": "29 February 2025"}, "is not a date"),
        ({"legacy_id": "x1"}, "“x1” is not a whole number"),
        ({"tier": "Gold"}, "has no embargo tier “Gold”"),
        ({"session_title": "S", "session_start": "10:00"}, "a session with a start but no date"),
        ({"session_title": "S", "session_date": "2025-10-26", "session_time": "late"}, "is not a time"),
        ({"session_title": "S", "session_date": "Sunday"}, "“Sunday” is not a date; write it as 2025-10-05"),
        ({"session_title": "S", "session_date": "0025-10-26"}, "“0025-10-26” is not in the years 1900 to 2200"),
        ({"session_title": "S", "session_date": "5/10/2025"}, "can be read as two dates"),
        ({"session_date": "2025-10-26"}, "has “2025-10-26” (session_date), but names no session"),
        ({"session_title": " ", "session_time": "late"}, "has “late” (session_time), but names no session"),
        (
            {"session_title": "S", "session_date": "2025-10-26", "session_time": "10:30 AM", "session_start": "11:30"},
            "says “10:30 AM” (session_time), but 11:30:00 (session_start)",
        ),
        (
            {"session_title": "S", "session_date": "2025-10-26", "session_time": "11:30-1:30"},
            "has a session that ends at 01:30, before it starts at 11:30 (over midnight it lasts six hours at most)",
        ),
        (
            {"session_title": "S", "session_date": "2025-10-26", "presentation_time": "11:30-11:15"},
            "has a presentation that ends at 11:15, before it starts at 11:30",
        ),
        ({"status": "Published", "status_note": "Sorry."}, "is published, but has the public note “Sorry.”"),
        ({"status": "", "status_note": "Sorry."}, "is published, but has the public note “Sorry.”"),
        ({"status_note": "Sorry."}, "clear the note (status_note), or write corrected, withdrawn or retracted"),
        ({"session_title": "S", "position": "third"}, "“third” is not a whole number"),
        ({"keywords": "x" * 301}, "a keyword of more than 300 characters"),
        ({"authors_and_affiliations": "x" * 301 + " 1 , 1 North"}, "an author's name of more than 300"),
        ({"title": "=1+1"}, "holds a formula"),
    ],
)
def test_invalid_rows_say_why(load, changes, words):
    report = load([row(**changes)])
    assert outcomes(report) == [Outcome.INVALID]
    assert words in messages(report)


def test_plain_columns(load, meeting):
    TierFactory(meeting=meeting, name="Late", position=2)
    load(
        [
            row(
                status="Withdrawn", status_note="At the authors' request.", doi="https://doi.org/10.1002/art.1",
                first_published="Oct 5, 2025", legacy_id="77", tier="Late", trial_ids="NCT01234567", reference="C-9",
                presenter="B. Ortega Luna",
            )
        ]
    )  # fmt: skip
    abstract = get()
    assert (abstract.status, abstract.doi, abstract.legacy_id, abstract.tier.name, abstract.trial_ids) == (
        "withdrawn", "10.1002/art.1", 77, "Late", "NCT01234567"
    )  # fmt: skip
    assert abstract.first_published == dt.date(2025, 10, 5)
    assert AuthorLine.unfiltered.get(is_presenter=True).family == "Ortega Luna"
    assert AbstractSource.unfiltered.get().reference == "C-9"


def test_mistyped_doi_is_reported_and_left_out(load):
    report = load([row(doi="0.1002/art.1")])
    assert "“0.1002/art.1” is no DOI (one looks like 10.1002/art.12345); it was left out" in messages(report)
    assert get().doi == ""
    assert AbstractSource.unfiltered.get().row["doi"] == "0.1002/art.1"


def test_former_id_of_two_abstracts_is_invalid(load):
    load([row("0001", legacy_id="7")])
    report = load([row("0002", legacy_id="7"), row("0003", legacy_id="8"), row("0004", legacy_id="8")])
    assert outcomes(report) == [Outcome.INVALID, Outcome.NEW, Outcome.INVALID]


def test_without_number_the_reference_or_address_identifies(load):
    rows = [row("", reference="C-1", link_final=""), row("", link_final="https://example.org/abstract/by-address/")]
    assert "it has no number that a rule could take" in messages(load(rows))
    load(rows, tier="Regular")
    assert Abstract.unfiltered.filter(number=None).count() == 2
    assert outcomes(load(rows)) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    load([row("0005", reference="C-1", link_final="")])
    assert Abstract.unfiltered.get(abstractsource__reference="C-1").number == "0005"


def test_trial_ids_are_found_in_the_text(load):
    load([row(abstract_text="Methods: See NCT01234567, twice NCT01234567.")])
    assert get().trial_ids == "NCT01234567"


def test_addresses_that_are_taken_or_not_ascii(load):
    same = "https://example.org/abstract/il-%ce%b3/"
    report = load([row("0001", link_final=same), row("0002", link_final=same)])
    assert [get("0001").slug, get("0002").slug] == ["il-gamma", "counting-invented-joints-0002-forum-0002"]
    assert "the address il-gamma was taken; it got counting-invented-joints-0002-forum-0002" in messages(report)
    assert "1 addresses held letters outside ASCII: they were folded, the former ones lead on." in report.notes
    assert models.SlugRedirect.unfiltered.get(slug="il-γ").abstract in (get("0001"), get("0002"))
    assert outcomes(load([row("0001", link_final=same), row("0002", link_final=same)])) == [Outcome.UNCHANGED] * 2


# Persons and keywords


def test_the_same_name_is_the_same_person_across_meetings(load, tmp_path):
    load([row("0001"), row("0002", authors_and_affiliations="ADA VAN RIVEL, North")])
    MeetingFactory(slug="other")
    run_import(xlsx(tmp_path / "b.xlsx", [row("0001", link_final="")]), ImportOptions(meeting="other"))
    assert models.Person.unfiltered.filter(names__key="ada van rivel").count() == 1
    assert models.Person.unfiltered.get(names__key="ada van rivel").name == "Ada van Rivel"
    assert AuthorLine.unfiltered.filter(person__names__key="ada van rivel").count() == 3


def test_variants_and_synonyms_are_one_keyword(load):
    gout = KeywordFactory(name="Gouty arthritis")
    models.KeywordSynonym.unfiltered.create(keyword=gout, name="Gout")
    report = load([row("0001", keywords="sLE; SLE ;gout"), row("0002", keywords="Sle;; Gouty Arthritis; ???")])
    assert models.Keyword.unfiltered.count() == 2
    assert sorted(AbstractKeyword.unfiltered.values_list("label", flat=True)) == [
        "Gouty Arthritis",
        "Sle",
        "gout",
        "sLE",
    ]
    assert "keyword “SLE” stands there twice; it was taken once" in messages(report)
    assert "“???” is no keyword; it was left out" in messages(report)


# Sessions

SESSION = {
    "session_code": "A12",
    "session_title": "Invented Posters",
    "session_type": "Poster Session",
    "session_date": "Sunday, October 26, 2025",
    "session_time": "10:30AM-12:30PM",
    "place": "Hall 4",
}


def test_sessions_are_created_once_and_shared(load):
    load([row("0002", **SESSION), row("0010", **SESSION, presentation_start="11:15 AM")])
    session = models.Session.objects.get()
    assert (session.code, session.title, session.type, session.place) == (
        "A12", "Invented Posters", "Poster Session", "Hall 4"
    )  # fmt: skip
    assert (session.start_time, session.end_time) == (dt.time(10, 30), dt.time(12, 30))
    order = models.Presentation.unfiltered.order_by("position").values_list("position", "start_time")
    assert list(order) == [(2, None), (10, dt.time(11, 15))]


def test_moved_session_moves_unless_staff_moved_it(load):
    load([row("0001", **SESSION), row("0002", **SESSION)])
    moved = SESSION | {"session_time": "2:00 PM - 3:00 PM"}
    assert load([row("0001", **moved), row("0002", **moved)]).rows[0].fields == ["sessions"]
    session = models.Session.objects.get()
    assert session.start_time == dt.time(14)
    session.place = "Hall 9"
    session.save()
    again = SESSION | {"place": "Hall 5", "session_time": "2:00 PM - 3:00 PM"}
    assert "kept the staff's edit of sessions" in messages(load([row("0001", **again), row("0002", **again)]))
    assert models.Session.objects.get().place == "Hall 9"


def test_session_made_by_staff_stays_when_abstracts_join_it(load, meeting):
    models.Session.objects.create(meeting=meeting, code="A12", title="As staff call it")
    assert "session “Invented Posters” is kept as it is here" in messages(load([row(**SESSION)]))
    assert models.Session.objects.get().title == "As staff call it"


def test_session_over_midnight_is_imported(load):
    load([row(**SESSION | {"session_time": "10:30 PM - 12:30 AM"})])
    session = models.Session.objects.get()
    assert (session.ends_at - session.starts_at, session.ends_at.day) == (dt.timedelta(hours=2), 27)


def test_session_outside_the_meetings_days_is_a_warning(load, meeting):
    assert not any("OUTSIDE" in warning for warning in load([row(**SESSION)]).warnings)
    moved = SESSION | {"session_code": "B1", "session_date": "2026-10-26"}
    (warning,) = load([row("0002", **moved)]).warnings
    assert warning == (
        f"SESSIONS OUTSIDE THE MEETING'S DAYS ({meeting}: 2025-10-24 to 2025-10-29): “Invented Posters” on 2026-10-26."
    )


def test_status_set_back_to_published_while_a_note_remains_is_invalid(load):
    load([row("0001"), row("0002")])
    corrected = {"status": "corrected", "status_note": "A number was wrong."}
    load([row("0001", **corrected), row("0002", **corrected)])
    report = load([row("0001", status="published"), row("0002", status="published", title="New")], skip_invalid=True)
    assert outcomes(report) == [Outcome.INVALID] * 2
    assert "is published, but has the public note “A number was wrong.”" in messages(report)
    assert (get().status, get("0002").status, get("0002").title) == (
        "corrected", "corrected", "Counting invented joints 0002"
    )  # fmt: skip
    assert load([row("0001", status="published", status_note="")]).rows[0].fields == ["status", "status_note"]


def test_withdrawal_by_staff_is_no_error_of_a_file_that_says_published(load):
    load([row(status="published")])
    abstract = get()
    abstract.status, abstract.status_note = "withdrawn", "At the authors' request."
    abstract.save()
    assert outcomes(load([row(status="published")])) == [Outcome.UNCHANGED]
    assert outcomes(load([row(status="published")], overwrite_edits=True)) == [Outcome.INVALID]
    assert get().status == "withdrawn"


def test_rows_that_contradict_each_other_about_a_session(load):
    report = load([row("0001", **SESSION), row("0002", **SESSION | {"session_time": "11:00-11:10"})])
    assert outcomes(report) == [Outcome.NEW, Outcome.INVALID]
    assert "says of the session “Invented Posters” another start, end than line 2" in messages(report)


def test_release_follows_the_session(load, meeting):
    tier = meeting.tiers.get()
    change_step(tier, rule="session_start", date=None, time=None)
    load([row(**SESSION)])
    assert get().released_from == dt.datetime(2025, 10, 26, 15, 30, tzinfo=dt.UTC)


# Rows without text


def test_row_without_text_is_a_shell_and_is_filled_later(load):
    report = load([row("0001"), PROMISE])
    shell = get("LB24")
    assert report.rows[1].outcome is Outcome.NEW
    assert "understood as 2025-10-25 10:00 CDT" in messages(report)
    assert not Section.unfiltered.filter(abstract=shell).exists()
    assert (shell.tier, shell.released_from) == (None, None)
    lawful = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get(number="LB24")
    assert (lawful.level, lawful.title) == (Level.SHELL, "")
    assert outcomes(load([row("0001"), PROMISE])) == [Outcome.UNCHANGED] * 2

    report = load([row("0001"), row("LB24")])
    assert report.rows[1].fields == ["byline", "disclosures", "keywords", "override", "sections", "tier"]
    filled = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get(number="LB24")
    assert filled.level == Level.FULL
    assert outcomes(load([row("0001"), row("LB24")])) == [Outcome.UNCHANGED] * 2


def test_shell_of_a_held_tier_shows_nothing(load, meeting):
    tier = meeting.tiers.get()
    change_step(tier, rule="held", date=None, time=None)
    assert "nothing of it shows" in messages(load([PROMISE]))
    assert not Abstract.objects.visible_to(ANONYMOUS, timezone.now()).exists()


def test_tier_for_shells(load, meeting):
    TierFactory(meeting=meeting, name="Late", shell=True)
    load([PROMISE], shell_tier="Late")
    assert get("LB24").tier.name == "Late"
    assert load([row("LB24")]).rows[0].outcome is Outcome.CHANGED
    assert get("LB24").tier.name == "Regular"


def test_tier_that_would_release_a_shell_without_text_is_refused(load, meeting):
    TierFactory(meeting=meeting, name="Open")
    report = load([PROMISE], shell_tier="Open")
    assert not report.applied
    assert "would be released without a text" in messages(report)


def test_shell_released_by_staff_is_a_warning(load):
    load([PROMISE])
    Abstract.unfiltered.update(override_released_from=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    report = load([PROMISE])
    assert report.applied
    assert report.warnings == ["LB24 has no text, but its embargo shows it to the public."]


def test_row_with_neither_text_nor_authors_is_reported(load):
    assert load([row(abstract_text="", authors_and_affiliations="")]).rows[0].messages == [
        "has no text",
        "has no authors",
    ]


def test_promise_does_not_delete_a_text(load):
    load([row("LB24")])
    report = load([PROMISE])
    assert outcomes(report) == [Outcome.SKIPPED]
    assert Section.unfiltered.count() == 4


# Meetings and tiers


def test_tier_of_new_row_comes_from_its_column_else_a_rule_else_the_choice(load, meeting):
    TierFactory(meeting=meeting, name="Late", number_prefixes="L", embargoed=True)
    TierFactory(meeting=meeting, name="Named", embargoed=True)
    rows = [row("0001"), row("L17"), row("LB 24"), row("pp-01"), row("0002", tier="Named"), row("L18", tier="Regular")]
    report = load(rows, tier="Named")
    assert report.applied
    assert dict(Abstract.unfiltered.values_list("number", "tier__name")) == {
        "0001": "Regular", "L17": "Late", "LB 24": "Regular", "pp-01": "Named", "0002": "Named", "L18": "Regular",
    }  # fmt: skip


def test_number_without_a_rule_and_without_a_choice_is_invalid(load):
    report = load([row("0001"), row("PP01")])
    assert outcomes(report) == [Outcome.NEW, Outcome.INVALID]
    assert report.rows[1].messages == ["no embargo tier: no rule of the meeting takes the number PP01; choose a tier"]
    assert not report.applied


def test_two_rules_for_a_number_choose_nothing(load, meeting):
    TierFactory(meeting=meeting, name="Late", number_prefixes="LB")
    assert outcomes(load([row("LB1")], tier="Late")) == [Outcome.INVALID]


def test_chosen_tier_does_not_move_stored_abstracts(load, meeting):
    load([row()])
    TierFactory(meeting=meeting, name="Late", embargoed=True)
    assert outcomes(load([row()], tier="Late")) == [Outcome.UNCHANGED]
    assert get().tier.name == "Regular"


def test_shell_shows_its_number_when_the_tier_of_its_number_would(load, meeting):
    TierFactory(meeting=meeting, name="Late", number_prefixes="PP", release_rule="held")
    load([PROMISE, PROMISE | {"abstract_number": "PP01", "link_final": ""}])
    shown = Abstract.objects.visible_to(ANONYMOUS, timezone.now())
    assert [abstract.number for abstract in shown] == ["LB24"]


def test_created_meeting_shows_nothing_and_warns(tmp_path):
    options = ImportOptions(
        meeting="forum-2031", create="Forum 2031", start=dt.date(2031, 10, 1), timezone="Europe/Oslo"
    )
    report = run_import(xlsx(tmp_path / "a.xlsx", [row()]), options)
    meeting = Meeting.objects.get()
    assert (meeting.name, meeting.year, meeting.timezone) == ("Forum 2031", 2031, "Europe/Oslo")
    assert report.meetings == ["forum-2031"]
    assert not Abstract.objects.visible_to(ANONYMOUS, timezone.now()).exists()
    assert report.warnings[0].startswith("NOT VISIBLE TO THE PUBLIC: 1 of 1 abstracts of Forum 2031. Held until staff")
    assert report.as_text().startswith(report.warnings[0])


def test_released_now(tmp_path):
    options = ImportOptions(meeting="forum-2001", create="Forum 2001", release="now")
    report = run_import(xlsx(tmp_path / "a.xlsx", [row()]), options)
    assert Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get().level == Level.FULL
    assert report.warnings == []


def test_released_at_a_local_time(tmp_path):
    options = ImportOptions(
        meeting="forum-2031",
        create="Forum 2031",
        timezone="America/Chicago",
        release=dt.datetime(2031, 10, 1, 9),  # noqa: DTZ001 (local)
        tier="Late",
    )
    run_import(xlsx(tmp_path / "a.xlsx", [row()]), options)
    assert get().released_from == dt.datetime(2031, 10, 1, 14, tzinfo=dt.UTC)
    assert get().tier.name == "Late"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"meeting": "nowhere"}, "There is no meeting nowhere"),
        ({"meeting": ""}, "Say --meeting SLUG"),
        ({"tier": "Gold"}, "no embargo tier “Gold”; it has: Regular"),
        ({"shell_tier": "Gold"}, "no embargo tier “Gold”"),
        ({"meeting": "new", "create": "New one"}, "In which year"),
        ({"meeting": "Not a slug", "create": "New 2025"}, "is no address"),
        ({"meeting": "new", "create": "New 2025", "timezone": "Mars/Base"}, "“Mars/Base” is not a time zone"),
        ({"meeting": "new", "create": "N 2025", "end": dt.date(2025, 1, 1)}, "needs a first day"),
        (
            {"meeting": "new", "create": "N", "start": dt.date(2025, 1, 2), "end": dt.date(2025, 1, 1)},
            "before the first",
        ),
        ({"mapping": {"title": "nothing"}}, "no field “nothing”"),
        ({"figures": "/nowhere"}, "no folder or zip"),
        ({"meetings": "/nowhere"}, "cannot be read"),
    ],
)
def test_contradictory_options_are_refused(load, options, words):
    with pytest.raises(BadInput, match=words):
        load([row()], **options)
    assert not Abstract.unfiltered.exists()


def test_file_with_only_a_header(load):
    with pytest.raises(BadInput, match="no rows"):
        load([dict.fromkeys(HEADER)])


def test_progress_is_reported(load):
    calls = []
    load([row("0001"), row("0002")], progress=lambda done, total: calls.append((done, total)))
    assert calls == [(2, 2)]


def test_query_count_does_not_grow_with_the_rows(load, django_assert_max_num_queries):
    load([row("0000")])
    with django_assert_max_num_queries(160):
        load([row(f"{n:04}", keywords=f"Word {n}", **SESSION) for n in range(1, 60)])


def test_what_is_held_before_its_text_is_closed_to_the_press_like_its_tier(load, meeting):
    late = {"rule": "fixed", "date": dt.date(2099, 1, 1), "time": dt.time(9)}
    tier = TierFactory(meeting=meeting, name="Late", steps=[{"shows": "everything", **late}])
    load([PROMISE], tier="Late")
    press = Viewer(Role.PRESS, 1, frozenset({meeting.pk}))
    seen = Abstract.objects.visible_to(press, timezone.now(), Level.TITLED)
    assert get("LB24").tier is None
    assert seen.exists()
    step = change_step(tier, "press", **late)
    assert not seen.exists()
    step.delete()
    assert seen.exists()
