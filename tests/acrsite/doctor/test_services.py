import socketserver
import threading

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis.exceptions import ConnectionError as RedisAway

from acrsite.doctor import services


@pytest.mark.django_db
class TestDatabase:
    @pytest.fixture(autouse=True)
    def limits(self):
        """The limits of deploy/postgresql.sql, for this connection."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for name, value in services.LIMITS.items():
                    cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
                yield
                for name in services.LIMITS:
                    cursor.execute("SELECT set_config(%s, '0', false)", [name])
        else:
            yield

    def test_nothing_is_found_where_all_is_well(self, findings):
        assert findings(services.check_database) == []

    def test_one_that_is_away_is_found(self, findings, monkeypatch):
        def fail():
            raise OperationalError("connection refused")

        monkeypatch.setattr(services, "pending_migrations", fail)
        assert findings(services.check_database) == [("Error", "The database does not answer: connection refused")]

    def test_migrations_that_are_missing_are_found(self, findings):
        newest = MigrationLoader(connection).graph.leaf_nodes("accounts")[0]
        MigrationRecorder(connection).record_unapplied(*newest)
        ((level, message),) = findings(services.check_database)
        assert (level, "not applied" in message) == ("Error", True)

    def test_a_database_of_a_newer_release_is_found(self, findings):
        MigrationRecorder(connection).record_applied("abstracts", "0999_later")
        MigrationRecorder(connection).record_applied("an_app_of_others", "0001_initial")
        message = "The database has migrations of a newer release: abstracts.0999_later."
        assert findings(services.check_database) == [("Error", message)]

    @pytest.mark.several_connections
    def test_a_role_without_limits_is_found(self, findings):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        ((level, message),) = findings(services.check_database)
        assert (level, "no statement_timeout" in message) == ("Warning", True)


class TestCache:
    @pytest.fixture(autouse=True)
    def shared(self, monkeypatch):
        """Tests keep their caches in memory; here that stands for a cache that processes share."""
        monkeypatch.setattr(services, "OWN_MEMORY", "another")

    def test_nothing_is_found_where_all_is_well(self, findings):
        assert findings(services.check_cache) == []

    def test_limits_in_the_memory_of_each_process_are_found(self, findings, monkeypatch, settings):
        monkeypatch.setattr(services, "OWN_MEMORY", settings.CACHES["default"]["BACKEND"])
        ((level, message),) = findings(services.check_cache)
        assert (level, message[:12]) == ("Error", "Each process")

    @pytest.mark.parametrize("error", [RedisAway("connection refused"), PermissionError("not yours")])
    def test_one_that_is_away_is_found(self, findings, monkeypatch, error):
        def fail(*args):
            raise error

        monkeypatch.setattr(caches["default"], "set", fail)
        ((level, message),) = findings(services.check_cache)
        assert (level, "“default”" in message) == ("Error", True)

    def test_one_that_forgets_is_found(self, findings, monkeypatch):
        monkeypatch.setattr(caches["pages"], "get", lambda key: None)
        ((level, message),) = findings(services.check_cache)
        assert (level, "“pages”" in message) == ("Error", True)


class TestMailServer:
    @pytest.fixture
    def server(self, settings):
        """A mail server that answers each line with `replies`, in turn; the lines that it was sent are kept."""
        replies, lines = [], []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                for reply in replies:
                    self.wfile.write(reply + b"\r\n")
                    lines.append(self.rfile.readline().strip())

        class Server(socketserver.ThreadingTCPServer):
            block_on_close = False
            daemon_threads = True

        with Server(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
            yield replies, lines
            server.shutdown()

    def test_nothing_is_found_where_all_is_well_and_nothing_is_sent(self, findings, server):
        replies, lines = server
        replies += [b"220 hello", b"221 bye"]
        assert findings(services.check_mail_server) == []
        assert [line for line in lines if line] == [b"quit"]

    def test_one_that_is_away_is_found(self, findings, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        ((level, message),) = findings(services.check_mail_server)
        assert (level, "127.0.0.1:1 does not take mail" in message) == ("Error", True)

    def test_one_that_knows_no_such_user_is_found(self, findings, server, settings):
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "archive", "wrong"
        server[0].extend([b"220 hello", b"250-fine\r\n250 AUTH PLAIN", b"535 no", b"221 bye"])
        ((level, message),) = findings(services.check_mail_server)
        assert (level, "535" in message) == ("Error", True)
