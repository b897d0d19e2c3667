"""Where the press ask to read ahead of release. What they ask for, press officers decide in the admin."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from abstracts.models import Meeting
from abstracts.visibility import ANONYMOUS, ArchiveRequest

from ..models import PressAccess, PressApplication
from ..press.applying import ApplicationForm, open_meetings


@require_safe
def meetings(request: ArchiveRequest) -> HttpResponse:
    """The meetings for which the press may apply."""
    return render(request, "accounts/press/meetings.html", {"meetings": open_meetings(request.at)})


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: ArchiveRequest, slug: str) -> HttpResponse:
    """The form for one meeting, with its terms; nothing but these once the meeting is over."""
    meeting = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    user = request.user if request.user.is_authenticated else None
    is_open = not meeting.is_over(request.at)
    form = ApplicationForm(request.POST or None, user=user)
    if request.method == "POST" and is_open and form.is_valid():
        form.store(meeting, request.at)
        return redirect("press-sent", meeting.slug)
    terms, language = meeting.text_in("press_terms", get_language())
    context = {"meeting": meeting, "form": form, "is_open": is_open, "terms": terms, "terms_language": language}
    if user:
        waiting = PressApplication.objects.filter(user=user, meeting=meeting, state=PressApplication.State.WAITING)
        context["is_waiting"] = waiting.exists()
        context["has_access"] = PressAccess.objects.current(user.pk, request.at).filter(meeting=meeting).exists()
    return render(request, "accounts/press/apply.html", context)


@require_safe
def sent(request: ArchiveRequest, slug: str) -> HttpResponse:
    meeting = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    return render(request, "accounts/press/sent.html", {"meeting": meeting})
