from django.apps import AppConfig
from django.core.signals import request_started
from django.db.models.signals import post_delete, post_migrate, pre_delete, pre_migrate, pre_save


class AbstractsConfig(AppConfig):
    name = "abstracts"
    verbose_name = "Archive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .models.append_only import ensure_triggers
        from .models.base import ArchiveModel, after_delete, archive_moved, before_delete, before_save
        from .models.groups import ensure_groups, remember_permissions
        from .search.following import follow_requests, follow_writes

        request_started.connect(follow_requests)
        archive_moved.connect(follow_writes)
        pre_migrate.connect(remember_permissions, sender=self)
        post_migrate.connect(ensure_groups, sender=self)
        post_migrate.connect(ensure_triggers, sender=self)

        for model in self.get_models():
            if issubclass(model, ArchiveModel):
                pre_save.connect(before_save, sender=model)
                pre_delete.connect(before_delete, sender=model)
                post_delete.connect(after_delete, sender=model)
