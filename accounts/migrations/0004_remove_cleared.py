from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_keep_cleared")]

    operations = [migrations.RemoveField(model_name="favoriteslist", name="cleared")]
