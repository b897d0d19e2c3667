from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, pre_delete, pre_migrate, pre_save


class AbstractsConfig(AppConfig):
    name = "abstracts"
    verbose_name = "Archive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .models.append_only import ensure_triggers
        from .models.base import ArchiveModel, after_delete, before_delete, before_save
        from .models.groups import ensure_groups, remember_permissions

        pre_migrate.connect(remember_permissions, sender=self)
        post_migrate.connect(ensure_groups, sender=self)
        post_migrate.connect(ensure_triggers, sender=self)

        for model in self.get_models():
            if issubclass(model, ArchiveModel):
                pre_save.connect(before_save, sender=model)
                pre_delete.connect(before_delete, sender=model)
                post_delete.connect(after_delete, sender=model)
