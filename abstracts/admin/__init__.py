"""The admin of the archive: a module for each family of tables."""

from django.conf import settings
from django.contrib import admin

from . import abstracts, keywords, meetings, pages, persons, runs  # noqa: F401  (registers them)

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "Curating the archive"
admin.site.site_url = "/"
# The rows of a byline need the width.
admin.site.enable_nav_sidebar = False
