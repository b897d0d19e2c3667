"""Typesets one document in its own process, because typst keeps its memory until the process ends.

    python -I typesetter.py FOLDER FONTS TIMESTAMP

FOLDER has `main.typ`, its `data.json` and images. The result is `out.pdf` and, in `result.json`, the standard of the
file; the characters that no font has, which stand in it as “[U+1F600]”; and the values of the document's marks `<at>`
(in books: the pages of abstracts). Strings of the data are never read as typst. It imports nothing of the archive.
"""

import datetime as dt
import json
import re
import sys
from pathlib import Path
from typing import Any

import typst

# The strictest first. All are accessible, tagged PDFs; for the last one nothing is checked.
STANDARDS: list[list[str]] = [["a-2a", "ua-1"], ["ua-1"], []]
# Latin, Greek, Cyrillic and common punctuation, which the fonts certainly have.
_COMMON = re.compile(r"[\x20-\u017f\u0391-\u03a9\u03b1-\u03c9\u0410-\u044f\u2013\u2014\u2018-\u201d\u2022\u2026\n\t]")
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}|\\(.)")
_PROBE = """#set document(title: "probe")
#set text(lang: "en", font: json("fonts.json"))
#for c in json("probe.json") [#c #linebreak()]
"""


def stand_in(character: str) -> str:
    """What is printed instead of a character that no font has."""
    return "".join(f"[U+{ord(c):04X}]" for c in character)


def characters_of(value: Any) -> set[str]:
    """The characters in all strings of `value` that the fonts may not have."""
    if isinstance(value, str):
        return set(_COMMON.sub("", value))
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(characters_of, parts))


def replaced(value: Any, stand_ins: dict[str, str]) -> Any:
    """`value` with each key of `stand_ins` replaced in its strings."""
    if isinstance(value, str):
        for text, replacement in stand_ins.items():
            value = value.replace(text, replacement)
        return value
    if isinstance(value, dict):
        return {key: replaced(part, stand_ins) for key, part in value.items()}
    return [replaced(part, stand_ins) for part in value] if isinstance(value, list) else value


def missing_in(message: str) -> set[str]:
    """The pieces of text that no font has, by a message of typst."""
    return {_ESCAPE.sub(_unescaped, quoted) for quoted in _MISSING.findall(message)}


def _unescaped(match: re.Match) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}.get(match[2], match[2])


class Typesetter:
    def __init__(self, folder: Path, fonts: str, made_at: dt.datetime):
        self.folder, self.fonts, self.made_at = folder, fonts, made_at

    def run(self) -> dict[str, Any]:
        """Write `out.pdf`; returns the content of `result.json`."""
        path = self.folder / "data.json"
        data = json.loads(path.read_text("utf-8"))
        missing = self._missing(characters_of(data))
        for _ in range(4):
            if missing:
                data = replaced(data, {text: stand_in(text) for text in missing})
                path.write_text(json.dumps(data), "utf-8")
            standard, more = self._compile()
            if standard is not None:
                return {"standard": standard, "replaced": sorted(missing), "marks": self._marks()}
            missing |= more
        self._write(STANDARDS[-1])
        return {"standard": [], "replaced": sorted(missing), "marks": self._marks()}

    def _missing(self, characters: set[str]) -> set[str]:
        """Those of `characters` that no font has: a document with all of them fails and names them."""
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
        """The standard in which the file was written; or None, and the pieces of text that prevent it."""
        for standard in STANDARDS:
            try:
                self._write(standard)
                return standard, set()
            except typst.TypstError as error:
                if texts := missing_in(f"{error.message}\n{error.diagnostic}"):
                    return None, texts
                if standard == STANDARDS[-1]:
                    raise
                print(standard, error.message, file=sys.stderr)  # noqa: T201 (of a process of its own)
        raise AssertionError("the last standard either wrote or raised")

    def _write(self, standard: list[str]) -> None:
        (self.folder / "out.pdf").write_bytes(self._pdf("main.typ", standard))

    def _marks(self) -> list[Any]:
        if "<at>" not in (self.folder / "main.typ").read_text("utf-8"):
            return []
        marks = typst.query(
            str(self.folder / "main.typ"), "<at>", field="value", root=str(self.folder), font_paths=[self.fonts],
            ignore_system_fonts=True,
        )  # fmt: skip
        return json.loads(marks)

    def _pdf(self, name: str, standard: list[str]) -> bytes:
        compiler = typst.Compiler(
            str(self.folder / name), root=str(self.folder), font_paths=[self.fonts], ignore_system_fonts=True
        )
        return compiler.compile(format="pdf", pdf_standards=standard, timestamp=self.made_at)  # type: ignore


if __name__ == "__main__":
    where = Path(sys.argv[1])
    result = Typesetter(where, sys.argv[2], dt.datetime.fromisoformat(sys.argv[3]).replace(microsecond=0)).run()
    (where / "result.json").write_text(json.dumps(result))
