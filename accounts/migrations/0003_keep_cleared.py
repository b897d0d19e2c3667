from django.db import migrations


def keep(apps, schema_editor):
    """What the last "clear all" of each list took can still be undone."""
    FavoritesList = apps.get_model("accounts", "FavoritesList")
    FavoritesChange = apps.get_model("accounts", "FavoritesChange")
    for own in FavoritesList.objects.exclude(cleared=[]):
        items = [[own.pk, abstract, added_at, "", None] for abstract, added_at in own.cleared]
        FavoritesChange.objects.create(home=own, kind="cleared", at=own.created_at, taken={"items": items})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_lists")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
