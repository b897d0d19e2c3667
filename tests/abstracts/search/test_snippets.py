import pytest
from django.utils import timezone

from abstracts.search import SearchQuery, search
from abstracts.search.snippets import MAX_LENGTH, Marks, Wanted, best_piece, marked, marks_of, snippets
from abstracts.visibility import ANONYMOUS
from tests.factories import AbstractFactory, SectionFactory

TEXT = "Nothing is here. Levels of IL-6 were high (p<0.05), it seems. Follow-up of the cohorts; and levels, of IL-6."
BACKGROUND = "Drugword is given for goutword. Flareword is common."
METHODS = "Drugword was compared with placebo."
RESULTS = "Flareword was rare. Drugword lowered flareword by 12%."
CONCLUSION = "More is needed. Drugword prevents goutword."


def marks(*terms: str) -> Marks:
    return Marks([Wanted({term: 1}) for term in terms])


@pytest.mark.parametrize(
    ("terms", "piece"),
    [
        (["unheard"], "Nothing is here. Levels of IL-6 were high (p<0.05), it seems."),
        (
            ["level", "il"],
            "Levels of IL-6 were high (p<0.05), it seems. Follow-up of the cohorts; and levels, of IL-6.",
        ),
        (["level", "cohort"], "Follow-up of the cohorts; and levels, of IL-6."),
        (["seem"], "Levels of IL-6 were high (p<0.05), it seems. Follow-up of the cohorts; and levels, of IL-6."),
    ],
)
def test_best_piece_begins_with_the_first_sentence_of_most_marks(terms, piece):
    assert best_piece([("Methods", TEXT)], marks(*terms)) == piece


@pytest.mark.parametrize(
    ("terms", "piece"),
    [
        (["drugword", "goutword"], "Drugword prevents goutword."),
        (["drugword", "flareword"], "Drugword lowered flareword by 12%."),
        (["drugword", "placebo"], "Drugword was compared with placebo."),
        (["unheard"], "More is needed. Drugword prevents goutword."),
    ],
)
@pytest.mark.parametrize(
    "labels",
    [
        ("Background/Purpose", "Methods", "Results", "Conclusion"),
        ("OBJECTIVE", "PATIENTS AND METHODS", "RESULTS", "CONCLUSIONS"),
        ("Antecedentes", "Métodos", "Resultados", "Conclusión"),
        ("BackgroundAims", "MethodsDesign", "ResultsFindings", "DiscussionConclusions"),
    ],
)
def test_conclusion_comes_before_results_and_these_before_the_rest_with_the_same_words(terms, piece, labels):
    parts = zip(labels, (BACKGROUND, METHODS, RESULTS, CONCLUSION), strict=True)
    assert best_piece(parts, marks(*terms)) == piece


@pytest.mark.parametrize(
    ("end", "piece"),
    [
        ("Drugword is fine.", "Drugword is fine."),
        ("In conclusion, drugword is fine. Drugword costs.", "In conclusion, drugword is fine. Drugword costs."),
        ("CONCLUSIONES: drugword is fine. Drugword costs.", "CONCLUSIONES: drugword is fine. Drugword costs."),
    ],
)
def test_in_a_text_without_labels_the_answer_stands_late(end, piece):
    assert best_piece([("", f"Drugword is old. {end}")], marks("drugword")) == piece


def test_rare_words_are_preferred():
    text = [("", "Common here. Rare here."), ("", "Common there.")]
    rare_first = Marks([Wanted({"common": 1}, 1.0), Wanted({"rare": 1}, 3.0)])
    assert best_piece(text, rare_first) == "Rare here."


def test_a_name_counts_once_in_whichever_way_it_is_written():
    arthritis = Wanted({"rheumatoid": 0.5, "arthriti": 0.5, "ra": 1})
    text = [("Methods", "Rheumatoid arthritis (RA) is common. Drugword helps in RA. No more.")]
    assert best_piece(text, Marks([arthritis, Wanted({"drugword": 1})])) == "Drugword helps in RA. No more."


def test_best_piece_looks_through_all_parts_and_ends_with_its_part():
    assert best_piece([("", ""), ("A", "One part. Two parts."), ("B", "Three.")], marks("two")) == "Two parts."
    assert best_piece([("", ""), ("", " ")], marks("x")) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "Drugword (40%) vs. 20% of goutword.",
        "As Doe et al. 2020 showed, drugword helps goutword.",
        "Drugword (Fig. 2) helps goutword.",
    ],
)
def test_abbreviations_do_not_end_a_sentence(sentence):
    assert best_piece([("", f"{sentence} Then {'other words ' * 20}")], marks("drugword", "goutword")).startswith(
        sentence
    )


def test_a_missing_blank_ends_a_sentence():
    assert (
        best_piece([("", "Nothing (2%).Drugword helps.Then more.")], marks("drugword")) == "Drugword helps.Then more."
    )


