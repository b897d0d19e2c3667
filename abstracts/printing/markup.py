"""Sanitized HTML as plain data for the typesetter: runs of text with marks, paragraphs, lists, tables.

The typesetter gets strings and never reads them as its own language. Tags mean only what they mean here.
"""

import re
from html.parser import HTMLParser
from typing import Any

from ..words.text import strip_controls

# A run: text and its marks (i, b, sub, sup); "\n" alone is a line break.
Run = list[Any]
Block = dict[str, Any]

_MARKS = {"i": "i", "em": "i", "b": "b", "strong": "b", "sub": "sub", "sup": "sup"}
_SPACE = re.compile(r"[ \t\r\n\f]+")
# In tables of many columns, longer words may break: after punctuation, else anywhere.
LONGEST_WORD = 14
_BREAKABLE = re.compile(r"(?<=[-–—/,;:)(_=+])(?=\w)")
MANY_COLUMNS = 6
# Limits of a table, so that a colspan of a million does not make a grid of a million.
MAX_COLUMNS = 60
MAX_ROWSPAN = 500


def runs_of(html: str) -> list[Run]:
    """The runs of inline HTML (a title, a caption)."""
    blocks = blocks_of(html)
    return [run for block in blocks for run in block.get("r", [])]


def plain_run(text: str) -> list[Run]:
    """Plain text as runs."""
    return [[strip_controls(text), []]] if text else []


def blocks_of(html: str) -> list[Block]:
    """The blocks of sanitized HTML, in order; text outside of blocks is a paragraph."""
    builder = _Builder()
    builder.feed(strip_controls(html))
    builder.close()
    return builder.finished()


