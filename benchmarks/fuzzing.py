"""Asks a site of its own for nonsense: no answer may be 500, none may take longer than five seconds.

    python -m benchmarks.fuzzing [--requests 50000] [--minutes 40] [--seed 1]

Every address and every form that a crawl finds, as a visitor, a reader and a curator, with values, bodies, headers and
methods that no browser sends. The site is the sample under gunicorn on loopback, in a temporary folder; the script ends
after so many requests or minutes. Exit status 1 where anything was wrong.
"""

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from benchmarks.serving import Answer, Site, site

MOST_PAGES = 400
# Pages of one shape ("/abstract/*/") that a crawl looks at.
MOST_OF_A_SHAPE = 3
SLOW = 5.0
# Some forms wait half a second before they answer.
THREADS = 16
BATCH = 2000
# A request that ends the session of a persona, or starts a long computation for staff, would end the walk.
LEFT_OUT = re.compile(r"/(logout|static|sessions/\d+/end|delete|password)")
SIGN_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
for email in ("reader@example.org", "staff@example.org"):
    user = User.objects.get(email=email)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    print("key", store.session_key)
"""
VALUES = [
    "", " ", "0", "-1", "1", "2", "9" * 30, "1e999", "NaN", "null", "undefined", "true", "on", "[]", "{}",
    "../../etc/passwd", "2026-02-30", "29 February 2025", "0000-00-00", "24:61", "a" * 5000, "%", "%00", "%s%n",
    "\x00", "\x07\x1b", "\u2028", "\ufeff", "\ud7ff", "é" * 300, "𝔘𝔫𝔦", "' OR 1=1 --", '"', "<script>", "{{ 7*7 }}",
    "(((((", "NOT", "AND OR", "*", "?*", '"""', "lupus OR (", "author:", 'title:"', "year:99999", "𒀀*", "a-b-c-d-e-f",
    "/" * 50, "\\", "\r\nX: y", "https://example.org/", "//example.org",
]  # fmt: skip
METHODS = ["GET"] * 10 + ["POST"] * 8 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
HEADERS = {
    "Accept": ["*/*", "application/x-bibtex", "text/html;q=x", "application/json, */*;q=0.1", ",,,;", "a" * 2000],
    "Accept-Language": ["es", "xx-YY", "*", "es;q=9", "é", "-" * 300],
    "Accept-Encoding": ["gzip", "identity;q=0", "br;q=1,*;q=0"],
    "If-None-Match": ['"x"', "W/", "*", "x" * 3000],
    "If-Modified-Since": ["yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 31 Feb 9999 00:00:00 GMT"],
    "Range": ["bytes=0-0", "bytes=-1", "bytes=9-1", "bytes=a-b", "lines=1-2", "bytes=0-99999999999999999999"],
    "Cookie": ["sessionid=x", "csrftoken=\"", "a=b; a=c;;;=", "sessionid=" + "a" * 3000],
    "Content-Type": [
        "", "text", "multipart/form-data", "application/json; charset=nonsense",
        "application/x-www-form-urlencoded; charset=utf-7",
    ],
    "Referer": ["http://[", "//", "http://127.0.0.1/", "é"],
    "Origin": ["null", "http://[", "https://example.org"],
    "Sec-Fetch-Site": ["same-origin", "cross-site", "none", "x"],
    "HX-Request": ["true", "x"],
    "HX-Target": ["results", "<", "x" * 500],
    "X-Forwarded-Proto": ["https", "x", ""],
    "X-Request-ID": ["x" * 500, "<script>"],
    "Purpose": ["prefetch"],
}  # fmt: skip
MULTIPART, URLENCODED = "multipart/form-data; boundary=limit", "application/x-www-form-urlencoded"
BODIES = [b"", b"{", b"[]", b"\x00\xff", b"a=1&a=2&=&&=1", b"a=%ff%fe", b"x" * 100_000]


class Form(NamedTuple):
    """A form of a page: where it goes, how, and the names of its fields."""

    path: str
    method: str
    fields: tuple[str, ...]


class Request(NamedTuple):
    """What is sent."""

    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]


def sessions(served: Site) -> list[str]:
    """Cookies of a visitor, a reader and a curator."""
    keys = re.findall(r"key (\w+)", served.manage("shell", "-c", SIGN_IN).stdout)
    return ["", *(f"sessionid={key}; csrftoken={'a' * 32}" for key in keys)]


