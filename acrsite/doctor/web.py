"""The way in: a page through SITE_URL as a visitor asks for it, a figure, and one that nobody may see."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.urls import reverse

from abstracts import clock
from abstracts.models import Figure
from abstracts.visibility import ANONYMOUS, Role, Viewer

TIMEOUT = 15.0  # seconds
MANY = 1000


class Answer:
    """What a visitor gets: `status`, `headers` and the first bytes of the body."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read(64 * 1024)


def ask(path: str, url: str = "", host: str = "") -> Answer:
    """GET `path` of `url` (default: SITE_URL), without following redirects. Raises OSError, HTTPException."""
    site = urlsplit(url or settings.SITE_URL)
    kind = http.client.HTTPSConnection if site.scheme == "https" else http.client.HTTPConnection
    connection = kind(site.hostname or "", site.port, timeout=TIMEOUT)
    try:
        connection.request("GET", path, headers={"Host": host or site.netloc, "User-Agent": "archive-doctor"})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def check_proxy() -> Iterator[CheckMessage]:
    try:
        page = ask(reverse("home"))
    except (OSError, http.client.HTTPException) as error:
        yield Error(
            f"{settings.SITE_URL} cannot be reached from here: {error}",
            "Look at DNS, the certificate, and whether nginx runs.",
        )
        return
    if page.status in (301, 302) and page.headers["Location"].startswith(settings.SITE_URL):
        yield Error("The site leads to itself for ever: it does not know that https asks.", "Set BEHIND_PROXY=true.")
    elif (settings.DATA_ROOT / "maintenance").exists():
        cure = f"Finish deploy/upgrade or undo it (--back), or remove {settings.DATA_ROOT}/maintenance."
        yield Error("An upgrade has put the site out of service.", cure)
    elif page.status != 200:
        cure = "See the proxy's log and the site's: journalctl --unit=archive-web."
        yield Error(f"{settings.SITE_URL}/ answers {page.status}.", cure)
    elif not page.headers["X-Request-ID"]:
        yield Error(f"{settings.SITE_URL}/ is answered by something else than this site.", "Look at the proxy.")
    if settings.SITE_URL.startswith("https:"):
        yield from _check_plain_http()


def _check_plain_http() -> Iterator[CheckMessage]:
    host = urlsplit(settings.SITE_URL).hostname or ""
    for asked in (host, "doctor.invalid"):
        try:
            answer = ask("/", f"http://{host}", host=asked)
        except (OSError, http.client.HTTPException):
            continue  # no answer is a good one, too
        target = answer.headers["Location"] or ""
        if answer.status == 200:
            yield Error(f"http://{host}/ shows pages without https.", "Let port 80 redirect, as deploy/nginx does.")
        elif "doctor.invalid" in target:
            yield Error("Port 80 redirects to any host that a request names.", "Name one, as deploy/nginx does.")


def check_figures() -> Iterator[CheckMessage]:
    at = clock.now()
    shown = Figure.objects.visible_to(ANONYMOUS, at).exclude(image="").order_by("-pk").first()
    all_of_them = Figure.objects.visible_to(Viewer(Role.STAFF), at).exclude(image="").order_by("-pk")[:MANY]
    public = set(Figure.objects.visible_to(ANONYMOUS, at).values_list("pk", flat=True))
    hidden = next((figure for figure in all_of_them if figure.pk not in public), None)
    try:
        if shown:
            yield from _check_shown(shown)
        if hidden and (answer := ask(hidden.get_absolute_url())).status != 404:
            yield Error(
                f"A figure under embargo, {hidden.get_absolute_url()}, answers {answer.status} and not 404.",
                "Stop the proxy: something in front of the site keeps figures, or serves FIGURES_ROOT.",
            )
    except (OSError, http.client.HTTPException) as error:
        yield Error(f"Figures cannot be asked for: {error}", "See “proxy”.")


def _check_shown(figure: Figure) -> Iterator[CheckMessage]:
    url = figure.get_absolute_url()
    if not figure.image.storage.exists(figure.image.name or ""):
        yield Error(f"The file of the figure {url} is lost.", "Restore FIGURES_ROOT from the backup.")
        return
    answer = ask(url)
    if answer.status == 200 and answer.body and answer.headers["Content-Type"].startswith("image/"):
        if settings.X_ACCEL_PREFIX:
            yield from _check_internal(figure)
        return
    yield Error(
        f"The figure {url} answers {answer.status} through {settings.SITE_URL}.",
        "Compare nginx's location with X_ACCEL_PREFIX and FIGURES_ROOT; www-data has to be able to read the files."
        if settings.X_ACCEL_PREFIX
        else "See the site's log.",
    )


def _check_internal(figure: Figure) -> Iterator[CheckMessage]:
    """The proxy's own address of the files is closed to visitors."""
    answer = ask(f"{settings.X_ACCEL_PREFIX.rstrip('/')}/{figure.image.name}")
    if answer.status == 200 and answer.headers["Content-Type"].startswith("image/"):
        yield Error("nginx shows figures past the site, embargoed ones too.", "Put `internal;` into its location.")
