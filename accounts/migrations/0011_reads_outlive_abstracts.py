"""Reads ahead of release outlive the abstracts, describe them, and are one a day for each person and abstract."""

import datetime as dt

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Exists, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate


def describe(apps, schema_editor) -> None:
    """Fill in what the abstracts are now.

    Of several reads of a day the first gets the day. The others stay, without one: they are evidence too.
    """
    reads = apps.get_model("accounts", "EmbargoedRead")._base_manager
    abstract = apps.get_model("abstracts", "Abstract")._base_manager.filter(pk=OuterRef("abstract_id"))
    paths = {"meeting": "meeting__slug", "number": "number", "title": "title_text"}
    reads.update(**{name: Coalesce(Subquery(abstract.values(path)[:1]), Value("")) for name, path in paths.items()})
    day = TruncDate("at", tzinfo=dt.UTC)
    days = reads.order_by().annotate(read_on=day)
    for is_deleted, person in ((False, "user"), (True, "email")):
        of_persons = days.filter(user__isnull=is_deleted).values(person, "abstract_id", "read_on")
        firsts = list(of_persons.annotate(first=Min("pk")).values_list("first", flat=True))
        for start in range(0, len(firsts), 500):
            reads.filter(pk__in=firsts[start : start + 500]).update(day=day)


def forget_deleted(apps, schema_editor) -> None:
    """Delete what cannot point to an abstract again."""
    reads = apps.get_model("accounts", "EmbargoedRead")._base_manager
    abstract = apps.get_model("abstracts", "Abstract")._base_manager.filter(pk=OuterRef("abstract_id"))
    reads.exclude(Exists(abstract)).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_help_texts"), ("abstracts", "0011_gate_and_record")]

    operations = [
        # The column stays as it is, without its foreign key.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AlterField(
                    "embargoedread",
                    "abstract",
                    models.ForeignKey(
                        "abstracts.abstract", django.db.models.deletion.DO_NOTHING, related_name="+", db_constraint=False
                    ),
                )
            ],
            state_operations=[
                migrations.RemoveField("embargoedread", "abstract"),
                migrations.AddField(
                    "embargoedread",
                    "abstract_id",
                    models.BigIntegerField(
                        db_index=True, default=0, help_text="Its primary key, also after it is deleted."
                    ),
                    preserve_default=False,
                ),
            ],
        ),
        migrations.AddField(
            "embargoedread",
            "role",
            models.CharField(choices=[("press", "Press"), ("staff", "Staff")], db_default="press", max_length=10),
        ),
        migrations.AddField(
            "embargoedread",
            "meeting",
            models.CharField(blank=True, db_default="", help_text="The meeting's address.", max_length=120),
        ),
        migrations.AddField("embargoedread", "number", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AddField(
            "embargoedread", "title", models.TextField(blank=True, db_default="", help_text="As it was read.")
        ),
        migrations.AddField(
            "embargoedread",
            "day",
            models.DateField(null=True, help_text="UTC. Empty: a further read, recorded when all reads were."),
        ),
        migrations.AddField(
            "embargoedread",
            "kind",
            models.CharField(
                blank=True,
                db_default="",
                help_text="How it was read first: page, search, figure, print, export …",
                max_length=40,
            ),
        ),
        migrations.AlterField("embargoedread", "at", models.DateTimeField("first read")),
        migrations.AlterField(
            "embargoedread",
            "email",
            models.EmailField("person", help_text="The address of the account at that time.", max_length=254),
        ),
        migrations.AlterModelOptions(
            "embargoedread",
            {
                "ordering": ["-at"],
                "verbose_name": "read ahead of release",
                "verbose_name_plural": "reads ahead of release",
            },
        ),
        migrations.AddConstraint(
            "embargoedread",
            models.UniqueConstraint(fields=["user", "day", "abstract_id"], name="embargoed_read_once_a_day"),
        ),
        # Last, because PostgreSQL alters no table after its rows were changed twice in the same transaction.
        migrations.RunPython(describe, forget_deleted),
    ]
