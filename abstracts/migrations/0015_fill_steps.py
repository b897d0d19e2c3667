"""Makes steps of the rules of embargo tiers, and an instant for each level of each abstract. No instant moves.

Levels get other numbers: 1 (number) becomes 10, 2 (listing) 30, 3 (everything) 40. Lines of the embargo record stay as
they are. Backward, tiers are held and nothing shows before release, until staff enter the rules again.
"""

import datetime as dt

from django.db import migrations
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

LEVELS = {0: 0, 1: 10, 2: 30, 3: 40}
SHOWS = {1: "number", 2: "listing"}
OPEN_TO_PRESS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DATED = ("fixed",)
TIMED = ("fixed", "session_day")


def make_steps(apps, schema_editor):
    tiers, steps = apps.get_model("abstracts", "EmbargoTier"), apps.get_model("abstracts", "EmbargoStep")
    for tier in tiers._base_manager.order_by("pk"):
        if shows := SHOWS.get(tier.listing_level):
            steps._base_manager.create(
                tier=tier,
                shows=shows,
                rule="fixed",
                date=tier.listing_date,
                time=tier.listing_time,
                timezone=tier.timezone,
            )
        steps._base_manager.create(
            tier=tier,
            shows="everything",
            rule=tier.release_rule,
            date=tier.release_date if tier.release_rule in DATED else None,
            time=tier.release_time if tier.release_rule in TIMED else None,
            timezone=tier.timezone if tier.release_rule in TIMED else "",
        )


def begin_history(apps, schema_editor):
    """A first row for each step, so that its next change shows what it was."""
    step, former = apps.get_model("abstracts", "EmbargoStep"), apps.get_model("abstracts", "HistoricalEmbargoStep")
    now = timezone.now()
    names = [field.attname for field in step._meta.concrete_fields]
    former._base_manager.bulk_create(
        former(
            **values, history_date=now, history_type="+", history_change_reason="The tier's rules became steps"
        )
        for values in step._base_manager.order_by("pk").values(*names)
    )


def make_instants(apps, schema_editor):
    """Each level begins with the first instant from which it, or a higher one, shows."""
    for name in ("Abstract", "HistoricalAbstract"):
        model = apps.get_model("abstracts", name)
        shown = Least(Coalesce("listed_from", "released_from"), Coalesce("released_from", "listed_from"))
        listed = Case(When(listing_level=2, then=shown), default=F("released_from"))
        model._base_manager.update(numbered_from=shown, titled_from=listed)
        # What showed from then on was the number: the listing comes with the text.
        model._base_manager.update(listed_from=F("titled_from"))
        for old in (2, 1):
            model._base_manager.filter(override_listing_level=old).update(override_listing_level=LEVELS[old])
    published = apps.get_model("abstracts", "Abstract")._base_manager.filter(meeting__is_published=True)
    published.update(press_from=Value(OPEN_TO_PRESS))


def renumber_levels(apps, schema_editor):
    """The levels in what imports wrote and what proposals do."""
    source, held = apps.get_model("abstracts", "AbstractSource"), apps.get_model("abstracts", "HeldChange")
    for row in source._base_manager.filter(imported__override__level__isnull=False).iterator(chunk_size=500):
        override = row.imported["override"]
        override["level"] = LEVELS.get(override["level"], override["level"])
        source._base_manager.filter(pk=row.pk).update(imported=row.imported)
    for row in held._base_manager.iterator(chunk_size=100):
        for group in row.effects.get("groups", []):
            for name in ("level_before", "level_after"):
                group[name] = LEVELS.get(group[name], group[name])
            for name in ("opens_before", "opens_after"):
                if len(group[name]) == 3:
                    number, listing, everything = group[name]
                    group[name] = [number, listing, listing, everything]
        held._base_manager.filter(pk=row.pk).update(effects=row.effects)


def forward(apps, schema_editor):
    make_steps(apps, schema_editor)
    begin_history(apps, schema_editor)
    make_instants(apps, schema_editor)
    renumber_levels(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('abstracts', '0014_steps'),
    ]

    operations = [
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
