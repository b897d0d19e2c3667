"""The favorites that a visitor's browser stores for reading without a connection; its service worker asks for them."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from abstracts.models import Abstract
from abstracts.models.embargo import public_state
from abstracts.reading.wording import label
from abstracts.visibility import ANONYMOUS, ArchiveRequest, Level
from abstracts.words.addresses import without_language

from .. import favorites
from ..favorites import owner_of

# The newest favorites, which is some 30 MB at most in a browser.
MOST = 500


@require_safe
def favorites_to_store(request: ArchiveRequest) -> JsonResponse:
    """The visitor's favorites that anybody may read whole: {"state", "abstracts": [{"url", "label", "meeting"}]}.

    A browser stores them until the next answer lists them no more: so they are what the public may read, whoever asks.
    While `state` stays the same, none of them has changed.
    """
    added = favorites.visible_favorites(owner_of(request)).values("abstract")
    public = Abstract.objects.visible_to(ANONYMOUS, request.at, least=Level.FULL).select_related("meeting")
    newest = public.filter(pk__in=added).order_by("-pk")[:MOST]
    abstracts = [
        {"url": without_language(a.get_absolute_url()), "label": label(a), "meeting": a.meeting.name} for a in newest
    ]
    # Who stores nothing need not learn when the archive changes.
    return JsonResponse({"state": public_state(request.at).token if abstracts else "", "abstracts": abstracts})
