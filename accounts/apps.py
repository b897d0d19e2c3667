from functools import partial

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from abstracts.models.groups import PRESS_OFFICERS, ensure_groups
        from abstracts.search import personal

        from .favorites import Saved, owner_of
        from .favorites import receivers as _favorites  # noqa: F401  (connects the receivers)
        from .people import receivers as _people  # noqa: F401
        from .press import receivers as _press  # noqa: F401

        table = {
            PRESS_OFFICERS: {
                *("view_pressapplication", "change_pressapplication", "delete_pressapplication"),
                *("view_pressaccess", "add_pressaccess", "change_pressaccess"),
                *("view_embargoedread", "view_meeting", "view_abstract"),
            }
        }
        receiver = partial(ensure_groups, table=table, labels=("accounts", "abstracts"))
        post_migrate.connect(receiver, sender=self, weak=False)
        personal.register("favorites", lambda request: Saved(owner_of(request)).ids)


class ArchiveAdminConfig(admin_apps.AdminConfig):
    """django.contrib.admin, with the archive's own site. Named in INSTALLED_APPS."""

    default = False
    default_site = "accounts.admin_site.ArchiveAdminSite"
