from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_encrypt_tokens")]

    operations = [
        migrations.RemoveConstraint("favoriteslist", "favorites_list_named_by_whom"),
        migrations.RemoveField("favoriteslist", "share_token"),
        migrations.RemoveField("calendaraddress", "token"),
        migrations.AlterField(
            "favoriteslist", "share_digest", models.CharField(max_length=64, null=True, blank=True, unique=True)
        ),
        migrations.AlterField("favoriteslist", "share_encrypted", models.CharField(max_length=255, blank=True)),
        migrations.AlterField("calendaraddress", "token_digest", models.CharField(max_length=64, unique=True)),
        migrations.AlterField("calendaraddress", "token_encrypted", models.CharField(max_length=255)),
        migrations.AddConstraint(
            "favoriteslist",
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(name="", share_digest__isnull=True),
                name="favorites_list_named_by_whom",
            ),
        ),
    ]
