"""The settings as a new process reads them: what they refuse, what they make of the environment."""

import getpass
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "$only-for-tests-but-of-production-length-0123456789-abcdefghij",
    "ALLOWED_HOSTS": "abstracts.example.org, www.abstracts.example.org",
    "SITE_URL": "https://abstracts.example.org/",
    "EMAIL_URL": "smtp+tls://mailer:secret@mail.example.org:587",
}


@pytest.fixture
def run(tmp_path):
    """Runs Python with exactly the given environment; returns the finished process."""

    def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
        settings = {"DJANGO_SETTINGS_MODULE": "acrsite.settings", "PATH": os.environ["PATH"]}
        database = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "CACHE_DIR": f"{tmp_path}/cache"}
        command = [sys.executable, *arguments]
        env = settings | database | environment
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    return run_python


@pytest.fixture
def read(run):
    """Values of the named settings under the given environment."""

    def read_settings(*names: str, **environment: str) -> list:
        code = f"import json, acrsite.settings as s; print(json.dumps([getattr(s, n) for n in {names!r}], default=str))"
        done = run("-c", code, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return read_settings


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_refuses_to_start_without(run, missing):
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    done = run("-c", "import acrsite.settings", **environment)
    assert done.returncode != 0
    assert f"Set {missing} in the environment" in done.stderr


def test_starts_on_a_developers_machine_with_nothing_but_debug(read):
    debug, hosts = read("DEBUG", "ALLOWED_HOSTS", DEBUG="true")
    assert debug is True
    assert "*" not in hosts


@pytest.mark.parametrize("url", ["abstracts.example.org", "https://example.org/abstracts", "ftp://example.org"])
def test_refuses_a_site_address_that_is_no_origin(run, url):
    done = run("-c", "import acrsite.settings", **PRODUCTION | {"SITE_URL": url})
    assert "SITE_URL is to be like" in done.stderr


def test_takes_values_as_they_are(read):
    """A secret may start with a dollar sign, lists may have blanks, the address may end in a slash."""
    key, hosts, url, sender, trusted = read(
        "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DEFAULT_FROM_EMAIL", "CSRF_TRUSTED_ORIGINS", **PRODUCTION
    )
    assert key == PRODUCTION["SECRET_KEY"]
    assert hosts == ["abstracts.example.org", "www.abstracts.example.org"]
    assert url == "https://abstracts.example.org"
    assert sender == "abstracts@abstracts.example.org"
    assert trusted == [url]


ODD_VALUES = {
    "SECRET_KEY": "$leading #hash &and (paren) \"quote\" back\\slash 'single' ${HOME} `tick` %41 = * ~ !end",
    "SITE_NAME": '# Society\'s "best" abstracts & posters (2026) $5 \\n',
    "ALLOWED_HOSTS": "abstracts.example.org",
    "SITE_URL": "https://abstracts.example.org",
    "EMAIL_URL": "smtp+tls://mailer:p$(a)&s@mail.example.org:587",
    "WEB_CONCURRENCY": "7",
}


@pytest.fixture
def env_file(tmp_path):
    """A file of variables as ENV_FILE names it, of `ODD_VALUES`."""
    path = tmp_path / "archive.env"
    lines = [f"{name}={value}" for name, value in ODD_VALUES.items()]
    path.write_text("\n".join(["# the archive", "", *lines, ""]))
    return str(path)


def test_values_of_the_env_file_arrive_as_they_stand(read, env_file):
    key, name, password = read("SECRET_KEY", "SITE_NAME", "EMAIL_HOST_PASSWORD", ENV_FILE=env_file)
    assert (key, name, password) == (ODD_VALUES["SECRET_KEY"], ODD_VALUES["SITE_NAME"], "p$(a)&s")


@pytest.mark.parametrize(
    "door",
    [
        [sys.executable, "manage.py", "shell", "--no-imports", "-c"],
        [sys.executable, "-c"],
        ["deploy/archive-manage", "shell", "--no-imports", "-c"],
    ],
    ids=["manage.py", "a process of its own", "archive-manage"],
)
def test_values_of_the_env_file_are_the_same_by_each_door(env_file, tmp_path, door):
    code = "import json; from django.conf import settings as s; print(json.dumps([s.SECRET_KEY, s.SITE_NAME]))"
    environment = {
        "DJANGO_SETTINGS_MODULE": "acrsite.settings",
        "PATH": os.environ["PATH"],
        "ENV_FILE": env_file,
        "DATA_ROOT": str(tmp_path),
        "ARCHIVE": str(ROOT),
        "ARCHIVE_USER": getpass.getuser(),
    }
    done = subprocess.run([*door, code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [ODD_VALUES["SECRET_KEY"], ODD_VALUES["SITE_NAME"]]


def test_gunicorn_takes_its_variables_from_the_env_file(run, env_file):
    done = run("-m", "gunicorn", "--print-config", "acrsite.wsgi", ENV_FILE=env_file)
    assert re.search(r"^workers += 7$", done.stdout, re.M), done.stdout + done.stderr


def test_the_environment_wins_over_the_env_file(read, env_file):
    assert read("SITE_NAME", ENV_FILE=env_file, SITE_NAME="Another") == ["Another"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("SITE_NAME", "line 1: a line is to be NAME=value"),
        ("export SITE_NAME=x", "line 1: a line is to be NAME=value"),
        ('SITE_NAME="x y"', "line 1: leave the quotes out"),
        ("SITE_NAME='x y'", "line 1: leave the quotes out"),
    ],
)
def test_a_line_that_other_readers_take_otherwise_is_refused(run, tmp_path, line, complaint):
    path = tmp_path / "archive.env"
    path.write_text(f"{line}\nSECRET_KEY=hidden")
    done = run("-c", "import acrsite.settings", ENV_FILE=str(path), **PRODUCTION)
    assert complaint in done.stderr
    assert "x y" not in done.stderr.rsplit("ImproperlyConfigured", 1)[1]


def test_an_env_file_that_cannot_be_read_stops_the_start(run, tmp_path):
    done = run("-c", "import acrsite.settings", ENV_FILE=str(tmp_path / "missing.env"), **PRODUCTION)
    assert "The file of variables cannot be read" in done.stderr


def test_all_files_that_the_site_writes_lie_under_one_root(read, tmp_path):
    names = ("FIGURES_ROOT", "SEARCH_INDEX_ROOT", "UPLOADS_ROOT", "DOWNLOADS_ROOT", "MEDIA_ROOT")
    root = tmp_path / "data"
    folders = read(*names, DATA_ROOT=str(root), **PRODUCTION)
    assert {Path(folder).parent for folder in folders} == {root}
    assert root.stat().st_mode & 0o077 == 0, "operators who let a proxy pass to the figures make it themselves"


def test_reads_secrets_from_files(read, tmp_path):
    (tmp_path / "secret").write_text("from-a-file\n")
    environment = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    assert read("SECRET_KEY", SECRET_KEY_FILE=str(tmp_path / "secret"), **environment) == ["from-a-file"]


def test_reads_the_mail_server(read):
    assert read("EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_HOST_PASSWORD", **PRODUCTION) == [
        "mail.example.org",
        587,
        True,
        "secret",
    ]


def test_production_is_behind_https_with_safe_cookies(read):
    names = ("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    assert read(*names, "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", **PRODUCTION) == [
        True,
        31_536_000,
        True,
        True,
        True,
        True,
    ]


def test_proxies_are_trusted_only_if_a_setting_says_so(read):
    names = ("SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT")
    assert read(*names, **PRODUCTION) == [None, 0]
    assert read(*names, BEHIND_PROXY="true", **PRODUCTION) == [["HTTP_X_FORWARDED_PROTO", "https"], 1]


def test_processes_share_pages_and_the_limits_on_sign_in(read):
    def behind(caches: dict, name: str) -> list[str]:
        return [caches[inner]["BACKEND"].rsplit(".")[-1] for inner in caches[name]["OPTIONS"]["caches"]]

    (caches,) = read("CACHES", **PRODUCTION)
    assert behind(caches, "default") == ["FileCache", "LocMemCache"]
    assert behind(caches, "pages") == ["FileCache", "LocMemCache"]
    (caches,) = read("CACHES", REDIS_URL="redis://localhost:6379/1", **PRODUCTION)
    assert behind(caches, "default") == ["RedisCache", "FileCache", "LocMemCache"]
    assert behind(caches, "pages") == ["RedisCache", "FileCache", "LocMemCache"]
    assert behind(caches, "requests") == ["RedisCache", "LocMemCache"]
    assert len({caches[name]["KEY_PREFIX"] for name in ("default", "pages", "requests")}) == 3


def test_limits_are_requests_and_seconds(read, run):
    limits, prints = read("LIMITS", "PDFS_AT_ONCE", LIMIT_EXPORTS="off", LIMIT_SEARCHES="5/10", **PRODUCTION)
    assert limits == {
        "searches": [5, 10],
        "suggestions": [2400, 60],
        "exports": None,
        "pdf_lists": [30, 600],
        "applications": [5, 3600],
    }
    assert prints == 3
    for wrong in ("", "5", "0/60", "5/0", "5/m", "-5/60", "5/60/ip"):
        done = run("-c", "import acrsite.settings", LIMIT_SEARCHES=wrong, **PRODUCTION)
        assert "LIMIT_SEARCHES is to be like 1200/60" in done.stderr


def test_orcid_is_on_where_both_variables_are_set(read, run):
    names = ("SOCIALACCOUNT_PROVIDERS", "CONTENT_SECURITY_POLICY")
    providers, policy = read(*names, **PRODUCTION)
    assert providers["orcid"]["APPS"] == []
    assert policy["DIRECTIVES"]["form-action"] == ["'self'"]
    assert "ORCID_CLIENT_SECRET" in run("-c", "import acrsite.settings", ORCID_CLIENT_ID="APP-1", **PRODUCTION).stderr
    providers, policy = read(*names, ORCID_CLIENT_ID="APP-1", ORCID_CLIENT_SECRET="$s", **PRODUCTION)
    assert providers["orcid"]["APPS"] == [{"client_id": "APP-1", "secret": "$s"}]
    assert policy["DIRECTIVES"]["form-action"] == ["'self'", "https://orcid.org"]


def test_staff_need_a_second_factor_if_a_setting_says_so(read):
    assert read("STAFF_SECOND_FACTOR", **PRODUCTION) == [False]
    assert read("STAFF_SECOND_FACTOR", STAFF_SECOND_FACTOR="true", **PRODUCTION) == [True]


def test_former_keys_are_kept_apart(read):
    assert read("SECRET_KEY_FALLBACKS", **PRODUCTION) == [[]]
    assert read("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS="$one two", **PRODUCTION) == [["$one", "two"]]


def test_postgresql_by_url(read):
    (databases,) = read("DATABASES", **PRODUCTION | {"DATABASE_URL": "postgres://archive:pw@db.example.org:5433/acr"})
    database = databases["default"]
    assert database["ENGINE"] == "acrsite.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example.org", 5433, "acr")
    assert "init_command" not in database.get("OPTIONS", {})


def test_sqlite_runs_in_wal_mode_with_our_pragmas(run):
    code = (
        "import django; django.setup(); from django.db import connection as c; cursor = c.cursor();"
        "names = 'journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'temp_store';"
        "print([cursor.execute(f'PRAGMA {n}').fetchone()[0] for n in names], c.transaction_mode)"
    )
    done = run("-c", code, **PRODUCTION)
    assert done.stdout.strip() == "['wal', 1, 1, 20000, 2] IMMEDIATE", done.stderr


def test_check_deploy_is_clean_in_production(run):
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing(capsys):
    call_command("makemigrations", check=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out
