"""Exits with a message where 127.0.0.1:PORT cannot be listened on: port_is_free.py PORT"""

import socket
import sys

if not sys.argv[1].isdecimal() or not 0 < (port := int(sys.argv[1])) < 65536:
    sys.exit(f"{sys.argv[1]!r} is no port. Choose one: make demo PORT=8001")
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another: make demo PORT={port % 65535 + 1}")
