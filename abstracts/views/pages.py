"""Pages that staff write."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ..models import Page


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the society: privacy policy, permissions."""
    return render(request, "abstracts/page.html", {"staff_page": get_object_or_404(Page, slug=slug)})
