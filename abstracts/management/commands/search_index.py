"""State, rebuilding and checking of this machine's search index."""

from django.core.management.base import BaseCommand, CommandError

from abstracts.models import ArchiveState
from abstracts.search.checking import differences
from abstracts.search.following import follow_now
from abstracts.search.replica import Behind, is_of_this_history, state


class Command(BaseCommand):
    help = "Tells, rebuilds or checks this machine's search index. It follows the database by itself: none is needed."

    def add_arguments(self, parser):
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--status", action="store_true", help="how far the index is (this is the default)")
        action.add_argument("--update", action="store_true", help="catch up with the database now")
        action.add_argument("--rebuild", action="store_true", help="build it anew beside the one in use")
        action.add_argument(
            "--check", action="store_true", help="compare every document with the database; fails on a difference"
        )

    def handle(self, *args, status, update, rebuild, check, **options):
        found = state()
        if found is None:
            self.stdout.write("The archive is empty: there is nothing to index.")
            return
        try:
            if rebuild:
                found[0].build(600)
            elif update:
                follow_now()
        except Behind as behind:
            raise CommandError(f"Not done: {behind}.") from behind
        lines = differences() if check else []
        self._tell(*found)
        if check:
            self._conclude(lines)

    def _tell(self, replica, _) -> None:
        snapshot, revision = replica.snapshot(), ArchiveState.current_revision()
        size = sum(path.stat().st_size for path in replica.folder.rglob("*") if path.is_file())
        self.stdout.write(f"folder     {replica.folder} ({size / 1e6:.1f} MB)")
        if snapshot is None:
            self.stdout.write(f"index      none; the database is at revision {revision}")
            return
        self.stdout.write(f"documents  {snapshot.searcher.num_docs - 1} in {snapshot.searcher.num_segments} segments")
        told = f"the database is at {revision}; the next search catches up"
        if snapshot.mark == ArchiveState.current_mark():
            told = "up to date"
        elif not is_of_this_history(snapshot):
            told = "not of this database's history; the next search builds it anew"
        self.stdout.write(f"revision   {snapshot.revision}: {told}")

    def _conclude(self, found: list[str]) -> None:
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} differences. search_index --rebuild builds the index anew.")
        self.stdout.write("check      every document is as the database says")