def crawl(served: Site, cookie: str, rng: random.Random) -> tuple[set[str], set[Form]]:
    """The addresses and forms that a persona meets, from the home page and the admin on."""
    waiting = [
        "/",
        "/es/",
        "/admin/",
        "/favorites/",
        "/accounts/",
        "/sitemap.xml",
        "/download/",
        "/meetings/",
        "/nowhere/",
    ]
    paths, forms = set(waiting), set()
    shapes: Counter[str] = Counter()
    while waiting and shapes.total() < MOST_PAGES:
        path = waiting.pop(rng.randrange(len(waiting)))
        shape = re.sub(r"[\w%-]*\d[\w%-]*|(?<=/)[\w%-]{18,}|=[^&]*", "*", path)
        if shapes[shape] == MOST_OF_A_SHAPE:
            continue
        shapes[shape] += 1
        page = served.ask(path, Cookie=cookie).body.decode("utf-8", "replace")
        for link in re.findall(r"""(?:href|src|action)=["']([^"'#]+)|<loc>([^<]+)""", page):
            url = urlsplit(unescape(link[0] or link[1]))
            own = url.netloc in ("", urlsplit(served.environment["SITE_URL"]).netloc, f"127.0.0.1:{served.port}")
            target = (url.path or path) + (f"?{url.query}" if url.query else "")
            if own and target.startswith("/") and target not in paths and not LEFT_OUT.search(target):
                paths.add(target)
                waiting.append(target)
        forms.update(form for form in forms_of(page, path) if not LEFT_OUT.search(form.path))
    return paths, forms


def forms_of(page: str, path: str) -> Iterator[Form]:
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.S):
        action = re.search(r'action="([^"]*)"', attributes)
        method = "POST" if re.search(r'method="post"', attributes, re.I) else "GET"
        yield Form(
            unescape(action[1]) if action and action[1] else path,
            method,
            tuple(set(re.findall(r'name="([^"]+)"', inside))),
        )


def nonsense(rng: random.Random, paths: list[str], forms: list[Form], cookies: list[str]) -> Request:
    """A request such as no browser sends."""
    form = (
        rng.choice(forms) if rng.random() < 0.5 else Form(rng.choice(paths), rng.choice(METHODS), ("page", "q", "next"))
    )
    method = form.method if rng.random() < 0.8 else rng.choice(METHODS)
    fields = [
        (name, rng.choice(VALUES))
        for name in form.fields
        if rng.random() < 0.7
        for _ in range(rng.choice((1, 1, 1, 3)))
    ]
    encoded = urlencode(fields, errors="surrogatepass")
    headers = {"Cookie": rng.choice(cookies), "Sec-Fetch-Site": "same-origin"}
    path, body = form.path, None
    if rng.random() < 0.1:
        path = path.rstrip("/") + "/" + quote(rng.choice(VALUES), errors="surrogatepass")
    if method == "POST":
        body, headers["Content-Type"] = rng.choice([
            (encoded.encode(), URLENCODED),
            (multipart(fields, "limit"), MULTIPART),
            (multipart(fields, "limit")[: rng.randrange(200)], MULTIPART),
            (rng.choice(BODIES), rng.choice([MULTIPART, URLENCODED, "text/plain"])),
        ])  # fmt: skip
        if "csrftoken" in headers["Cookie"] and rng.random() < 0.9:
            headers["X-CSRFToken"] = "a" * 32
    elif encoded:
        path += f"{'&' if '?' in path else '?'}{encoded}"
    for name in rng.sample(list(HEADERS), rng.choice((0, 0, 1, 3))):
        headers[name] = rng.choice(HEADERS[name])
    return Request(method, path[:7000], body, headers)


def multipart(fields: list[tuple[str, str]], boundary: str) -> bytes:
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    return ("".join(parts) + f"--{boundary}--\r\n").encode("utf-8", "replace")


def send(served: Site, request: Request, rng: random.Random) -> Answer:
    # Each from another address: limits are not what is looked at.
    client = ".".join(str(rng.randrange(1, 255)) for _ in range(4))
    headers = {
        name: value.encode("utf-8", "replace").decode("latin-1") for name, value in request.headers.items() if value
    }
    return served.ask(request.path, request.method, request.body, **headers, X_Forwarded_For=client)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    until = time.monotonic() + options.minutes * 60
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    slowest = 0.0
    with site(BEHIND_PROXY="true") as served, served.serving(threads=THREADS), ThreadPoolExecutor(THREADS) as pool:
        crawls = [crawl(served, cookie, rng) for cookie in sessions(served)]
        paths = sorted(set().union(*(paths for paths, _ in crawls)))
        forms = sorted(set().union(*(forms for _, forms in crawls)))
        print(f"{len(paths)} addresses, {len(forms)} forms", flush=True)
        while statuses.total() < options.requests and time.monotonic() < until:
            cookies = sessions(served)
            size = min(BATCH, options.requests - statuses.total())
            requests = [nonsense(rng, paths, forms, cookies) for _ in range(size)]
            for request, answer in zip(
                requests, pool.map(lambda request: send(served, request, rng), requests), strict=True
            ):
                statuses[answer.status] += 1
                slowest = max(slowest, answer.seconds)
                if answer.status in (0, 500) or answer.seconds > SLOW:
                    wrong.append(f"{answer.status} after {answer.seconds:.1f} s: {request!r:.600}")
            print(f"{statuses.total()} requests, {len(wrong)} wrong", flush=True)
        failures = served.log().count("request_failed")
    print(*wrong[:40], sep="\n")
    print(
        f"{statuses.total()} requests: {dict(sorted(statuses.items()))}; slowest {slowest:.1f} s; tracebacks {failures}"
    )
    return int(bool(wrong or failures))


if __name__ == "__main__":
    sys.exit(main())
