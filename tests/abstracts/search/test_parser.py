import random

import pytest

from abstracts.search.parser import MAX_CLAUSES, Clause, Part, parse


def word(text, **more):
    return Clause((Part(text, **more),))


@pytest.mark.parametrize(
    ("typed", "clauses"),
    [
        ("lupus nephritis", [word("lupus"), word("nephritis")]),
        ('"lupus nephritis" biopsy', [word("lupus nephritis", phrase=True), word("biopsy")]),
        ("“lupus nephritis”", [word("lupus nephritis", phrase=True)]),
        ("lupus -nephritis", [word("lupus"), Clause((Part("nephritis"),), without=True)]),
        ('-"lupus nephritis"', [Clause((Part("lupus nephritis", phrase=True),), without=True)]),
        ("lupus NOT nephritis", [word("lupus"), Clause((Part("nephritis"),), without=True)]),
        ("anti-TNF -anti-TNF", [word("anti-TNF"), Clause((Part("anti-TNF"),), without=True)]),
        ("a OR b c", [Clause((Part("a"), Part("b"))), word("c")]),
        ("a OR b OR c", [Clause((Part("a"), Part("b"), Part("c")))]),
        ("OR a OR", [word("a")]),
        ("a OR -b", [word("a"), Clause((Part("b"),), without=True)]),
        ("a AND b", [word("a"), word("b")]),
        ("this or that", [word("this"), word("or"), word("that")]),
        ('author:"Rossi A" x', [word("Rossi A", field="author", phrase=True), word("x")]),
        ("Author:rossi", [word("rossi", field="author")]),
        ("affiliation:harbor", [word("harbor", field="institution")]),
        ("-title:lupus", [Clause((Part("lupus", field="title"),), without=True)]),
        ("ratio:2 http://x.org", [word("ratio:2"), word("http://x.org")]),
        ("author: rossi", [word("author:"), word("rossi")]),
        ("vascul*", [word("vascul", prefix=True)]),
        ("a* ab* *", [word("a"), word("ab")]),
        ('"unbalanced lupus', [word("unbalanced"), word("lupus")]),
        ("(lupus) [gout], {x}.", [word("lupus"), word("gout"), word("x")]),
        ('"" "  " - -- ( ) : *', []),
    ],
)
def test_parse(typed, clauses):
    assert parse(typed) == clauses


def test_any_text_parses_into_a_bounded_number_of_clauses():
    pieces = [
        '"',
        "-",
        "OR ",
        "NOT ",
        "author:",
        "(",
        ")",
        "*",
        "“",
        " ",
        "a",
        "lupus",
        "\u0301",
        "\x1f",
        ":",
        "AND ",
        "ﷺ",
    ]
    pick = random.Random(3)
    for _ in range(500):
        typed = "".join(pick.choice(pieces) for _ in range(pick.randrange(40)))
        for clause in parse(typed):
            assert clause.parts
            assert all(any(c.isalnum() for c in part.text) for part in clause.parts), typed
    assert len(parse("word " * 10_000)) == MAX_CLAUSES
