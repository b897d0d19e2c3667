import os

import pytest
from django.core.checks import run_checks

from acrsite.doctor import variables


@pytest.fixture(autouse=True)
def well_set_up(settings, monkeypatch):
    """An installation without faults; what Django's own checks find is Django's to test."""
    monkeypatch.setattr(variables, "run_checks", lambda **kwargs: [])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    settings.ALLOWED_HOSTS = ["abstracts.example.org"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.STAFF_SECOND_FACTOR = True
    for name in variables._FILES:
        monkeypatch.delenv(name, raising=False)


def test_nothing_is_found_where_all_is_well(findings):
    assert findings(variables.check) == []


def test_djangos_own_checks_of_a_deployment_are_among_them(findings, monkeypatch, settings):
    monkeypatch.setattr(variables, "run_checks", run_checks)
    settings.SECURE_HSTS_SECONDS = 0
    assert any("SECURE_HSTS_SECONDS" in message for _, message in findings(variables.check))
    settings.SECURE_HSTS_SECONDS = 3600
    assert not any("SECURE_HSTS_SECONDS" in message for _, message in findings(variables.check))


@pytest.mark.parametrize(
    ("name", "value", "level", "message"),
    [
        ("DEBUG", True, "Error", "DEBUG is on"),
        ("SITE_URL", "http://abstracts.example.org", "Error", "passwords travel in the clear"),
        ("ALLOWED_HOSTS", ["www.example.org"], "Error", "ALLOWED_HOSTS lacks abstracts.example.org"),
        ("ALLOWED_HOSTS", ["*"], "Error", "ALLOWED_HOSTS has *"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "Error", "EMAIL_URL prints"),
        ("STAFF_SECOND_FACTOR", False, "Warning", "Staff need no second factor"),
    ],
)
def test_a_setting_that_is_wrong_is_found(findings, settings, name, value, level, message):
    setattr(settings, name, value)
    ((found_level, found),) = findings(variables.check)
    assert (found_level, message in found) == (level, True)


def test_root_is_told_to_be_another(findings, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert [message[:12] for _, message in findings(variables.check)] == ["This is root"]


@pytest.mark.parametrize(("mode", "count"), [(0o400, 0), (0o600, 0), (0o440, 1), (0o604, 1)])
def test_a_file_of_secrets_is_for_its_owner_alone(findings, monkeypatch, tmp_path, mode, count):
    path = tmp_path / "archive.env"
    path.touch(mode)
    path.chmod(mode)
    monkeypatch.setenv("ENV_FILE", str(path))
    assert len(findings(variables.check)) == count
