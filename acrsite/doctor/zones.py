"""The time zone data, which is part of the embargo."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Error

from abstracts.models.zone_data import is_resolved, running_release, stored_release


def check() -> Iterator[CheckMessage]:
    if is_resolved():
        return
    stored, running = stored_release() or "", running_release()
    yield Error(
        f"Local times were resolved with zone data {stored or 'of an unknown release'}; this machine has {running}.",
        "Update the program or the system's tzdata on this machine, and restart its services."
        if stored > running
        else "Restart the services of all machines, then run manage.py resolve_zones.",
    )
