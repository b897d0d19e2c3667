"""The favorites that a visitor's browser stores for reading without a connection; its service worker asks for them."""

import hashlib

from django.core.cache import cache
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from abstracts import reading
from abstracts.exporting.json_lines import JsonLines
from abstracts.exporting.streaming import about_of
from abstracts.models import Abstract
from abstracts.models.embargo import public_state
from abstracts.reading.wording import label
from abstracts.visibility import ANONYMOUS, ArchiveRequest, Level
from abstracts.words.addresses import without_language

from .. import favorites
from ..favorites import owner_of

# The newest favorites, which is some 30 MB at most in a browser.
MOST = 500
CACHED_SECONDS = 3600


@require_safe
def favorites_to_store(request: ArchiveRequest) -> JsonResponse:
    """The visitor's favorites that anybody may read whole: {"state", "abstracts": [{"url", "label", "meeting"}]}.

    A browser stores them until the next answer lists them no more: so they are what the public may read, whoever asks.
    While `state` stays the same, none of them has changed since the day began; what else their pages show, such as
    related abstracts, the browser fetches once a day.
    """
    added = favorites.visible_favorites(owner_of(request)).values("abstract")
    public = Abstract.objects.visible_to(ANONYMOUS, request.at, least=Level.FULL).select_related("meeting")
    newest = list(public.filter(pk__in=added).order_by("-pk")[:MOST])
    abstracts = [
        {"url": without_language(a.get_absolute_url()), "label": label(a), "meeting": a.meeting.name} for a in newest
    ]
    return JsonResponse({"state": _state(request, newest) if abstracts else "", "abstracts": abstracts})


def _state(request: ArchiveRequest, abstracts: list[Abstract]) -> str:
    """The day, and a digest of what everybody may read of `abstracts`, which a change of hidden ones does not change.

    The digest is kept until the archive changes: browsers ask at each visit.
    """
    keys = ",".join(abstract.key for abstract in abstracts)
    key = hashlib.sha256(f"{public_state(request.at).token} {keys}".encode()).hexdigest()
    day = f"{request.at:%Y-%m-%d}"
    return f"{day} {cache.get_or_set(f'offline:{key}', lambda: _digest(request, abstracts), CACHED_SECONDS)}"


def _digest(request: ArchiveRequest, abstracts: list[Abstract]) -> str:
    lines = JsonLines().write(reading.documents(abstracts), about_of(request, "", ""))
    return hashlib.sha256(b"".join(lines)).hexdigest()[:16]
