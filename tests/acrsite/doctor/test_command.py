import pytest
from django.core.checks import Error, Warning
from django.core.management import CommandError, call_command
from django.db import OperationalError

from acrsite.doctor import CHECKS


def test_all_is_well(monkeypatch, capsys):
    monkeypatch.setitem(CHECKS, "clock", lambda: [])
    call_command("doctor", "clock")
    assert capsys.readouterr().out.split() == ["clock", "well"]


def test_what_is_wrong_comes_with_its_cure_and_the_exit_status(monkeypatch, capsys):
    monkeypatch.setitem(CHECKS, "clock", lambda: [Error("It is late.", "Set it right.")])
    with pytest.raises(SystemExit) as left:
        call_command("doctor", "clock")
    assert left.value.code == 1
    output = capsys.readouterr()
    assert "WRONG  It is late.\n         → Set it right." in output.out
    assert "Wrong: 1." in output.err


def test_a_note_alone_is_no_failure(monkeypatch, capsys):
    monkeypatch.setitem(CHECKS, "clock", lambda: [Warning("It may be late.", "Look at it.")])
    call_command("doctor", "clock")
    assert "note   It may be late." in capsys.readouterr().out


def test_a_check_that_meets_no_database_says_so(monkeypatch, capsys):
    def fail():
        raise OperationalError("connection refused")
        yield

    monkeypatch.setitem(CHECKS, "timers", fail)
    with pytest.raises(SystemExit):
        call_command("doctor", "timers")
    assert "The database did not answer." in capsys.readouterr().out


def test_a_check_that_does_not_exist_is_named():
    with pytest.raises(CommandError, match="There is no check hands"):
        call_command("doctor", "hands")


@pytest.mark.django_db
def test_all_checks_run_on_any_installation(capsys, settings):
    settings.SITE_URL = "https://127.0.0.1:1"
    with pytest.raises(SystemExit):
        call_command("doctor")
    output = capsys.readouterr().out
    assert all(f"\n{name}" in f"\n{output}" for name in CHECKS)
    assert "cannot be reached from here" in output
