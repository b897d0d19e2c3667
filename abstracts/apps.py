from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate


class AbstractsConfig(AppConfig):
    name = "abstracts"
    verbose_name = "Archive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .models.base import ArchiveModel, after_delete
        from .models.groups import ensure_groups

        post_migrate.connect(ensure_groups, sender=self)

        for model in self.get_models():
            if issubclass(model, ArchiveModel):
                post_delete.connect(after_delete, sender=model)
