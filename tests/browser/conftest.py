"""A real browser on a live server. A page that complains (console, policy, hosts, missing files) fails its test."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
NARROW = {"width": 380, "height": 800}
WIDE = {"width": 1280, "height": 900}
PATIENCE = 30_000  # milliseconds; a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)
            # Coverage makes the server half as fast again, and its other tests reach all that a browser does.
            item.add_marker(pytest.mark.no_cover)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no chromium (install it, or name it in CHROMIUM)"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    switches = (
        "no-sandbox disable-gpu disable-dev-shm-usage no-first-run disable-background-networking "
        "disable-component-update disable-sync disable-quic"
    )
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [f"--{switch}" for switch in switches.split()],
    }


def let_requests_end() -> None:
    """Wait for the threads of the live server: what a browser asked for last, it may have left unread."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=10)


@pytest.fixture(scope="session", autouse=True)
def _requests_come_to_their_end(django_db_setup):
    """The test database is dropped only when no thread of the live server uses it any more."""
    yield
    let_requests_end()


@pytest.fixture
def new_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Opens a page of an own visitor: `new_page(java_script_enabled=False, viewport=NARROW)`. See `complaints_of`.

    The address "/" is the live server's home page.
    """
    complaints: list[str] = []
    contexts = []

    def open_page(**options) -> Page:
        context = browser.new_context(base_url=live_server.url, **{"viewport": WIDE, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        listen_for_complaints(page, live_server.url, complaints)
        return page

    yield open_page
    for context in contexts:
        context.close()
    let_requests_end()
    assert complaints == []


@pytest.fixture
def page(new_page) -> Page:
    """A page of a visitor with a wide screen."""
    return new_page()


def listen_for_complaints(page: Page, own: str, complaints: list[str]) -> None:
    """Appends to `complaints` what goes wrong on `page`: console errors (which policy violations are), uncaught
    exceptions, requests to other hosts than `own`, parts of a page that are missing. The page itself may be a 404."""

    def on_console(message):
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            complaints.append(f"console at {page.url}: {message.text}")

    def on_request(request):
        if not request.url.startswith((own, "data:", "blob:")):
            complaints.append(f"request at {page.url}: {request.url}")

    def on_response(response):
        if response.status >= 400 and response.request.resource_type != "document":
            complaints.append(f"{response.status} at {page.url}: {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"exception at {page.url}: {error}"))
    page.on("request", on_request)
    page.on("response", on_response)


def accessibility_problems(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, a line each.

    It does not load style sheets again: it would take what they import for files beside the page.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(
        "axe.run({resultTypes: ['violations'], preload: false}).then(results => results.violations)"
    )
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
