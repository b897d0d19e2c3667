"""The two addresses that machines ask."""

import pytest
from django.db import OperationalError, connection

from acrsite import health
from tests.clocks import SECOND


def test_healthz_needs_no_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_answers_200_where_all_migrations_are_there(client):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_answers_503_without_a_database(client, monkeypatch):
    def fail():
        raise OperationalError("connection to server at 10.0.0.7, user archive, failed")

    monkeypatch.setattr(connection, "ensure_connection", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "reason": "the database does not answer"}


def test_readyz_answers_503_where_migrations_are_missing(client, monkeypatch):
    monkeypatch.setattr(health, "pending_migrations", lambda: 2)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["reason"] == "migrations to apply: 2"


def ready(client) -> tuple[int, str]:
    response = client.get("/readyz")
    return response.status_code, response.json().get("reason", "")


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "order"), [(120, "ahead of"), (-120, "behind")])
def test_readyz_answers_503_while_the_clocks_differ(client, clocks, seconds, order):
    assert ready(client) == (200, "")
    clocks.machine += seconds * SECOND
    assert ready(client) == (503, f"the clock of this machine is 120 seconds {order} the database's")
    clocks.machine -= seconds * SECOND
    assert ready(client) == (200, "")
    # It does not wait until a measurement is due.
    clocks.database -= seconds * SECOND
    assert ready(client) == (503, f"the clock of this machine is 120 seconds {order} the database's")
    clocks.database += seconds * SECOND
    assert ready(client) == (200, "")


@pytest.mark.django_db
def test_readyz_answers_503_where_the_database_is_a_replica(client, clocks):
    assert ready(client) == (200, "")
    clocks.is_replica = True
    assert ready(client) == (503, "the database is a replica")
    clocks.is_replica = False
    assert ready(client) == (200, "")


@pytest.mark.django_db
def test_readyz_answers_503_where_the_clock_cannot_be_asked(client, clocks):
    clocks.is_away = True
    assert ready(client) == (503, "the database does not answer")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_work_by_address_without_https_and_are_not_stored(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(path, headers={"host": "10.1.2.3:8000"})
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_other_paths_have_no_such_exemption(client):
    assert client.get("/healthz/", headers={"host": "10.1.2.3:8000"}).status_code == 400
