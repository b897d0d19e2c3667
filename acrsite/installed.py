"""The site as an installed app: its icon, its manifest, its service worker, and the offline page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

ACCENT, PAPER = "#0b5a7d", "#ffffff"


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The address at which browsers and feed readers look for an icon."""
    return redirect(static("img/favicon.ico"))


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest."""
    sizes = (("192x192", "img/icon-192.png", "any"), ("512x512", "img/icon-512.png", "any"))
    icons = [
        {"src": static("img/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *({"src": static(path), "sizes": size, "type": "image/png", "purpose": use} for size, path, use in sizes),
        {"src": static("img/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    content = {
        "id": "/",
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME[:12].strip(),
        "description": settings.SOCIETY_NAME,
        "lang": settings.LANGUAGE_CODE,
        "start_url": reverse("home"),
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": ACCENT,
        "background_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker that stores favorites. At the root, because it may serve only addresses below its own."""
    return render(request, "service-worker.js", content_type="text/javascript; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The favorites that this browser has stored. A script fills the list: the page is the same for everybody."""
    return render(request, "offline.html")
