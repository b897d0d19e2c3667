"""What every page needs to know of the site."""

from django.conf import settings


def site(request):
    """Names and links of the header and footer; nothing of the visitor."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
    }
