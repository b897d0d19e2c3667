"""Looks at an installation from inside, for `manage.py doctor`: what is wrong, and what to do about it.

A check yields Django's check messages: an Error for what fails or leaks, a Warning for what may later, each with its
cure as the hint. Checks change nothing and send no mail. Without a database, those that need it raise DatabaseError.
"""

from collections.abc import Callable, Iterator

from django.core.checks import CheckMessage

from . import folders, services, times, variables, web, work, zones

Check = Callable[[], Iterator[CheckMessage]]

CHECKS: dict[str, Check] = {
    "variables": variables.check,
    "folders": folders.check,
    "database": services.check_database,
    "cache": services.check_cache,
    "mail server": services.check_mail_server,
    "clock": times.check_clock,
    "time zones": zones.check,
    "proxy": web.check_proxy,
    "figures": web.check_figures,
    "search index": work.check_index,
    "timers": work.check_timers,
}
