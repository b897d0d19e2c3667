"""Resolve local times again after new zone data: `manage.py resolve_zones`. See "Time zones" in docs/operations.md."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from abstracts import clock
from abstracts.admin.zone_data import door, propose
from abstracts.importing.report import effects_as_text
from abstracts.models import Abstract, Meeting
from abstracts.models.effects import effects_as_json
from abstracts.models.gate import Decision, Refused, deciding
from abstracts.models.zone_data import (
    Differences,
    differences,
    is_resolved,
    resolve_everything,
    resolve_what_may,
    running_release,
    stored_release,
)


class Command(BaseCommand):
    help = "Resolve the local times of sessions and embargoes again with the zone data of this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--check", action="store_true", help="Only say what is to be done; exit status 1 if something is.")
        add("--reason", default="", metavar="TEXT", help="Why earlier releases are meant; they are written at once.")
        add("--expect", type=int, metavar="N", help="Of how many abstracts it changes what the public sees.")

    def handle(self, *args, check, reason, expect, **options) -> None:
        stored, running = stored_release(), running_release()
        self.stdout.write(f"Zone data {running} of {settings.ZONE_DATA.source}.")
        if stored is None:
            self.stdout.write("The archive is empty.")
            return
        if stored > running:
            raise CommandError(f"The archive was resolved with {stored}, which is newer: update this machine's.")
        if stored != running:
            self.stdout.write(f"The archive was resolved with {stored or 'data of an unknown release'}.")
        if check:
            self._check()
        elif reason or expect is not None:
            self._resolve(Decision(door=door(), reason=reason, expected=expect))
        else:
            with deciding(Decision(door=door())):
                found = resolve_what_may()
            self._report(found)
            self._propose()
            self._list_typed_instants()

    def _check(self) -> None:
        found = differences()
        self._report(found)
        ready = is_resolved() and not found.sessions and found.abstracts == found.asking
        if not ready:
            raise CommandError("Run manage.py resolve_zones.")
        if found.asking:
            self.stdout.write("They keep their instants until an embargo officer confirms the new ones.")

    def _resolve(self, decision: Decision) -> None:
        try:
            with deciding(decision):
                sessions = resolve_everything()
        except Refused as refused:
            effects = effects_as_json(refused.effects)
            lines = [*effects_as_text(effects), str(refused)]
            lines.append(f"If it is meant: --reason “Why” --expect {effects['asking']}")
            raise CommandError("\n".join(lines)) from None
        propose([])
        self.stdout.write(f"Everything is resolved; {sessions} sessions have other instants than before.")
        self._list_typed_instants()

    def _report(self, found: Differences) -> None:
        self.stdout.write(
            f"Other instants than before: {found.sessions} sessions, {len(found.abstracts)} abstracts;"
            f" for {len(found.asking)} of them the gate asks."
        )

    def _propose(self) -> None:
        found = differences()
        held = propose(found.effects if found.asking else [])
        if held:
            for line in effects_as_text(held.effects):
                self.stdout.write(line)
            self.stdout.write(f"Proposal {held.pk} waits for an embargo officer in the admin.")
        elif found.asking:
            self.stdout.write("Embargo officers have declined that; those abstracts keep their instants.")

    def _list_typed_instants(self) -> None:
        """Instants that were typed as such: nobody knows which local time was meant."""
        now = clock.now()
        ahead = Q(override_released_from__gt=now) | Q(override_listed_from__gt=now)
        overrides = Abstract.unfiltered.filter(ahead).count()
        news = Meeting.objects.filter(news_embargo_at__gt=now).count()
        if overrides or news:
            self.stdout.write(
                f"Ahead are {overrides} overrides of abstracts and {news} news embargoes of meetings. They were typed"
                " as instants and do not move; look whether they are still meant so."
            )
