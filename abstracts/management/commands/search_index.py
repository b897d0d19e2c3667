"""Shows, updates, rebuilds or checks this machine's search index."""

from django.core.management.base import BaseCommand, CommandError

from abstracts import clock
from abstracts.models import ArchiveState
from abstracts.search.checking import differences
from abstracts.search.damage import IndexDamaged
from abstracts.search.following import purge, update_index
from abstracts.search.replica import IndexBehind, Replica, get_replica


class Command(BaseCommand):
    help = "Show, update, rebuild or check this machine's search index. Only for inspection: it updates itself."

    def add_arguments(self, parser):
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--status", action="store_true", help="show its state (the default)")
        action.add_argument("--update", action="store_true", help="catch up with the database now")
        action.add_argument(
            "--clean", action="store_true", help="forget now what was deleted or withdrawn, not minutes later"
        )
        action.add_argument("--rebuild", action="store_true", help="build a new one beside the one in use")
        action.add_argument(
            "--check", action="store_true", help="compare every document with the database; fails on a difference"
        )

    def handle(self, *args, status, update, clean, rebuild, check, **options):
        target = get_replica()
        if target is None:
            self.stdout.write("The archive is empty: there is nothing to index.")
            return
        try:
            if rebuild:
                target[0].rebuild(600)
            elif update:
                update_index()
            elif clean:
                purge()
            lines = differences() if check else []
        except (IndexBehind, IndexDamaged) as error:
            raise CommandError(f"Not done: {error}.") from error
        self._write_status(target[0])
        if check:
            self._report(lines)

    def _write_status(self, replica: Replica) -> None:
        snapshot, revision = replica.open_snapshot(), ArchiveState.current_revision()
        size = sum(path.stat().st_size for path in replica.folder.rglob("*") if path.is_file())
        self.stdout.write(f"folder     {replica.folder} ({size / 1e6:.1f} MB)")
        if snapshot is None:
            self.stdout.write(f"index      none; the database is at revision {revision}")
            return
        everything, public = snapshot.unfiltered, snapshot.public_at(clock.now())
        self.stdout.write(f"documents  {everything.num_docs} in {everything.num_segments} segments")
        if public:
            self.stdout.write(f"public     {public.num_docs} in {public.num_segments} segments")
        state = f"the database is at {revision}; it is catching up"
        if snapshot.mark == ArchiveState.current_mark():
            state = "up to date"
        elif not ArchiveState.has_been_at(snapshot.mark):
            state = "not of this database's history; it is built anew"
        self.stdout.write(f"revision   {snapshot.revision}: {state}")

    def _report(self, lines: list[str]) -> None:
        for line in lines:
            self.stderr.write(line)
        if lines:
            raise CommandError(f"{len(lines)} differences. search_index --rebuild rebuilds the index.")
        self.stdout.write("check      every document is as the database says")
