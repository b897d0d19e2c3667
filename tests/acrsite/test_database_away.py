"""The database is away, or hangs: 503 in the site's look for everybody, nothing kept is served, and it recovers."""

import socket
import time

import psycopg
import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, connections
from django.test import Client

from acrsite.postgresql import base
from tests.factories import UserFactory, whole_abstract


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


@pytest.fixture(params=[OperationalError, InterfaceError])
def take_away(request, monkeypatch):
    """From when this is called on, every statement fails."""

    def fail(*arguments, **more):
        raise request.param("server closed the connection unexpectedly, user archive at 10.0.0.7")

    return lambda: monkeypatch.setattr(type(connections["default"]), "cursor", fail)


def assert_is_unavailable(response) -> None:
    page = response.content.decode()
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "private, no-store"
    assert "The archive is out of service for a moment" in page
    assert settings.SITE_NAME in page
    assert "10.0.0.7" not in page
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/search/?q=gout", "/favorites/", "/sitemap.xml", "/es/authors/"])
@pytest.mark.parametrize("has_session", [False, True])
def test_pages_say_that_the_archive_is_away(client, take_away, path, has_session):
    if has_session:
        client.force_login(UserFactory())
    take_away()
    response = client.get(path)
    if response["Content-Language"] == "es":
        assert response.status_code == 503
    else:
        assert_is_unavailable(response)


@pytest.mark.django_db
def test_forms_say_that_the_archive_is_away(client, take_away):
    abstract = whole_abstract()
    take_away()
    assert_is_unavailable(client.post("/accounts/login/", {"login": "ada@example.org", "password": "x"}))
    same_origin = {"sec-fetch-site": "same-origin"}
    assert_is_unavailable(client.post("/favorites/add/", {"abstract": abstract.key, "next": "/"}, headers=same_origin))


@pytest.mark.django_db
def test_a_stored_page_is_not_served_while_the_database_is_away(client, take_away, monkeypatch):
    url = whole_abstract().get_absolute_url()
    page = client.get(url)
    etag = page["ETag"]
    take_away()
    assert_is_unavailable(client.get(url))
    assert_is_unavailable(client.get(url, headers={"if-none-match": etag}))
    monkeypatch.undo()
    assert client.get(url).content == page.content


@pytest.mark.django_db
def test_other_failures_are_still_500(client, monkeypatch):
    def fail(*arguments, **more):
        raise RuntimeError

    monkeypatch.setattr("abstracts.views.home.outline", fail)
    whole_abstract()
    assert client.get("/").status_code == 500


# A server that hangs


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(base, "_retry_at", 0.0)


@pytest.fixture
def silent_server():
    """Takes connections and says nothing, like a frozen PostgreSQL: the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


def wrapper_for(port: int) -> base.DatabaseWrapper:
    defaults = {name: settings.DATABASES["default"][name] for name in ("ATOMIC_REQUESTS", "AUTOCOMMIT", "TIME_ZONE")}
    address = {"NAME": "archive", "USER": "archive", "PASSWORD": "", "HOST": "127.0.0.1", "PORT": port}
    more = {"OPTIONS": {}, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "TEST": {}}
    return base.DatabaseWrapper(defaults | address | more, "hanging")


@pytest.mark.django_db
def test_a_server_that_does_not_answer_costs_one_request_two_seconds_and_others_nothing(silent_server):
    started = time.monotonic()
    with pytest.raises(OperationalError):
        wrapper_for(silent_server).ensure_connection()
    first = time.monotonic() - started
    for _ in range(5):
        with pytest.raises(OperationalError):
            wrapper_for(silent_server).ensure_connection()
    assert first < base.CONNECT_TIMEOUT + 1
    assert time.monotonic() - started < first + 0.5


@pytest.mark.django_db
def test_it_is_tried_again_after_a_pause(silent_server, monkeypatch):
    asked = []

    def connect(**parameters):
        asked.append(parameters["port"])
        raise psycopg.errors.ConnectionTimeout

    monkeypatch.setattr(psycopg, "connect", connect)
    for _ in range(3):
        with pytest.raises(OperationalError):
            wrapper_for(silent_server).ensure_connection()
    assert len(asked) == 1
    monkeypatch.setattr(base, "_retry_at", time.monotonic())
    with pytest.raises(OperationalError):
        wrapper_for(silent_server).ensure_connection()
    assert len(asked) == 2


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(base, "SILENCE", 0.15)


@pytest.mark.several_connections
@pytest.mark.django_db(transaction=True)
def test_a_long_statement_of_a_server_at_work_is_waited_for(impatient, monkeypatch):
    asked = []
    connect = psycopg.connect
    monkeypatch.setattr(psycopg, "connect", lambda **parameters: asked.append(1) or connect(**parameters))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1), 7")
        assert cursor.fetchone()[1] == 7
    assert 1 <= len(asked) <= 6


@pytest.mark.several_connections
@pytest.mark.django_db(transaction=True)
def test_a_statement_of_a_server_that_gives_no_other_connection_is_given_up(impatient, monkeypatch):
    def connect(**parameters):
        raise psycopg.errors.ConnectionTimeout

    started = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(psycopg, "connect", connect)
        with pytest.raises(OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")
    assert time.monotonic() - started < 5
    base._retry_at = 0.0
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.several_connections
@pytest.mark.django_db(transaction=True)
def test_a_server_with_too_many_connections_is_at_work(impatient, monkeypatch):
    def connect(**parameters):
        raise psycopg.errors.TooManyConnections

    connection.ensure_connection()
    monkeypatch.setattr(psycopg, "connect", connect)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.6), 7")
        assert cursor.fetchone()[1] == 7


@pytest.mark.several_connections
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced_for_the_next_request(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)

    def status() -> int:
        close_old_connections()  # as between requests; Django's test client leaves it out
        return Client(raise_request_exception=False).get("/meetings/").status_code

    connection.close()
    assert status() == 200
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    assert [status() for _ in range(3)] == [200, 200, 200]
