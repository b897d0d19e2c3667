import random

import pytest

from abstracts.search.parser import MAX_DEPTH, Parsed, parse
from abstracts.search.tokens import MAX_PARTS
from abstracts.search.tree import All, Either, Part, Without, leaves


def words(text: str, **more):
    return tuple(Part(word, **more) for word in text.split())


def apart(*nodes):
    return All(nodes, apart=True)


A, B, C, D = words("a b c d")
LUPUS, GOUT = words("lupus gout")


@pytest.mark.parametrize(
    ("typed", "nodes"),
    [
        ("lupus gout", (LUPUS, GOUT)),
        ('"lupus nephritis" gout', (Part("lupus nephritis", phrase=True), GOUT)),
        ("“lupus nephritis”", (Part("lupus nephritis", phrase=True),)),
        ("lupus -gout", (LUPUS, Without(GOUT))),
        ('-"lupus nephritis"', (Without(Part("lupus nephritis", phrase=True)),)),
        ("anti-TNF -anti-TNF", (Part("anti-TNF"), Without(Part("anti-TNF")))),
        ("this or that", words("this or that")),
        ('author:"Rossi A" a', (Part("Rossi A", "author", phrase=True), A)),
        ("Author:rossi", words("rossi", field="author")),
        ("affiliation:harbor", words("harbor", field="institution")),
        ("year:2020-2024", words("2020-2024", field="year")),
        ("doi:10.1002/art.1", words("10.1002/art.1", field="doi")),
        ("-title:lupus", (Without(Part("lupus", "title")),)),
        ("author: rossi", words("author: rossi")),
        ("vascul* vascul$", words("vascul vascul", prefix=True)),
        ("a* ab* *", words("a ab")),
        ('"unbalanced lupus', words("unbalanced lupus")),
        ("(lupus) [gout], {x}.", words("lupus gout x")),
        ("anti-Ro(SSA) (Ro/SSA) (anti-La(SSB))", words("anti-Ro(SSA) Ro/SSA anti-La(SSB)")),
        ("Efficacy (and safety) of b", words("Efficacy and safety of b")),
        ('"" "  " - -- ( ) : *', ()),
    ],
)
def test_words(typed, nodes):
    parsed = parse(typed)
    assert parsed == Parsed(nodes)


@pytest.mark.parametrize(
    ("typed", "nodes"),
    [
        ("a AND b", (A, B)),
        ("a NOT b", (A, Without(B))),
        ("a AND NOT b", (A, Without(B))),
        ("a OR b OR c", (Either((A, B, C)),)),
        ("a OR NOT b", (Either((A, Without(B))),)),
        ("a OR -b", (Either((A, Without(B))),)),
        ("a b OR c", (Either((All((A, B)), C)),)),
        ("a AND b OR c AND d", (Either((apart(A, B), apart(C, D))),)),
        ("a b AND c", (All((A, B)), C)),
        ("a OR b NOT c", (Either((A, apart(B, Without(C)))),)),
        ("(a AND b) OR (c AND d)", (Either((apart(A, B), apart(C, D))),)),
        ("a NOT (b OR c)", (A, Without(Either((B, C))))),
        ("NOT (a OR b) AND c", (Without(Either((A, B))), C)),
        ("a -(b OR (c d))", (A, Without(Either((B, All((C, D))))))),
        ("a (b OR (c AND d))", (A, Either((B, apart(C, D))))),
        ("title:(a OR b)", (Either(words("a b", field="title")),)),
        ("title: (a OR author:b)", (Either((Part("a", "title"), Part("b", "author"))),)),
        ("(a or b) and c", (Either((A, B)), C)),
        ("not (a or b)", (Without(Either((A, B))),)),
    ],
)
def test_operators(typed, nodes):
    parsed = parse(typed)
    assert (parsed.nodes, parsed.problems) == (nodes, ())


