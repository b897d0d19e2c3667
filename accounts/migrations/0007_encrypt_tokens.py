from django.db import migrations, models

from accounts.secret_addresses import decrypt, digest, encrypt


def encrypt_tokens(apps, schema_editor):
    """Addresses that are in use stay valid; what was written in plain is overwritten by the next migration."""
    for row in apps.get_model("accounts", "FavoritesList").objects.exclude(share_token=None):
        row.share_digest, row.share_encrypted = digest(row.share_token), encrypt(row.share_token)
        row.save(update_fields=["share_digest", "share_encrypted"])
    for row in apps.get_model("accounts", "CalendarAddress").objects.all():
        row.token_digest, row.token_encrypted = digest(row.token), encrypt(row.token)
        row.save(update_fields=["token_digest", "token_encrypted"])
    for row in apps.get_model("accounts", "FavoritesChange").objects.filter(kind="list-deleted"):
        token = row.taken.pop("share_token")
        row.taken["share_digest"] = digest(token) if token else None
        row.taken["share_encrypted"] = encrypt(token) if token else ""
        row.save(update_fields=["taken"])


def decrypt_tokens(apps, schema_editor):
    for row in apps.get_model("accounts", "FavoritesList").objects.exclude(share_digest=None):
        row.share_token = decrypt(row.share_encrypted) or None
        row.save(update_fields=["share_token"])
    for row in apps.get_model("accounts", "CalendarAddress").objects.all():
        row.token = decrypt(row.token_encrypted) or row.token_digest
        row.save(update_fields=["token"])
    for row in apps.get_model("accounts", "FavoritesChange").objects.filter(kind="list-deleted"):
        row.taken["share_token"] = decrypt(row.taken.pop("share_encrypted")) or None
        del row.taken["share_digest"]
        row.save(update_fields=["taken"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_alert_results")]

    operations = [
        migrations.AddField("favoriteslist", "share_digest", models.CharField(max_length=64, null=True, blank=True)),
        migrations.AddField("favoriteslist", "share_encrypted", models.CharField(max_length=255, blank=True, default="")),
        migrations.AddField("calendaraddress", "token_digest", models.CharField(max_length=64, null=True)),
        migrations.AddField("calendaraddress", "token_encrypted", models.CharField(max_length=255, default="")),
        # For the way back: rows that came later have no plain token.
        migrations.AlterField("calendaraddress", "token", models.CharField(max_length=64, null=True)),
        migrations.RunPython(encrypt_tokens, decrypt_tokens),
    ]
