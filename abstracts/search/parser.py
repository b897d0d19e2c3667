"""Parses what somebody typed into a tree: words, "exact phrases", -without, AND, OR, NOT, brackets, fields, tags.

    lupus nephritis OR gout     (lupus AND nephritis) OR gout: words between operators belong together
    a OR b AND c NOT d          a OR (b AND c AND NOT d): AND and NOT bind tighter than OR
    title:(lupus OR gout)       a field before a word, a phrase or a bracket
    Rossi A[au] (lupus).ti.     tags of PubMed and Ovid behind them

Nothing is an error: what is not valid syntax is taken as words or left out, and told in `problems`.
"""

from dataclasses import dataclass

from .tokens import END, TAGS, Problem, Sign, Tag, Tokens, names_of
from .tree import All, Node, Part, Without, all_of, either_of, with_field, written

MAX_DEPTH = 20
# Fields whose words are one value: an author's name, the name of a session.
WHOLE = frozenset(("author", "number", "trial", "doi", "year"))

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))


@dataclass(frozen=True)
class Parsed:
    """What was typed. A result has to match each of `nodes`; `apart`: operators stand between them.

    `reading` says how it was read where that may surprise, else "". `is_boolean`: operators join what was typed, so
    that only what matches exactly is meant.
    """

    nodes: tuple[Node, ...] = ()
    apart: bool = False
    problems: tuple[Problem, ...] = ()
    reading: str = ""
    is_boolean: bool = False


def parse(text: str, field: str = "") -> Parsed:
    """What was typed, at most MAX_PARTS words. `field`: the field of everything that names none."""
    parser = _Parser(text.translate(_QUOTES))
    node = with_field(parser.parse(), field)
    nodes = node.operands if isinstance(node, All) else (node,) if node else ()
    reading = written(node) if node and parser.is_doubtful else ""
    apart = isinstance(node, All) and node.apart
    return Parsed(nodes, apart, tuple(dict.fromkeys(parser.problems)), reading, parser.is_boolean)


class _Parser:
    def __init__(self, text: str):
        tokens = Tokens(text)
        self.tokens, self.problems = tokens.all, tokens.problems
        self.place = 0
        self.is_boolean = False
        # Read in another way than some expect.
        self.is_doubtful = self.has_small_operators = tokens.has_small_operators
        self.bracketed: list[Node] = []

    def parse(self) -> Node | None:
        found: list[Node] = []
        while self.tokens[self.place] is not END:
            node = self._either(0)
            found += [node] if node else []
            if self._sign() == ")":
                self._complain("bracket")
                self.place += 1
        return all_of(found)

    def _sign(self) -> str:
        token = self.tokens[self.place]
        return token.sign if isinstance(token, Sign) else ""

    def _either(self, depth: int) -> Node | None:
        alternatives = [self._both(depth)]
        while self._sign() == "OR":
            self._operator("OR", alternatives[-1] is not None)
            alternatives.append(self._both(depth))
        if len(alternatives) > 1 and alternatives[-1] is None:
            self._complain("operator", "OR")
        found = [node for node in alternatives if node]
        joined = [node for node in found if isinstance(node, All) and node not in self.bracketed]
        self.is_doubtful |= len(found) > 1 and bool(joined)
        return either_of(found)

    def _both(self, depth: int) -> Node | None:
        found: list[Node] = []
        operator = ""
        while True:
            negative = False
            while self._sign() in ("AND", "NOT"):
                operator = self._sign()
                negative |= operator == "NOT"
                self._operator(operator, bool(found) or operator == "NOT")
            run = self._run(depth)
            if run is None:
                if operator:
                    self._complain("operator", operator)
                return all_of(found, apart=True)
            found.append(Without(run) if negative else run)
            operator = ""
            if self._sign() not in ("AND", "NOT"):
                return all_of(found, apart=True)

    def _operator(self, operator: str, has_left: bool) -> None:
        if not has_left:
            self._complain("operator", operator)
        # Small ones beside brackets may be mere prose: "lungs (or bronchi) and children".
        self.is_boolean |= not self.has_small_operators
        self.place += 1

    def _run(self, depth: int) -> Node | None:
        """Words, phrases and brackets up to the next operator."""
        found: list[Node] = []
        tagged = 0  # so many have their tag
        while True:
            token = self.tokens[self.place]
            if isinstance(token, Tag):
                start = max(tagged, self._start_of_tagged(found))
                found[start:] = self._tagged(found[start:], token.text)
                tagged = len(found)
            elif isinstance(token, Part | Without):
                found.append(token)
            elif token.sign == "(":
                found += self._group(token, depth)
            else:
                return all_of(found)
            self.place += 1

    def _start_of_tagged(self, found: list[Node]) -> int:
        """Where what a tag belongs to begins: with the last bracket or phrase, or the words at the end."""
        start = len(found)
        while start and _is_word(found[start - 1]):
            start -= 1
        return start if start < len(found) else max(start - 1, 0)

    def _group(self, token: Sign, depth: int) -> list[Node]:
        """What stands in a bracket; afterwards the place is at its end."""
        self.place += 1
        if depth >= MAX_DEPTH:
            # Deeper brackets are left out, with those that close them.
            self.place -= 1
            return []
        node = self._either(depth + 1)
        if self._sign() != ")":
            self._complain("bracket")
            self.place -= 1
        if node is None:
            return []
        self.bracketed.append(node)
        node = with_field(node, token.field)
        return [Without(node) if token.minus else node]

    def _tagged(self, found: list[Node], tag: str) -> list[Node]:
        fields = {TAGS.get(name) for name in names_of(tag)}
        if None in fields or not found:
            self._complain("tag", tag)
            return found
        field = (fields.pop() or "") if len(fields) == 1 else ""
        if field in WHOLE and all(map(_is_word, found)):
            return [Part(" ".join(node.text for node in found if isinstance(node, Part)), field)]
        return [with_field(node, field) for node in found]

    def _complain(self, kind: str, text: str = "") -> None:
        self.problems.append(Problem(kind, text))


def _is_word(node: Node) -> bool:
    return isinstance(node, Part) and node.is_plain
