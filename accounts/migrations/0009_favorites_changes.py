from django.db import migrations, models


def rename_detail(old, new):
    def rename(apps, schema_editor):
        for change in apps.get_model("accounts", "FavoritesChange").objects.filter(kind="moved"):
            change.removed[new] = change.removed.pop(old)
            change.save(update_fields=["removed"])

    return rename


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_remove_plain_tokens")]

    operations = [
        migrations.RenameField("favoriteschange", "taken", "removed"),
        migrations.AlterField(
            "favorite",
            "note",
            models.TextField(blank=True, help_text="Private: only the owner of the list reads it."),
        ),
        migrations.RunPython(rename_detail("fresh", "new"), rename_detail("new", "fresh")),
    ]
