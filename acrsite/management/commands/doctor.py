"""What is wrong with this installation, and what to do about it."""

from django.core.checks import ERROR, CheckMessage, Error
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from acrsite.doctor import CHECKS


class Command(BaseCommand):
    help = (
        "Look at this installation from inside and name the cure of each finding. Changes nothing, sends no mail. "
        "Exit status 1 where something is wrong."
    )
    requires_system_checks = []  # the first check runs them

    def add_arguments(self, parser):
        parser.add_argument("only", nargs="*", metavar="CHECK", help=f"one or more of: {', '.join(CHECKS)}")

    def handle(self, *args, only, **options):
        if unknown := set(only) - set(CHECKS):
            raise CommandError(f"There is no check {', '.join(unknown)}; there are: {', '.join(CHECKS)}.")
        wrong = 0
        for name in only or CHECKS:
            findings = _findings(name)
            wrong += sum(finding.level >= ERROR for finding in findings)
            self.stdout.write(f"{name:<14}{'well' if not findings else ''}")
            for finding in findings:
                word = "WRONG" if finding.level >= ERROR else "note"
                cure = f"\n         → {finding.hint}" if finding.hint else ""
                self.stdout.write(f"  {word:<6} {finding.msg}{cure}")
        if wrong:
            self.stderr.write(f"Wrong: {wrong}.")
            raise SystemExit(1)


def _findings(name: str) -> list[CheckMessage]:
    try:
        return list(CHECKS[name]())
    except DatabaseError:
        return [Error("The database did not answer.", "See “database”.")]
