"""Titles that state a result, and show before their text."""

import pytest

from abstracts.admin.warnings.titles import states_result
from tests import factories

from .looking import a_meeting, a_tier, fixed, texts, the_warning

pytestmark = pytest.mark.django_db

RESULT = "Inventumab Reduces Flares in Gout"


@pytest.mark.parametrize(
    "title",
    [
        RESULT,
        "Inventumab significantly improves fatigue",
        "Early Inventumab Is Not Associated with Infection",
        "Inventumab is noninferior to placebo",
        "Once-weekly Inventumab Was Non-Inferior",
        "Walking increases the risk of nothing",
        "Age Correlates Well with Birthdays",
        "Inventumab Leads to Remission",
        "Vitamins do not help",
        "Inventumab in gout: HR 0.67",
        "Inventumab and falls (odds ratio, 2.1)",
        "Response to Inventumab (p<0.001)",
        "Remission in 67% of patients",
        "Sequencing Reveals Invented Cells",
    ],
)
def test_titles_that_state_a_result(title):
    assert states_result(title)


@pytest.mark.parametrize(
    "title",
    [
        "Inventumab in Gout: a Randomized Trial",
        "Factors Associated with Remission",
        "Does Inventumab Reduce Flares?",
        "Inventumab reduces flares: is it true?",
        "Can walking prevent falls",
        "A Tool to Improve Early Detection",
        "Correlates of Fatigue in Lupus",
        "Efficacy and Safety of Inventumab at 52 Weeks",
        "Delays in Diagnosis of Gout",
        "Patients with a BMI over 30 or HRCT",
        "Increased Interferon in Lupus",
    ],
)
def test_titles_that_state_none(title):
    assert not states_result(title)


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        ([fixed("title", 9, 1), fixed("everything", 10, 25)], 1),
        ([fixed("listing", 9, 1), fixed("everything", 10, 25)], 1),
        ([fixed("listing", 9, 1)], 1),
        ([fixed("number", 9, 1), fixed("everything", 10, 25)], 0),
        ([fixed("title", 10, 25), fixed("everything", 10, 25)], 0),
        ([], 0),
    ],
)
def test_a_title_counts_if_it_shows_before_its_text(steps, count):
    tier = a_tier(a_meeting(), *steps)
    factories.AbstractFactory(meeting=tier.meeting, tier=tier, title=RESULT, number="0007")
    factories.AbstractFactory(meeting=tier.meeting, tier=tier, title="Inventumab in Gout")
    factories.AbstractFactory(meeting=tier.meeting, tier=tier, title=RESULT, draft=True)
    factories.AbstractFactory(meeting=tier.meeting, tier=tier, title=RESULT, withdrawn=True)
    assert len(texts(tier.meeting, "results")) == count
    if count:
        warning = the_warning(tier.meeting, "results")
        assert "the titles of 1 abstract." in warning.text
        assert [example.text for example in warning.examples] == [f"0007 {RESULT}"]
