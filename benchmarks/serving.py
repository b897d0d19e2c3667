"""The product under gunicorn on loopback, in a folder and with a sample of its own; for the scripts of failures."""

import contextlib
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import psycopg
import psycopg.sql

ROOT = Path(__file__).resolve().parent.parent
# Seconds after which a request counts as never answered.
PATIENCE = 20


class Answer(NamedTuple):
    """What came back (status 0: the connection broke, or nothing came in time), and after how many seconds."""

    status: int
    seconds: float
    headers: Mapping[str, str]
    body: bytes


class Site:
    """A served archive. `folder` holds all that it writes; `environment` is what its processes get."""

    def __init__(self, folder: Path, **more: str):
        self.folder, self.port = folder, free_port()
        self.environment = {
            **os.environ,
            "DEBUG": "false",
            "SECRET_KEY": "only-for-trials",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "SECURE_HTTPS": "false",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "WARNING",
            "STATIC_ROOT": str(folder / "static"),
            "FIGURES_ROOT": str(folder / "figures"),
            "SEARCH_INDEX_ROOT": str(folder / "search"),
            "DOWNLOADS_ROOT": str(folder / "downloads"),
            "UPLOADS_ROOT": str(folder / "uploads"),
            "CACHE_DIR": str(folder / "cache"),
            # All requests of a trial come from one address.
            **dict.fromkeys(("LIMIT_SEARCHES", "LIMIT_SUGGESTIONS", "LIMIT_EXPORTS", "LIMIT_PDF_LISTS"), "off"),
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/db.sqlite3",
            **more,
        }
        self.process: subprocess.Popen | None = None

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run a management command to its end."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        if check and done.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
        return done

    def load(self) -> None:
        """The database (on PostgreSQL), tables, static files and the sample."""
        create_database(self.environment["DATABASE_URL"])
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.manage("load_sample", "--with-users")
        self.manage("search_index", "--update")

    @contextlib.contextmanager
    def serving(self, workers: int = 1, threads: int = 4) -> Iterator[None]:
        """gunicorn, with its log in `server.log`."""
        options = f"--bind 127.0.0.1:{self.port} --workers {workers} --threads {threads} --no-control-socket"
        command = [sys.executable, "-m", "gunicorn", "acrsite.wsgi", *options.split()]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        try:
            wait_for(self.port)
            yield
        finally:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(40)

    def log(self) -> str:
        return (self.folder / "server.log").read_text("utf-8", "replace")

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own."""
        started = time.monotonic()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            link.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = link.getresponse()
            content = response.read()
            return Answer(response.status, time.monotonic() - started, response.headers, content)
        except (OSError, http.client.HTTPException):
            return Answer(0, time.monotonic() - started, {}, b"")
        finally:
            link.close()

    def sign_in(self, email: str, password: str) -> Answer:
        """The form and then its answer; the seconds are those of the answer. Each comes from another address."""
        form = self.ask("/accounts/login/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', form.body)
        if not token:
            return form
        cookie = form.headers["Set-Cookie"].split(";")[0]
        fields = {"csrfmiddlewaretoken": token[1].decode(), "login": email, "password": password}
        kind = "application/x-www-form-urlencoded"
        client = ".".join(str(random.randrange(1, 255)) for _ in range(4))
        return self.ask(
            "/accounts/login/",
            "POST",
            urlencode(fields).encode(),
            Content_Type=kind,
            Cookie=cookie,
            X_Forwarded_For=client,  # believed where BEHIND_PROXY is set
        )

    def addresses(self) -> dict[str, str]:
        """One address of each kind of page, by its name."""
        sitemap = {
            part: re.findall(r"<loc>http://[^/]+([^<]+)</loc>", self.ask(f"/sitemaps/{part}/1.xml").body.decode())
            for part in ("meetings", "sessions", "abstracts", "authors", "keywords")
        }
        return {
            "home": "/",
            "meeting": sitemap["meetings"][0],
            "session": sitemap["sessions"][0],
            "abstract": sitemap["abstracts"][0],
            "author": sitemap["authors"][0],
            "keyword": sitemap["keywords"][0],
            "search": "/search/?q=study",
            "suggestions": "/search/suggestions/?q=ar",
            "favorites": "/favorites/",
            "sign-in form": "/accounts/login/",
        }


@contextlib.contextmanager
def site(**environment: str) -> Iterator[Site]:
    """A site with the sample, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="acr-trial-", dir="/tmp") as name:
        made = Site(Path(name), **environment)
        made.load()
        yield made


def create_database(url: str) -> None:
    """The database that `url` names, on PostgreSQL, where it is not there yet."""
    if not url.startswith("postgres"):
        return
    statement = psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(urlsplit(url).path[1:]))
    with psycopg.connect(urlsplit(url)._replace(path="/postgres").geturl(), autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [urlsplit(url).path[1:]])
        if not exists.fetchone():
            connection.execute(statement)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, seconds: float = 60) -> None:
    """Until something listens on `port` of loopback."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")
