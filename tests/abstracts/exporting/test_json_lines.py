"""The format that can be imported again: an export of an imported export is the same, byte for byte."""

import datetime as dt
import io
import json
from dataclasses import replace

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from abstracts.exporting.json_lines import JsonLines, escape_entities
from abstracts.exporting.streaming import stream_documents
from abstracts.importing import ImportOptions, run_import
from abstracts.importing.from_json import KEYS
from abstracts.models import Abstract, AuthorLine, EmbargoTier, Figure, Meeting, SlugRedirect
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests import factories

from .samples import ABOUT, awkward, golden, long_one, two, written

pytestmark = pytest.mark.django_db
STAFF = Viewer(Role.STAFF)


def export(viewer: Viewer = STAFF) -> bytes:
    """The whole archive, exported by `viewer`."""
    at = timezone.now()
    rows = Abstract.objects.visible_to(viewer, at).order_by("number_key", "pk")
    tiers = dict(EmbargoTier.objects.values_list("pk", "name")) if viewer.role is Role.STAFF else {}
    about = replace(ABOUT, for_staff=viewer.role is Role.STAFF, tiers=tiers)
    return b"".join(
        JsonLines().write(stream_documents(list(rows.values_list("pk", flat=True)), viewer, at, "/"), about)
    )


def empty_the_archive() -> None:
    Abstract.unfiltered.all().delete()
    EmbargoTier.objects.all().delete()
    Meeting.objects.all().delete()


def import_(content: bytes, **options):
    options = {"meeting": "forum-2031", "create": "Forum 2031", "start": dt.date(2031, 10, 24)} | options
    return run_import(io.BytesIO(content), ImportOptions(file_name="export.jsonl", **options))


def lines(content: bytes) -> list[dict]:
    return [json.loads(line) for line in content.splitlines()]


def test_golden():
    content = written("jsonl", two())
    assert content == golden("jsonl", content)


def a_whole_archive() -> None:
    abstract = awkward()
    meeting = abstract.meeting
    long_one(meeting)
    late = factories.TierFactory(meeting=meeting, name="Late-Breaking & Co", embargoed=True)
    factories.AbstractFactory(meeting=meeting, tier=late, number="LB01", title="Late")
    factories.AbstractFactory(meeting=meeting, number="0500", status="withdrawn", status_note="By R&amp;D.", title="W")
    factories.AbstractFactory(meeting=meeting, number="0501", status="draft", title="Draft", legacy_id=77)
    unnumbered = factories.AbstractFactory(meeting=meeting, number=None, title="A &amp;amp; B", slug="unnumbered")
    factories.AuthorLineFactory(abstract=unnumbered, position=4, name="Madonna Study Team", given="", family="")
    SlugRedirect.unfiltered.create(abstract=unnumbered, slug="former-one")
    SlugRedirect.unfiltered.create(abstract=unnumbered, slug="former-two")


def test_export_of_staff_is_the_same_after_an_import():
    a_whole_archive()
    before = export()
    empty_the_archive()
    report = import_(before)
    assert (report.counts["new"], report.counts["invalid"]) == (6, 0)
    after = export()
    # What is not public has a note; its release is not part of the file.
    assert [without_mark(line) for line in lines(after)] == [without_mark(line) for line in lines(before)]
    assert {line["tier"] for line in lines(after)} >= {"Regular", "Late-Breaking & Co"}


def without_mark(line: dict) -> dict:
    return {key: value for key, value in line.items() if key != "embargo"}


def test_export_of_the_public_is_the_same_byte_for_byte():
    a_whole_archive()
    Abstract.unfiltered.exclude(number__in=["0489", "L17"]).delete()
    before = export(ANONYMOUS)
    empty_the_archive()
    import_(before, release="now")
    assert export(ANONYMOUS) == before
    assert b'"tier"' not in before


def test_former_address_does_not_disclose_a_title_that_was_never_public():
    abstract = factories.AbstractFactory(embargoed=True, title="Zqdrug in gout")
    abstract.title, abstract.slug = "A new drug in gout", "a-new-drug-in-gout"
    abstract.override_released_from = factories.LONG_AGO
    abstract.save()
    assert b"zqdrug" in export()
    assert b"A new drug" in export(ANONYMOUS)
    assert b"zqdrug" not in export(ANONYMOUS)


def test_importing_an_export_changes_nothing():
    a_whole_archive()
    figure = Figure.unfiltered.get()
    figure.image = ContentFile(b"x", name="a.png")
    figure.save()
    Figure.unfiltered.update(original_name="a.png", digest="0" * 64)
    before = export()
    report = import_(before, create="", start=None)
    assert report.counts["unchanged"] == 6, report.as_text()
    assert export() == before
    assert Figure.unfiltered.get().image


def test_promised_text_stays_held_when_its_export_is_imported():
    first = b'{"meeting": "forum-2031", "number": "LB24", "title": "Secret"}\n'
    import_(first, release="now")
    promise = "Number,Title,Text\nLB25,Secret,The text will be released on October 25th 2031 10:00 am CT.\n"
    import_run = ImportOptions(meeting="forum-2031", file_name="sheet.csv", tier="Regular")
    run_import(io.BytesIO(promise.encode()), import_run)
    before = export()
    report = import_(before, create="", start=None)
    assert report.counts["unchanged"] == 2, report.as_text()
    assert export() == before


def test_exported_parts_of_names_win_over_their_shape():
    a_whole_archive()
    before = export()
    empty_the_archive()
    import_(before)
    line = AuthorLine.unfiltered.get(name="Madonna Study Team")
    assert (line.family, line.is_group) == ("", False)


@pytest.mark.parametrize("text", ["a & b", "a &amp; b", "&lt;i&gt;", "AT&T; &#945;", "plain"])
def test_entities_that_an_import_would_resolve_are_escaped(text):
    from abstracts.importing.typed_text import resolve_entities

    assert resolve_entities(escape_entities(text)) == text


def test_all_keys_are_in_the_format():
    assert {key for line in lines(written("jsonl", two())) for key in line} <= KEYS


def test_no_documents():
    assert written("jsonl", []) == b""
