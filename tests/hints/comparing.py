"""What differs in the answers to the same requests."""

import difflib

from .asking import Answer, Answers, Request


def differences(before: Answers, after: Answers) -> dict[Request, dict[str, str]]:
    """For each request with another answer, or other work for it: what differs, and how. {} if nothing does."""
    found = {request: _differences(answer, after[request]) for request, answer in before.items()}
    return {request: what for request, what in found.items() if what}


def _differences(one: Answer, other: Answer) -> dict[str, str]:
    what = {}
    if one.status != other.status:
        what["status"] = f"status {one.status} and {other.status}"
    if one.body != other.body:
        what["body"] = f"body {_changed_lines(one.body, other.body)}"
    for name in sorted(one.headers.keys() | other.headers.keys()):
        values = one.headers.get(name), other.headers.get(name)
        # They follow from the body, but may differ alone, too.
        if values[0] != values[1] and not ("body" in what and name in ("Content-Length", "ETag")):
            what[name] = f"{name}: {values[0]} and {values[1]}"
    if len(one.statements) != len(other.statements):
        what["statements"] = f"{len(one.statements)} and {len(other.statements)} statements"
    if one.calls != other.calls:
        what["calls"] = f"calls {one.calls} and {other.calls}"
    return what


def _changed_lines(one: bytes, other: bytes) -> str:
    texts = [body.decode("utf-8", "replace").splitlines() for body in (one, other)]
    lines = [line for line in difflib.unified_diff(*texts, n=0, lineterm="") if line[:3] not in ("---", "+++")]
    return " ".join(line.strip()[:160] for line in lines[1:5])
