"""What the logs say of a request, and what they do not."""

import io
import json
import logging

import pytest
from structlog.stdlib import ProcessorFormatter

from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.acrsite.failing_urls")]


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


@pytest.fixture
def lines():
    """Reads, as JSON, the lines that the site's own configuration has written since the test began."""
    root = logging.getLogger()
    level = root.level
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(next(h.formatter for h in root.handlers if isinstance(h.formatter, ProcessorFormatter)))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_is_one_line_with_the_id_that_the_answer_names(client, lines):
    response = client.get("/fail/reset/x/")
    (line,) = lines()
    assert line["event"] == "request_finished"
    assert line["code"] == 200
    assert line["level"] == "info"
    assert line["request_id"] == response["X-Request-ID"]
    assert len(line["request_id"]) == 36
    assert line["timestamp"].endswith("Z")


def test_the_line_of_a_request_has_its_duration_in_milliseconds(client, lines):
    client.get("/fail/slow/")
    (line,) = lines()
    assert 50 <= line["duration_ms"] < 5000
    assert "started" not in line


def test_a_failed_request_has_its_duration(client, lines):
    client.get("/fail/crash/")
    assert 0 < lines()[0]["duration_ms"] < 5000


def test_a_streamed_answer_is_timed_until_its_last_byte(client, lines):
    b"".join(client.get("/fail/stream/").streaming_content)
    begun, ended = lines()
    assert (begun["event"], ended["event"]) == ("request_finished", "streaming_finished")
    assert ended["request_id"] == begun["request_id"]
    assert ended["duration_ms"] >= begun["duration_ms"] + 50


def test_other_lines_during_a_request_have_no_duration(client, lines):
    client.get("/fail/log/")
    inner, outer = lines()
    assert inner["request_id"] == outer["request_id"]
    assert set(inner) & {"duration_ms", "started"} == set()


def test_every_request_has_its_own_id_whatever_its_headers_say(client):
    ids = {client.get("/fail/reset/x/", headers={"X-Request-ID": "mine"})["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2
    assert "mine" not in ids


def test_the_user_is_named_by_id_only(client, lines):
    user = UserFactory(email="ada.personal@example.org")
    client.force_login(user)
    client.get("/fail/reset/x/?q=secretword", headers={"user-agent": "Visitor/9"}, REMOTE_ADDR="192.0.2.77")
    (line,) = lines()
    assert line["user_id"] == user.pk
    for personal in ("ada.personal", "secretword", "Visitor/9", "192.0.2.77"):
        assert personal not in json.dumps(line)


def test_a_link_that_is_a_secret_is_logged_as_its_route(client, lines):
    client.get("/fail/reset/s3cret-of-the-mail/")
    assert lines()[0]["request"] == "GET /fail/reset/<key>/"


def test_a_missing_page_is_one_line_without_traceback(client, lines):
    assert client.get("/nothing/here/").status_code == 404
    (line,) = lines()
    assert (line["code"], line["level"]) == (404, "info")
    assert "exception" not in line


def test_a_wrong_host_is_logged_without_traceback(client, lines):
    assert client.get("/fail/reset/x/", headers={"host": "evil.example"}).status_code == 400
    assert all("exception" not in line for line in lines())


def test_a_failure_is_logged_once_with_its_traceback(client, lines):
    response = client.get("/fail/crash/")
    assert response.status_code == 500
    (line,) = lines()
    assert line["event"] == "request_failed"
    assert line["level"] == "error"
    assert "a failure of the tests' own" in line["exception"]
    assert line["request_id"] == response["X-Request-ID"]


def test_lines_of_other_libraries_have_the_same_form(lines):
    logging.getLogger("somewhere.else").warning("disk %s", "full")
    (line,) = lines()
    assert (line["event"], line["logger"], line["level"]) == ("disk full", "somewhere.else", "warning")


def test_probes_are_not_logged(client, lines):
    client.get("/healthz")
    client.get("/readyz")
    assert lines() == []
