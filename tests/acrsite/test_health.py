"""The two addresses that machines ask."""

import pytest
from django.db import OperationalError, connection

from acrsite import health


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
