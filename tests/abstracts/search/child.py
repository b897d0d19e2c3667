# ruff: noqa: E402, T201  (a program: django.setup() stands before the imports, and it answers on its output)
"""A process for test_processes: reads a command from each line and answers with a line of JSON.

add TITLE…     one abstract a title, in one transaction     delete PK     search WORDS     check     rebuild     update
stall POINT    from now on, print "at POINT" there and stop
follow         have a thread look after the index, as a process that answers requests does
state          the revision that the index shows on this machine, and the database's
"""

import json
import sys
import time

import django

django.setup()

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting, gate
from abstracts.search import SearchQuery, following, replica, search, writing
from abstracts.search.following import update_index
from abstracts.visibility import ANONYMOUS


def say(answer) -> None:
    print(json.dumps(answer), flush=True)


def add(*titles):
    meeting, _ = Meeting.objects.get_or_create(slug="forum", defaults={"name": "Forum", "year": 2020})
    tier, _ = EmbargoTier.objects.get_or_create(meeting=meeting, name="all")
    released = {"rule": "fixed", "date": "2020-01-01", "time": "00:00"}
    EmbargoStep.objects.get_or_create(tier=tier, shows="everything", defaults=released)
    with transaction.atomic():
        rows = [
            Abstract(meeting=meeting, tier=tier, title=title, slug=f"{time.time_ns()}-{n}")
            for n, title in enumerate(titles)
        ]
        return [row.pk for row in Abstract.unfiltered.bulk_create(rows)]


def delete(pk):
    Abstract.unfiltered.get(pk=pk).delete()
    return pk


def find(*words):
    results = search(SearchQuery(text=" ".join(words)), ANONYMOUS, timezone.now())
    return {"by": "index" if results.matches else "database", "pks": sorted(a.pk for a in results[:])}


def check():
    try:
        call_command("search_index", check=True, stdout=sys.stderr, stderr=sys.stderr)
    except CommandError as error:
        return str(error)
    return "well"


def rebuild():
    return replica.get_replica()[0].rebuild(30).revision


def update():
    return update_index().revision


def follow():
    settings.SEARCH_INDEX_IN_THREAD = True
    following.follow_requests()
    return "following"


def state():
    """[of the index, of the database]"""
    found, mark = replica.get_replica()
    return [found.state().mark.revision, mark.revision]


def stall(point):
    module, name = {
        "documents": (writing.documents, "build_documents"),
        "commit": (writing, "_commit"),
        "public": (writing, "differences"),
        "swap": (replica, "write_atomically"),
    }[point]
    before = getattr(module, name)

    def some_documents(pks):
        yield next(iter(before(pks)))
        stand(point)

    setattr(module, name, some_documents if point == "documents" else lambda *args: stand(point))
    return point


def clean(seconds):
    """The thread begins to clean, which takes so long."""
    copy = writing.copy_public

    def slowly(path, everything, at, pause=writing.never_pause):
        copy(path, everything, at)
        until = time.monotonic() + float(seconds)
        while time.monotonic() < until:
            pause()

    writing.copy_public = slowly
    needs = iter([True])
    replica.Replica.needs_cleaning = lambda self: next(needs, False)
    following.keeper.ask()
    return "cleaning"


def stand(point):
    say(f"at {point}")
    time.sleep(300)


COMMANDS = {
    "add": add,
    "delete": delete,
    "search": find,
    "check": check,
    "rebuild": rebuild,
    "update": update,
    "stall": stall,
    "follow": follow,
    "state": state,
    "clean": clean,
}

for line in sys.stdin:
    command, *arguments = line.rstrip("\n").split("\t")
    with gate.bypassing("a test", records=False):
        say(COMMANDS[command](*arguments))
