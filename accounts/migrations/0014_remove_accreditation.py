"""Accesses say who accepted which terms; press officers have the permissions of the tables of the press."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_press_access")]

    operations = [
        migrations.RemoveField("user", "embargo_terms_accepted_at"),
        migrations.AlterModelOptions("user", {}),
    ]
