from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from abstracts.search import personal

        from . import signals  # noqa: F401  (connects the receivers)
        from .favorites import saved

        personal.register("favorites", lambda request: saved(request).ids)