class _Builder(HTMLParser):
    """Builds blocks. `_stack` has the open containers, the innermost last: (kind, node, blocks inside)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._root: list[Block] = []
        self._stack: list[tuple[str, Block, list[Block]]] = []
        self._runs: list[Run] = []
        self._marks: list[str] = []
        self._kind = "p"
        self._in_caption = False

    # Events

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _MARKS:
            self._marks.append(tag)
        elif tag == "br":
            self._runs.append(["\n", []])
        elif tag in ("p", "h2", "h3", "h4"):
            self._flush()
            self._kind = "p" if tag == "p" else "h"
        elif tag in ("ul", "ol"):
            self._flush()
            self._open(tag, {"t": tag, "start": _number(given.get("start"), 1), "items": []})
        elif tag == "li":
            self._close_through("li", until=("ul", "ol"))
            self._open("li", {})
        elif tag == "blockquote":
            self._flush()
            self._open(tag, {"t": "quote", "b": []})
        else:
            self._start_of_table_part(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS:
            if tag in self._marks:
                del self._marks[len(self._marks) - 1 - self._marks[::-1].index(tag)]
        elif tag in ("p", "h2", "h3", "h4"):
            self._flush()
            self._kind = "p"
        elif tag == "caption":
            self._flush_caption()
        elif tag in ("ul", "ol", "li", "blockquote", "table", "tr", "td", "th", "thead"):
            self._close_through("cell" if tag in ("td", "th") else tag)

    def handle_data(self, data: str) -> None:
        text = _SPACE.sub(" ", data)
        if not self._runs or self._runs[-1][0].endswith((" ", "\n")):
            text = text.lstrip(" ")
        if text:
            self._runs.append([text, sorted({_MARKS[tag] for tag in self._marks})])

    def finished(self) -> list[Block]:
        while self._stack:
            self._pop()
        self._flush()
        return self._root

    # Containers

    def _start_of_table_part(self, tag: str, given: dict[str, str]) -> None:
        if tag == "table":
            self._flush()
            self._open("table", {"t": "table", "caption": [], "trs": []})
        elif tag == "caption":
            self._flush()
            self._in_caption = True
        elif tag == "thead":
            self._open("thead", {})
        elif tag == "tr":
            self._close_through("tr", until=("table",))
            self._open("tr", {"cells": [], "head": any(kind == "thead" for kind, *_ in self._stack)})
        elif tag in ("td", "th"):
            self._close_through("cell", until=("tr",))
            span = {"c": _number(given.get("colspan"), 1), "r": _number(given.get("rowspan"), 1)}
            self._open("cell", {**span, "h": tag == "th"})

    def _open(self, kind: str, node: Block) -> None:
        self._stack.append((kind, node, []))

    def _close_through(self, kind: str, until: tuple[str, ...] = ()) -> None:
        """Close the innermost container `kind` and all inside it, if it is open within `until`."""
        for place in range(len(self._stack) - 1, -1, -1):
            if self._stack[place][0] == kind:
                while len(self._stack) > place:
                    self._pop()
                return
            if self._stack[place][0] in until:
                return

    def _pop(self) -> None:
        self._flush()
        kind, node, inside = self._stack.pop()
        if kind == "li":
            self._parent("ul", "ol", "items", inside)
        elif kind == "cell":
            self._parent("tr", "tr", "cells", {**node, "b": inside})
        elif kind == "tr":
            self._parent("table", "table", "trs", node)
        elif kind == "table":
            self._add(laid_out(node))
        elif kind == "blockquote":
            self._add({**node, "b": inside})
        elif kind in ("ul", "ol"):
            # Text of a list outside of its items becomes an item.
            self._add({**node, "items": [*node["items"], *([inside] if inside else [])]})

    def _parent(self, kind: str, other: str, name: str, value: Any) -> None:
        """Add `value` to the innermost open container of the kinds; a cell or item without one becomes plain blocks."""
        for open_kind, node, _ in reversed(self._stack):
            if open_kind in (kind, other):
                node[name].append(value)
                return
        for block in value if isinstance(value, list) else value.get("b", []):
            self._add(block)

    def _add(self, block: Block) -> None:
        target = self._stack[-1] if self._stack else None
        (target[2] if target else self._root).append(block)

    # Text

    def _flush(self) -> None:
        if self._in_caption:
            return self._flush_caption()
        runs = _trimmed(self._runs)
        self._runs = []
        if runs:
            self._add({"t": self._kind, "r": runs})
        return None

    def _flush_caption(self) -> None:
        runs, self._runs, self._in_caption = _trimmed(self._runs), [], False
        for kind, node, _ in reversed(self._stack):
            if kind == "table":
                node["caption"] = runs
                return
        if runs:
            self._add({"t": "p", "r": runs})


def _trimmed(runs: list[Run]) -> list[Run]:
    while runs and not runs[-1][0].strip():
        runs = runs[:-1]
    while runs and not runs[0][0].strip():
        runs = runs[1:]
    if runs:
        runs[-1][0] = runs[-1][0].rstrip(" ")
    return runs


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else default


def laid_out(table: Block) -> Block:
    """The table with a place for each cell, as in browsers: `cols`, `head` (rows), and `cells` with x, y, c, r.

    Spans end with the table, and cells do not overlap.
    """
    trs = [tr for tr in table["trs"] if tr["cells"]]
    taken: set[tuple[int, int]] = set()
    cells: list[Block] = []
    for y, tr in enumerate(trs):
        x = 0
        for cell in tr["cells"]:
            while (x, y) in taken:
                x += 1
            if x >= MAX_COLUMNS:
                cells[-1]["b"] += cell["b"]
                continue
            placed = {**cell, "x": x, "y": y, **_span(cell, x, y, len(trs), taken)}
            taken.update((x + i, y + j) for i in range(placed["c"]) for j in range(placed["r"]))
            cells.append(placed)
            x += placed["c"]
    columns = max((x for x, _ in taken), default=-1) + 1
    if columns >= MANY_COLUMNS:
        for cell in cells:
            _make_breakable(cell["b"])
    return {
        "t": "table",
        "caption": table["caption"],
        "cols": columns,
        "rows": len(trs),
        "head": _head(trs, cells),
        "cells": cells,
    }


def _span(cell: Block, x: int, y: int, rows: int, taken: set[tuple[int, int]]) -> dict[str, int]:
    width = 1
    while width < min(max(cell["c"], 1), MAX_COLUMNS - x) and (x + width, y) not in taken:
        width += 1
    limit = rows - y if cell["r"] == 0 else min(cell["r"], rows - y, MAX_ROWSPAN)
    height = 1
    while height < limit and not any((x + i, y + height) in taken for i in range(width)):
        height += 1
    return {"c": width, "r": height}


def _head(trs: list[Block], cells: list[Block]) -> int:
    """How many rows the head has: those of thead, else a first row of headers; and all rows that these span."""
    rows = 0
    while rows < len(trs) and (trs[rows]["head"] or (rows == 0 and all(cell["h"] for cell in trs[0]["cells"]))):
        rows += 1
    grown = True
    while grown:
        reach = max((cell["y"] + cell["r"] for cell in cells if cell["y"] < rows), default=rows)
        grown, rows = reach > rows, max(rows, reach)
    return rows if rows < len(trs) else 0


def _make_breakable(blocks: list[Block]) -> None:
    for block in blocks:
        for run in block.get("r", []):
            run[0] = " ".join(map(_with_breaks, run[0].split(" ")))


def _with_breaks(word: str) -> str:
    if len(word) <= LONGEST_WORD:
        return word
    pieces = _BREAKABLE.sub("\u200b", word).split("\u200b")
    return "\u200b".join(
        piece[start : start + LONGEST_WORD] for piece in pieces for start in range(0, len(piece), LONGEST_WORD)
    )
