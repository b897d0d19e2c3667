"""The addresses of a site with DEBUG on."""

from acrsite.styleguide import urlpatterns as styleguide
from acrsite.urls import handler400, handler500
from acrsite.urls import urlpatterns as site

__all__ = ["handler400", "handler500", "urlpatterns"]

urlpatterns = [*site, *styleguide]
