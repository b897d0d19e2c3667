"""A real nginx with the directives of deploy/nginx/archive.conf, and connections to it, on loopback."""

import contextlib
import gzip
import http.client
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving import ROOT, Site, wait_for


class Reply(NamedTuple):
    """An answer, and when (seconds since the epoch) it was asked for and had come."""

    asked: float
    came: float
    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int

    def has(self, text: str) -> bool:
        return text.encode() in self.body


class Link:
    """A connection to a server on loopback."""

    def __init__(self, port: int):
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._link.connect()

    def get(self, path: str, **headers: str) -> Reply:
        asked = time.time()
        sent = {"Accept-Encoding": "gzip", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self._link.request("GET", path, headers=sent)
        response = self._link.getresponse()
        body = response.read()
        came = time.time()
        size = len(body)
        if response.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return Reply(asked, came, response.status, response.headers, body, size)


def product_conf(served: Site, port: int) -> str:
    """The first server of deploy/nginx/archive.conf, without TLS, with the names of this machine."""
    text = (ROOT / "deploy/nginx/archive.conf").read_text().split("\nserver {\n    listen 80;")[0]
    text = re.sub(r" +ssl_.*;\n| +listen \[::\].*;\n", "", text)
    for old, new in {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "server_name abstracts.example.org;": "server_name 127.0.0.1;",
        "X-Forwarded-Proto $scheme": "X-Forwarded-Proto https",
        "http://127.0.0.1:8000": f"http://127.0.0.1:{served.port}",
        "/var/lib/nginx/": f"{served.folder}/",
        "/var/log/nginx/": f"{served.folder}/",
        "/var/lib/archive/": f"{served.folder}/",
        "/srv/archive/current/staticfiles/": f"{served.folder}/static/",
    }.items():
        if old not in text:
            raise SystemExit(f"deploy/nginx/archive.conf has no “{old}”")
        text = text.replace(old, new)
    return text


def outer_conf(folder: Path, port: int, inner: int) -> str:
    """Somebody else's proxy in front, which keeps what it may."""
    return f"""
proxy_cache_path {folder}/outer-pages keys_zone=outer:1m;
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass http://127.0.0.1:{inner};
        proxy_set_header Host 127.0.0.1;
        proxy_http_version 1.1;
        proxy_cache outer;
        add_header X-Outer $upstream_cache_status always;
    }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path, name: str, conf: str, port: int) -> Iterator[None]:
    home = folder / name
    home.mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {home}/{kind};" for kind in kinds)
    main = f"""
daemon off; pid {home}/pid; error_log {home}/error.log; worker_processes 2;
{"user root;" if os.geteuid() == 0 else ""}
events {{ worker_connections 768; }}
http {{ include /etc/nginx/mime.types; sendfile on; tcp_nopush on; gzip on; access_log off; {temporary}
{conf}
}}
"""
    (home / "nginx.conf").write_text(main)
    process = subprocess.Popen(["nginx", "-c", home / "nginx.conf", "-e", home / "error.log"])
    try:
        wait_for(port, 10)
        yield
    finally:
        process.terminate()
        process.wait(20)
