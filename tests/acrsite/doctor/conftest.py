import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def proxy(settings):
    """A proxy in front of the site, on a real socket: answers by path, to be filled in; all else is 404."""
    answers: dict[str, tuple[int, dict[str, str], bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = answers.get(self.path, (404, {}, b"nothing"))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SITE_URL = f"http://127.0.0.1:{server.server_port}"
        yield answers
        server.shutdown()


@pytest.fixture
def findings():
    """Runs a check; returns [(level name, message)]."""

    def run(check) -> list[tuple[str, str]]:
        found = list(check())
        assert all(finding.hint or finding.id for finding in found), "each finding has a cure"
        return [(type(finding).__name__, finding.msg) for finding in found]

    return run
