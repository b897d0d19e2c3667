"""The real sheet, if it is on this machine. None of its text is in the project."""

import pytest
from django.utils import timezone

from abstracts.importing import ImportOptions, Outcome, run_import
from abstracts.models import Abstract, AbstractSource, AuthorAffiliation, AuthorLine, Figure, Section
from abstracts.visibility import ANONYMOUS, Level
from tests.shared_data import REAL_SHEET, needs_shared_data

pytestmark = [pytest.mark.django_db, needs_shared_data]


def test_real_sheet_is_imported():
    options = ImportOptions(meeting="convergence", create="Convergence 2025", timezone="America/Chicago", release="now")
    report = run_import(REAL_SHEET, options)
    assert report.applied
    assert report.counts["new"] == report.counts["rows"] == 1363
    assert len(report.notable_rows()) <= 10
    numbers = set(Abstract.unfiltered.values_list("number", flat=True))
    assert {"0002", "LB24", "PP12"} < numbers
    assert AuthorLine.unfiltered.count() == 13_594
    assert not AuthorLine.unfiltered.filter(family="", is_group=False).exists()
    assert AuthorAffiliation.unfiltered.count() >= 13_587
    assert Section.unfiltered.count() >= 5_459
    assert set(Section.unfiltered.values_list("label", flat=True).distinct()) >= {
        "Background/Purpose", "Methods", "Results", "Conclusion", "Intervention", "Quality of Life",
    }  # fmt: skip
    assert Section.unfiltered.filter(label="").count() == 0
    assert Abstract.unfiltered.filter(disclosures="").count() == 1
    assert not Abstract.unfiltered.filter(disclosures__icontains="Disclosures:").exists()
    assert Figure.unfiltered.count() == 0

    shell = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get(number="LB24")
    assert (shell.level, shell.title) == (Level.SHELL, "")
    assert Abstract.objects.visible_to(ANONYMOUS, timezone.now(), least=Level.FULL).count() == 1362
    assert AbstractSource.unfiltered.count() == 1363

    again = run_import(REAL_SHEET, ImportOptions(meeting="convergence", dry_run=True))
    assert {row.outcome for row in again.rows} == {Outcome.UNCHANGED}
