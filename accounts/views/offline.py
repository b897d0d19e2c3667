"""What a visitor's browser keeps for reading without a connection: asked for by the service worker."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from abstracts.models import Abstract
from abstracts.models.embargo import public_state
from abstracts.reading.wording import label
from abstracts.visibility import ANONYMOUS, ArchiveRequest, Level
from abstracts.words.addresses import without_language

from .. import favorites

# The newest favorites, which is some 30 MB at most in a browser.
MOST = 500


@require_safe
def kept(request: ArchiveRequest) -> JsonResponse:
    """The visitor's favorites that anybody may read whole: {"state", "abstracts": [{"url", "label", "meeting"}]}.

    What a browser keeps lies there until it is asked to drop it: so it is what the public may read, whoever asks, and
    what is not in the list is dropped. While `state` stays the same nothing that is kept has changed.
    """
    added = favorites.visible_favorites(request).values("abstract")
    public = Abstract.objects.visible_to(ANONYMOUS, request.at, least=Level.FULL).select_related("meeting")
    found = public.filter(pk__in=added).order_by("-pk")[:MOST]
    abstracts = [
        {"url": without_language(a.get_absolute_url()), "label": label(a), "meeting": a.meeting.name} for a in found
    ]
    # What changes in the archive is nobody's business who keeps nothing of it.
    return JsonResponse({"state": public_state(request.at).token if abstracts else "", "abstracts": abstracts})
