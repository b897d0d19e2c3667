"""Removes the rules that became steps."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('abstracts', '0015_fill_steps'),
    ]

    operations = [
        migrations.AlterField(
            model_name='embargotier',
            name='decides',
            field=models.CharField(choices=[('first', 'The first'), ('last', 'The last'), ('first_of_type', 'The first in a session of this type:')], default='last', help_text='Which one decides where a step names the session or the talk of an abstract.', max_length=20, verbose_name='of several presentations'),
        ),
        migrations.AlterField(
            model_name='historicalembargotier',
            name='decides',
            field=models.CharField(choices=[('first', 'The first'), ('last', 'The last'), ('first_of_type', 'The first in a session of this type:')], default='last', help_text='Which one decides where a step names the session or the talk of an abstract.', max_length=20, verbose_name='of several presentations'),
        ),
        migrations.RemoveConstraint(
            model_name='abstract',
            name='abstract_listing_level',
        ),
        migrations.RemoveConstraint(
            model_name='embargotier',
            name='tier_listing_level',
        ),
        migrations.RemoveConstraint(
            model_name='embargotier',
            name='tier_listing_has_instant',
        ),
        migrations.RemoveConstraint(
            model_name='embargotier',
            name='tier_fixed_has_instant',
        ),
        migrations.RemoveConstraint(
            model_name='embargotier',
            name='tier_day_has_time',
        ),
        migrations.RemoveField(
            model_name='abstract',
            name='listing_level',
        ),
        migrations.RemoveField(
            model_name='embargotier',
            name='listing_date',
        ),
        migrations.RemoveField(
            model_name='embargotier',
            name='listing_level',
        ),
        migrations.RemoveField(
            model_name='embargotier',
            name='listing_time',
        ),
        migrations.RemoveField(
            model_name='embargotier',
            name='release_date',
        ),
        migrations.RemoveField(
            model_name='embargotier',
            name='release_rule',
        ),
        migrations.RemoveField(
            model_name='embargotier',
            name='release_time',
        ),
        migrations.RemoveField(
            model_name='embargotier',
            name='timezone',
        ),
        migrations.RemoveField(
            model_name='historicalabstract',
            name='listing_level',
        ),
        migrations.RemoveField(
            model_name='historicalembargotier',
            name='listing_date',
        ),
        migrations.RemoveField(
            model_name='historicalembargotier',
            name='listing_level',
        ),
        migrations.RemoveField(
            model_name='historicalembargotier',
            name='listing_time',
        ),
        migrations.RemoveField(
            model_name='historicalembargotier',
            name='release_date',
        ),
        migrations.RemoveField(
            model_name='historicalembargotier',
            name='release_rule',
        ),
        migrations.RemoveField(
            model_name='historicalembargotier',
            name='release_time',
        ),
        migrations.RemoveField(
            model_name='historicalembargotier',
            name='timezone',
        ),
        migrations.AddConstraint(
            model_name='abstract',
            constraint=models.CheckConstraint(condition=models.Q(('override_listing_level__isnull', True), ('override_listing_level__in', [0, 10, 20, 30]), _connector='OR'), name='abstract_override_level'),
        ),
    ]
