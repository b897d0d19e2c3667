"""Typesets one document, in a process of its own: typst keeps what it made in memory for as long as a process lives.

    python -I typesetter.py FOLDER FONTS TIMESTAMP

FOLDER holds `main.typ`, its `data.json` and images. The result is `out.pdf` and `result.json` there: the standard that
the file keeps, the characters that no font has, which stand in it as “[U+1F600]”, and what the document's marks `<at>`
say (in books: the pages of abstracts). Strings of the data are never
read as typst. Stands alone: it imports nothing of the archive.
"""

import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any

import typst

# The strictest first. Each is an accessible, tagged PDF; the last one is not checked for anything.
STANDARDS: list[list[str]] = [["a-2a", "ua-1"], ["ua-1"], []]
# Latin, Greek, Cyrillic and common punctuation are in the fonts for sure.
_SURE = re.compile(r"[\x20-\u017f\u0391-\u03a9\u03b1-\u03c9\u0410-\u044f\u2013\u2014\u2018-\u201d\u2022\u2026\n\t]")
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}|\\(.)")
_PROBE = """#set document(title: "probe")
#set text(lang: "en", font: json("fonts.json"))
#for c in json("probe.json") [#c #linebreak()]
"""


def named(character: str) -> str:
    """What stands in for a character that no font has."""
    return "".join(f"[U+{ord(c):04X}]" for c in character)


def characters_of(value: Any) -> set[str]:
    """The characters of all strings of `value` that may be missing from the fonts."""
    if isinstance(value, str):
        return set(_SURE.sub("", value))
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(characters_of, parts))


def replaced(value: Any, stand_ins: dict[str, str]) -> Any:
    """`value` with every occurrence of the keys of `stand_ins` in its strings replaced."""
    if isinstance(value, str):
        for text, stand_in in stand_ins.items():
            value = value.replace(text, stand_in)
        return value
    if isinstance(value, dict):
        return {key: replaced(part, stand_ins) for key, part in value.items()}
    return [replaced(part, stand_ins) for part in value] if isinstance(value, list) else value


def missing_in(message: str) -> set[str]:
    """The pieces of text that typst says no font can show."""
    return {_ESCAPE.sub(_unescaped, quoted) for quoted in _MISSING.findall(message)}


def _unescaped(match: re.Match) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(match[2], match[2])


class Typesetter:
    def __init__(self, folder: Path, fonts: str, made_at: dt.datetime):
        self.folder, self.fonts, self.made_at = folder, fonts, made_at

    def run(self) -> dict[str, Any]:
        """Write `out.pdf`; returns what `result.json` says."""
        path = self.folder / "data.json"
        data = json.loads(path.read_text("utf-8"))
        lost = self._lost(characters_of(data))
        for _ in range(4):
            if lost:
                data = replaced(data, {text: named(text) for text in lost})
                path.write_text(json.dumps(data), "utf-8")
            standard, more = self._compile()
            if standard is not None:
                return {"standard": standard, "replaced": sorted(lost), "marks": self._marks()}
            lost |= more
        self._write(STANDARDS[-1])
        return {"standard": [], "replaced": sorted(lost), "marks": self._marks()}

    def _lost(self, characters: set[str]) -> set[str]:
        """Those of `characters` that no font has: what a document of all of them fails on."""
        if not characters:
            return set()
        (self.folder / "probe.json").write_text(json.dumps(sorted(characters)), "utf-8")
        (self.folder / "probe.typ").write_text(_PROBE, "utf-8")
        try:
            self._pdf("probe.typ", ["ua-1"])
        except typst.TypstError as error:
            return missing_in(f"{error.message}\n{error.diagnostic}") & characters
        return set()

    def _compile(self) -> tuple[list[str] | None, set[str]]:
        """The standard in which the file was written; or None and the pieces of text that are in its way."""
        for standard in STANDARDS:
            try:
                self._write(standard)
                return standard, set()
            except typst.TypstError as error:
                if missing := missing_in(f"{error.message}\n{error.diagnostic}"):
                    return None, missing
                if standard == STANDARDS[-1]:
                    raise
                print(standard, error.message, file=sys.stderr)  # noqa: T201 (of a process of its own)
        raise AssertionError("the last standard either wrote or raised")

    def _write(self, standard: list[str]) -> None:
        (self.folder / "out.pdf").write_bytes(self._pdf("main.typ", standard))

    def _marks(self) -> list[Any]:
        if "<at>" not in (self.folder / "main.typ").read_text("utf-8"):
            return []
        found = typst.query(
            str(self.folder / "main.typ"), "<at>", field="value", root=str(self.folder), font_paths=[self.fonts],
            ignore_system_fonts=True,
        )  # fmt: skip
        return json.loads(found)

    def _pdf(self, name: str, standard: list[str]) -> bytes:
        compiler = typst.Compiler(
            str(self.folder / name), root=str(self.folder), font_paths=[self.fonts], ignore_system_fonts=True
        )
        return compiler.compile(format="pdf", pdf_standards=standard, timestamp=self.made_at)  # type: ignore


if __name__ == "__main__":
    where = Path(sys.argv[1])
    result = Typesetter(where, sys.argv[2], dt.datetime.fromisoformat(sys.argv[3]).replace(microsecond=0)).run()
    (where / "result.json").write_text(json.dumps(result))
