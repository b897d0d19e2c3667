"""How gunicorn runs the site; its own variables (WEB_CONCURRENCY, GUNICORN_CMD_ARGS) and options come on top.

Threads wait for the database side by side; two processes use two cores. One log for all, as in acrsite.logs.
"""

import os

from acrsite.settings import LOGGING

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
# An admin's upload of a whole meeting takes longer than gunicorn's 30 seconds.
timeout = graceful_timeout = 120
control_socket_disable = True
logconfig_dict = LOGGING
