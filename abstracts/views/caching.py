"""How a view marks an answer that is true for this moment only."""

from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control


def forbid_sharing(response: HttpResponseBase) -> None:
    """Keep the answer to a public address out of proxies and of the site's own store of pages."""
    patch_cache_control(response, private=True, no_cache=True)
