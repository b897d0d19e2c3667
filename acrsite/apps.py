from urllib.parse import urlsplit

import structlog
from django.apps import AppConfig
from django.conf import settings
from django.core.mail.utils import DNS_NAME

logger = structlog.get_logger(__name__)


class SiteConfig(AppConfig):
    name = "acrsite"
    verbose_name = "Site"

    def ready(self) -> None:
        # What Message-IDs of all mail end in, and the mail server is greeted with; else it is the machine's name.
        DNS_NAME._fqdn = urlsplit(settings.SITE_URL).hostname
        logger.info("time zone data chosen", **settings.ZONE_DATA._asdict())
