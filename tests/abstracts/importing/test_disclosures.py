from hypothesis import given, settings
from hypothesis import strategies as st

from abstracts.importing.disclosures import cut_disclosures, parse_disclosures, strip_label
from abstracts.importing.names import Hint


def test_people_are_in_order():
    disclosures = parse_disclosures("M. Ruana Guevo: None; c. moreni: Acme, 2, 5; J. De Dion: Bolt Inc, 3.")
    assert [d.person for d in disclosures] == [Hint("M", "Ruana Guevo"), Hint("c", "moreni"), Hint("J", "De Dion")]
    assert [d.text for d in disclosures] == ["None", "Acme, 2, 5", "Bolt Inc, 3"]


def test_semicolon_inside_a_disclosure():
    disclosures = parse_disclosures(
        "A. Lee: Acme, 2; the Institutes of Health, 2; B. Ito: Gift: Pens|Bolt: no pay; none."
    )
    assert [d.person.family for d in disclosures] == ["Lee", "Ito"]
    assert disclosures[0].text == "Acme, 2; the Institutes of Health, 2"


def test_missing_semicolon_between_two_people():
    disclosures = parse_disclosures(
        "A. Lee: Acme, 3, P. Ericks: None; C. Day: pay from Bolt&Sons E. Webe: F. Hoff-La Rock, 2; D. Fox: None"
    )
    assert [d.person.family for d in disclosures] == ["Lee", "Ericks", "Day", "Webe", "Fox"]
    assert [d.text for d in disclosures] == ["Acme, 3", "None", "pay from Bolt&Sons", "F. Hoff-La Rock, 2", "None"]


def test_person_with_two_initials():
    assert [d.person for d in parse_disclosures("M. S. Fazel: None; A. Lee: None")] == [
        Hint("M", "S. Fazel"),
        Hint("A", "Lee"),
    ]


def test_doubled_label_is_removed_and_an_earlier_single_one_stays():
    text = "Conclusion: Good.\n\nDisclosures: Paid by an award.\n\nDisclosures: Disclosures: A. Lee: None"
    body, disclosures = cut_disclosures(text)
    assert body == "Conclusion: Good.\n\nDisclosures: Paid by an award."
    assert disclosures == "A. Lee: None"


def test_labels():
    assert cut_disclosures("Results: x\nDisclosure: A. Lee: None") == ("Results: x", "A. Lee: None")
    assert cut_disclosures("No label, no disclosures.") == ("No label, no disclosures.", "")
    assert strip_label("Disclosures: Disclosures: A. Lee: None") == "A. Lee: None"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_is_lost(text):
    body, disclosures = cut_disclosures(text)
    assert text.startswith(body)
    assert text.strip().endswith(disclosures)
    parse_disclosures(text)