@pytest.mark.parametrize(
    "text", ["Other.1,2 Drugword helps.", "Other mAb.3. Drugword helps.", "Was 1.5 Other. Drugword helps."]
)
def test_a_sentence_may_end_with_the_number_of_a_reference(text):
    assert best_piece([("", text)], marks("drugword")) == "Drugword helps."


def test_references_are_no_answers():
    text = "Drugword helps. 1. Doe J, Poe EA, et al. Drugword in goutword. 2023;75."
    assert best_piece([("Conclusion", text)], marks("drugword", "goutword")) == "Drugword helps."
    assert best_piece([("Methods", "Vitamin D, drugword.")], marks("drugword")) == "Vitamin D, drugword."


def test_long_piece_is_cut_around_its_first_mark():
    piece = best_piece([("", f"{'word ' * 100}gout {'word ' * 100}")], marks("gout"))
    assert piece.startswith("… word")
    assert piece.endswith("word …")
    assert "gout" in piece
    assert MAX_LENGTH - 10 < len(piece) <= MAX_LENGTH + 4


def test_long_piece_is_cut_only_before_a_mark_near_its_end():
    piece = best_piece([("", f"{'word ' * 100}gout at last.")], marks("gout"))
    assert piece.startswith("… word")
    assert piece.endswith("gout at last.")
    assert MAX_LENGTH - 10 < len(piece) <= MAX_LENGTH + 2


def test_long_piece_without_blanks_is_cut():
    assert best_piece([("", "x" * 1000)], marks("gout")) == f"{'x' * MAX_LENGTH} …"


@pytest.mark.parametrize(
    ("text", "terms", "html"),
    [
        (
            "Levels (of IL-6), <b>levels</b>.",
            ["level"],
            "<mark>Levels</mark> (of IL-6), &lt;b&gt;<mark>levels</mark>&lt;/b&gt;.",
        ),
        ("IL-6/IL-17 & il-6,", ["il6"], "<mark>IL-6</mark>/IL-17 &amp; <mark>il-6</mark>,"),
        ("One  two\nthree", ["two", "three"], "One  <mark>two</mark>\n<mark>three</mark>"),
        ("“Sjögren’s” TNFα", ["sjogren", "tnf"], "“<mark>Sjögren’s</mark>” <mark>TNFα</mark>"),
        ("cyclo\u00adphosphamide", ["cyclophosphamid"], "<mark>cyclo\u00adphosphamide</mark>"),
        ("None 'here'", ["x"], "None &#x27;here&#x27;"),
        ("PsA, not PSA; as in AS", ["PsA", "AS"], "<mark>PsA</mark>, not PSA; as in <mark>AS</mark>"),
        ("", ["x"], ""),
    ],
)
def test_marked_text_is_escaped_and_has_its_words_marked(text, terms, html):
    assert marked(text, marks(*terms)) == html


def marks_of_search(text: str) -> Marks:
    matches = search(SearchQuery(text=text), ANONYMOUS, timezone.now()).matches
    return marks_of(matches.index_query, matches.searcher)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "text", "html"),
    [
        ("IL-6", "IL-6 after 6 months", "<mark>IL-6</mark> after 6 months"),
        ("treat-to-target", "How to treat to target", "How to <mark>treat</mark> to <mark>target</mark>"),
        ("MTX", "Methotrexate (MTX) works", "<mark>Methotrexate</mark> (<mark>MTX</mark>) works"),
        ("AS", "AS as such", "<mark>AS</mark> as such"),
        ('"rare event"', "Events, a rare event", "<mark>Events</mark>, a <mark>rare</mark> <mark>event</mark>"),
        ("what gout", "What is gout", "What is <mark>gout</mark>"),
        ('"as such" gout', "As such, gout", "As such, <mark>gout</mark>"),
        ("gout year:2000", "Gout in 2000", "<mark>Gout</mark> in 2000"),
        ("author:months -after", "after 6 months", "after 6 months"),
    ],
)
def test_what_was_searched_is_marked(query, text, html):
    AbstractFactory(title="Methotrexate")
    assert marked(text, marks_of_search(query)) == html


@pytest.mark.django_db
def test_rare_words_of_the_archive_weigh_more():
    for n in range(5):
        AbstractFactory(title=f"Common {n}")
    AbstractFactory(title="Common rare")
    text = [("Methods", "Common here. Other. Rare here.")]
    assert best_piece(text, marks_of_search("common rare")) == "Rare here."


@pytest.mark.django_db
def test_snippets_take_one_query_and_read_labels(django_assert_num_queries):
    abstract = AbstractFactory()
    for position, (label, text) in enumerate([("Background", BACKGROUND), ("Conclusion", CONCLUSION)]):
        SectionFactory(abstract=abstract, position=position, label=label, html=f"<p>{text}</p>")
    seen = list(type(abstract).objects.visible_to(ANONYMOUS, timezone.now()))
    with django_assert_num_queries(1):
        found = snippets(seen, marks("drugword", "goutword"))
    assert found == {abstract.pk: "<mark>Drugword</mark> prevents <mark>goutword</mark>."}