@pytest.mark.parametrize(
    ("typed", "nodes"),
    [
        ("lupus gout[ti]", words("lupus gout", field="title")),
        ("lupus [ti] gout", (Part("lupus", "title"), GOUT)),
        ('a "lupus"[ti]', (A, Part("lupus", "title", phrase=True))),
        ("a (b OR c)[ti]", (A, Either(words("b c", field="title")))),
        ("Rossi AM[au] lupus[Title]", (Part("Rossi AM", "author"), Part("lupus", "title"))),
        ("lupus[tiab] gout[MeSH Terms:noexp]", (LUPUS, Part("gout", "keyword"))),
        ("2020:2024[dp]", words("2020:2024", field="year")),
        ("lupus.ti. and (a or b).ti,ab.", (Part("lupus", "title"), Either((A, B)))),
        ("(a or b).ti.", (Either(words("a b", field="title")),)),
    ],
)
def test_tags_of_pubmed_and_ovid(typed, nodes):
    parsed = parse(typed)
    assert (parsed.nodes, parsed.problems) == (nodes, ())


@pytest.mark.parametrize(
    ("typed", "nodes", "problems"),
    [
        ("OR a OR", (A,), [("operator", "OR")]),
        ("a AND", (A,), [("operator", "AND")]),
        ("AND OR NOT", (), [("operator", "AND"), ("operator", "OR"), ("operator", "NOT")]),
        ("((((lupus", (LUPUS,), [("bracket", "")]),
        ("lupus))) gout", (LUPUS, GOUT), [("bracket", "")]),
        ("lupus[la]", (LUPUS,), [("tag", "[la]")]),
        ("journal:lupus", words("journal:lupus"), [("field", "journal")]),
        ("journal:(a OR b)", (Part("journal"), Either((A, B))), [("field", "journal")]),
        ("ratio:2 http://x.org", words("ratio:2 http://x.org"), []),
        ("a adj3 b", (A, B), [("near", "adj3")]),
        ("wom?n", words("wom?n"), [("wildcard", "wom?n")]),
        ("year:soon", words("soon", field="year"), [("year", "soon")]),
    ],
)
def test_what_is_not_understood_is_told(typed, nodes, problems):
    parsed = parse(typed)
    assert parsed.nodes == nodes
    assert [(problem.kind, problem.text) for problem in parsed.problems] == problems
    assert all(str(problem) for problem in parsed.problems)


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("a b OR c", "(a AND b) OR c"),
        ("a OR b AND c NOT d", "a OR (b AND c NOT d)"),
        ("(lupus or gout) and heart", "(lupus OR gout) AND heart"),
        ('"a b" OR title:c d*', '"a b" OR (title:c AND d)'),
        ("(a AND b) OR c", ""),
        ("a OR b", ""),
        ("a NOT b", ""),
        ("lupus gout", ""),
    ],
)
def test_a_doubtful_reading_is_told(typed, reading):
    assert parse(typed).reading == reading


def test_the_field_of_a_form_counts_for_words_without_one():
    assert parse("a (b OR author:c)", "title").nodes == (
        Part("a", "title"),
        Either((Part("b", "title"), Part("c", "author"))),
    )


def test_any_text_parses_into_a_bounded_tree():
    pieces = [
        '"', "-", "OR ", "NOT ", "author:", "(", ")", "*", "“", " ", "a", "lupus", "\u0301", "\x1f", ":", "AND ", "ﷺ",
        "[ti]", ".ti.", "and (", ") or ", "year:", "[", "]",
    ]  # fmt: skip
    pick = random.Random(3)
    for _ in range(2000):
        typed = "".join(pick.choice(pieces) for _ in range(pick.randrange(40)))
        for node in parse(typed).nodes:
            assert all(any(c.isalnum() for c in part.text) for part in leaves(node)), typed
    many = parse("word " * 10_000)
    assert (len(many.nodes), many.problems[0].kind) == (MAX_PARTS, "long")
    assert parse("(" * 10_000 + "a" + ")" * 10_000).nodes == (A,)
    deep = "(a OR b " * (MAX_DEPTH * 3)
    assert parse(deep).nodes
