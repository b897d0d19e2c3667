"""The admin as a whole: who may enter, and which tables of other packages it leaves out."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from abstracts.models import HeldChange
from abstracts.models.gate import may_lift
from abstracts.models.zone_data import is_resolved, running_release, stored_release

from .models import PressApplication
from .people.forms import NextForm
from .people.second_factor import is_lacking

# Their admin classes show what only the owner of an account may see, such as the secrets of second factors.
PRIVATE = ("allauth.mfa.", "allauth.socialaccount.", "allauth.usersessions.")


class ArchiveAdminSite(AdminSite):
    """Staff sign in on the site's own page, so that limits on wrong passwords and second factors hold here, too."""

    site_header = site_title = settings.SITE_NAME
    index_title = "Curating the archive"
    # The rows of a byline need the width.
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        # Not at the top: the package registers its tables with this site when it is imported.
        from abstracts.admin.concurrency import refusing_stale_forms

        if not (admin_class and admin_class.__module__.startswith(PRIVATE)):
            super().register(model_or_iterable, refusing_stale_forms(admin_class), **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff who have shown their second factor. Who confirms a held change has shown one for its author, too."""
        if getattr(request, "carries_out_held_change", False):
            return super().has_permission(request)
        return super().has_permission(request) and not is_lacking(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every view of the admin passes the gate."""
        # Not at the head: loading `abstracts.admin` registers its classes with this site.
        from abstracts.admin.gating import gated

        return super().admin_view(gated(view), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The start page tells officers of embargoes and of the press what waits for them, and all of new zone data."""
        waiting = HeldChange.unfiltered.filter(state=HeldChange.State.PROPOSED).count() if may_lift(request.user) else 0
        zones = {} if is_resolved() else {"resolved_with": stored_release(), "zone_data": running_release()}
        press = request.user.has_perm("accounts.change_pressapplication")
        state = PressApplication.State.WAITING
        counts = {
            "waiting_proposals": waiting,
            "waiting_applications": PressApplication.objects.filter(state=state).count() if press else 0,
        }
        return super().index(request, {**(extra_context or {}), **zones, **counts})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the page that explains second factors, for staff who lack one; else to the site's sign-in page."""
        if super().has_permission(request) and is_lacking(request):
            form = NextForm(request.GET)
            query = urlencode({"next": form.cleaned_data["next"]}) if form.is_valid() else ""
            return redirect(f"{reverse('account_second_factor')}?{query}")
        return secure_admin_login(super().login)(request, extra_context)
