"""Redis that is stopped or hangs, a disk that is full: no request fails, and limits go on counting."""

import errno
import os
import socket
import tempfile
import threading
import time

import pytest
import structlog
from django.core.cache import caches
from django.test import override_settings

from acrsite import caches as module
from tests.factories import UserFactory

LOCMEM = "django.core.cache.backends.locmem.LocMemCache"


def configured(redis_url: str, folder) -> dict:
    """Caches as in production."""
    redis = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "OPTIONS": {"socket_connect_timeout": 0.1, "socket_timeout": 0.1},
    }
    return {
        "redis": redis,
        "files": {"BACKEND": "acrsite.caches.FileCache", "LOCATION": str(folder / "cache")},
        "memory": {"BACKEND": LOCMEM, "LOCATION": str(folder)},
        "default": {
            "BACKEND": "acrsite.caches.FirstWorkingCache",
            "KEY_PREFIX": "default",
            "OPTIONS": {"caches": ["redis", "files", "memory"]},
        },
        **{
            name: {
                "BACKEND": "acrsite.caches.FirstWorkingCache",
                "KEY_PREFIX": name,
                "OPTIONS": {"caches": ["redis", "memory"]},
            }
            for name in ("requests", "pages")
        },
    }


@pytest.fixture(autouse=True)
def _new_breakers(monkeypatch):
    monkeypatch.setattr(module, "_breakers", module._Breakers())


@pytest.fixture(params=["refusing", "hanging", "erring"])
def away(request, tmp_path):
    """Redis refuses connections, takes them and says nothing, or answers each command with an error."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if request.param != "refusing":
            listener.listen(64)
        if request.param == "erring":
            threading.Thread(target=err, args=(listener,), daemon=True).start()
        with override_settings(CACHES=configured(f"redis://127.0.0.1:{port}/0", tmp_path)):
            yield request.param


def err(listener: socket.socket) -> None:
    while True:
        try:
            with listener.accept()[0] as connection:
                while connection.recv(4096):
                    connection.sendall(b"-OOM command not allowed when used memory > 'maxmemory'.\r\n" * 8)
        except OSError:
            return


def test_without_redis_the_file_cache_of_the_machine_answers(away):
    cache = caches["default"]
    assert cache.add("count", 1, 60)
    assert not cache.add("count", 1, 60)
    assert cache.incr("count") == 2
    assert cache.get("count") == 2
    assert caches["files"].get(cache.make_key("count")) == 2
    assert cache.touch("count", 30)
    assert cache.delete("count")
    assert cache.get("count", "gone") == "gone"


def test_only_the_first_request_waits(away):
    started = time.monotonic()
    caches["default"].get("x")
    first = time.monotonic() - started
    assert first < 0.3
    started = time.monotonic()
    for number in range(50):
        caches["pages"].get(f"x{number}")
    assert time.monotonic() - started < 0.1, "the server was tried again at once"


def test_a_failing_cache_is_logged_once_and_tried_again_after_a_pause(away, monkeypatch):
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            caches["default"].set("x", 1, 60)
        monkeypatch.setattr(module, "PAUSE", 0.0)
        for _ in range(3):
            caches["default"].set("x", 1, 60)
    assert [line["event"] for line in logs] == ["cache_failed"]
    assert logs[0]["cache"] == "redis"


def test_a_cache_that_takes_values_again_is_used_again(away, monkeypatch):
    caches["default"].set("x", "from files", 60)
    monkeypatch.setattr(module, "PAUSE", 0.0)
    monkeypatch.setattr(module._breakers["redis"], "_retry_at", 0.0)
    values: dict[str, object] = {}
    monkeypatch.setattr(caches["redis"], "set", lambda key, value, *rest: values.update({key: value}))
    monkeypatch.setattr(caches["redis"], "get", lambda key, default=None: values.get(key, default))
    with structlog.testing.capture_logs() as logs:
        assert caches["default"].get("x") is None
        caches["default"].set("x", "from redis", 60)
        assert caches["default"].get("x") == "from redis"
    assert [line["event"] for line in logs] == ["cache_is_back"]


@pytest.mark.django_db
def test_pages_answer_and_sign_in_is_limited_without_redis(away, client):
    UserFactory(email="ada@example.org")
    for path in ("/", "/search/?q=gout", "/accounts/login/"):
        assert client.get(path).status_code == 200
    answers = [client.post("/accounts/login/", {"login": "ada@example.org", "password": "wrong"}) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 7
    assert [b"Too many" in answer.content for answer in answers] == [False] * 5 + [True] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_sign_in_is_limited_on_a_full_or_read_only_disk(tmp_path, client, monkeypatch, code):
    def fail(*arguments, **more):
        raise OSError(code, os.strerror(code))

    UserFactory(email="ada@example.org")
    monkeypatch.setattr(tempfile, "mkstemp", fail)
    with override_settings(CACHES=configured("redis://127.0.0.1:1/0", tmp_path)):
        answers = [client.post("/accounts/login/", {"login": "ada@example.org", "password": "wrong"}) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 7
    assert [b"Too many" in answer.content for answer in answers] == [False] * 5 + [True] * 2


@pytest.fixture
def files(tmp_path):
    return module.FileCache(str(tmp_path / "counts"), {})


def test_a_value_that_cannot_be_read_is_no_value(tmp_path):
    with override_settings(CACHES=configured("redis://127.0.0.1:1/0", tmp_path)):
        cache = caches["default"]
        cache.set("x", "a" * 100, 60)
        (path,) = (tmp_path / "cache").glob("*.djcache")
        whole = path.read_bytes()
        for damaged in (b"", b"\x00" * 40, whole[:-20], whole[:30] + b"\xff" * 20, b"\x80\x05K\x01." * 9, b"garbage"):
            path.write_bytes(damaged)
            assert cache.get("x", "nothing") == "nothing"
            path.write_bytes(damaged)
            assert cache.add("x", 1, 60)
            assert cache.incr("x") == 2


def test_counting_keeps_the_time_at_which_a_value_expires(files):
    files.set("x", 1, 0.3)
    assert files.incr("x", 2) == 3
    assert files.get("x") == 3
    time.sleep(0.35)
    assert files.get("x") is None
    with pytest.raises(ValueError, match="not found"):
        files.incr("x")


def test_threads_lose_no_count(files):
    files.set("x", 0, 60)
    threads = [threading.Thread(target=lambda: [files.incr("x") for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files.get("x") == 80


def test_only_one_of_many_adds(files):
    added = []
    threads = [threading.Thread(target=lambda: added.append(files.add("x", 1, 60))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [False] * 7 + [True]


def test_expired_files_are_removed_by_whoever_writes_next(files, tmp_path, monkeypatch):
    files.set("address", 1, 0.01)
    time.sleep(0.02)
    monkeypatch.setitem(module.FileCache._swept_at, files._dir, time.monotonic() - module.SWEEP - 1)
    files.set("other", 1, 60)
    assert len(list((tmp_path / "counts").glob("*.djcache"))) == 1
