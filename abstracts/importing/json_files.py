"""JSON Lines: one JSON object a line."""

import json
from collections.abc import Iterator

from .options import BadInput
from .records import FileBytes, Record

MAX_LINE_BYTES = 20 * 1024**2


class JsonLinesSource:
    """Rows of a JSON Lines file; empty lines are skipped."""

    headers = None

    def __init__(self, data: FileBytes):
        self.data = data
        self.notes: list[str] = []

    def records(self) -> Iterator[Record]:
        with self.data.open() as file:
            number = 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if line.strip():
                    yield _record(number, line)


def _record(number: int, line: bytes) -> Record:
    if len(line) > MAX_LINE_BYTES:
        raise BadInput(f"Line {number} is longer than {MAX_LINE_BYTES // 1024**2} MB.")
    try:
        data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError:
        return Record(number, {}, ["is not UTF-8"])
    except (ValueError, RecursionError) as error:
        return Record(number, {}, [f"is not JSON: {error}"])
    if not isinstance(data, dict):
        return Record(number, {}, ["is not a JSON object"])
    if "\\u0000" in line.decode("utf-8"):
        return Record(number, data, ["holds a NUL character"])
    return Record(number, data)
