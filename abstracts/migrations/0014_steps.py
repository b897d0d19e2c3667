"""Tables and columns of embargo steps. Existing tiers keep deciding by the first of several presentations."""

import abstracts.models.meeting
import django.db.models.deletion
import django.db.models.manager
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('abstracts', '0013_base_managers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EmbargoStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shows', models.CharField(choices=[('number', 'Number and session'), ('title', 'Title'), ('listing', 'Title, byline and keywords'), ('everything', 'Everything'), ('press', 'Everything, to the press (without this step: at any time)'), ('news', 'News about it: end of the news embargo (hides nothing)')], max_length=12)),
                ('rule', models.CharField(choices=[('fixed', 'At this date and time'), ('session_start', 'When its session starts'), ('session_end', 'When its session ends'), ('talk_start', 'When its own talk starts'), ('talk_end', 'When its own talk ends'), ('session_day', 'At this time, on the day of its session'), ('first_day', 'At this time, on the first day of the meeting'), ('last_day', 'At this time, on the last day of the meeting'), ('held', 'Held until staff choose a rule')], max_length=20, verbose_name='from when')),
                ('date', models.DateField(blank=True, null=True)),
                ('time', models.TimeField(blank=True, null=True)),
                ('minutes', models.IntegerField(default=0, help_text='With a minus: before.', verbose_name='minutes after')),
                ('timezone', models.CharField(blank=True, help_text="Blank: the meeting's.", max_length=64, validators=[abstracts.models.meeting.validate_timezone], verbose_name='time zone')),
            ],
            options={
                'ordering': ['tier', 'pk'],
                'base_manager_name': 'unfiltered',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('unfiltered', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalEmbargoStep',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('shows', models.CharField(choices=[('number', 'Number and session'), ('title', 'Title'), ('listing', 'Title, byline and keywords'), ('everything', 'Everything'), ('press', 'Everything, to the press (without this step: at any time)'), ('news', 'News about it: end of the news embargo (hides nothing)')], max_length=12)),
                ('rule', models.CharField(choices=[('fixed', 'At this date and time'), ('session_start', 'When its session starts'), ('session_end', 'When its session ends'), ('talk_start', 'When its own talk starts'), ('talk_end', 'When its own talk ends'), ('session_day', 'At this time, on the day of its session'), ('first_day', 'At this time, on the first day of the meeting'), ('last_day', 'At this time, on the last day of the meeting'), ('held', 'Held until staff choose a rule')], max_length=20, verbose_name='from when')),
                ('date', models.DateField(blank=True, null=True)),
                ('time', models.TimeField(blank=True, null=True)),
                ('minutes', models.IntegerField(default=0, help_text='With a minus: before.', verbose_name='minutes after')),
                ('timezone', models.CharField(blank=True, help_text="Blank: the meeting's.", max_length=64, validators=[abstracts.models.meeting.validate_timezone], verbose_name='time zone')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical embargo step',
                'verbose_name_plural': 'historical embargo steps',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name='abstract',
            name='hides_title',
            field=models.BooleanField(default=False, help_text='Of a withdrawn abstract: the public then sees its number, its session and the note only.', verbose_name='hide the title too'),
        ),
        migrations.AddField(
            model_name='abstract',
            name='news_embargo_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='news embargo until'),
        ),
        migrations.AddField(
            model_name='abstract',
            name='numbered_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='abstract',
            name='press_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='abstract',
            name='titled_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='embargotier',
            name='decides',
            field=models.CharField(choices=[('first', 'The first'), ('last', 'The last'), ('first_of_type', 'The first in a session of this type:')], default='first', help_text='Which one decides where a step names the session or the talk of an abstract.', max_length=20, verbose_name='of several presentations'),
        ),
        migrations.AddField(
            model_name='embargotier',
            name='decides_type',
            field=models.CharField(blank=True, help_text='As sessions have it.', max_length=120, verbose_name='session type'),
        ),
        migrations.AddField(
            model_name='historicalabstract',
            name='hides_title',
            field=models.BooleanField(default=False, help_text='Of a withdrawn abstract: the public then sees its number, its session and the note only.', verbose_name='hide the title too'),
        ),
        migrations.AddField(
            model_name='historicalabstract',
            name='news_embargo_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='news embargo until'),
        ),
        migrations.AddField(
            model_name='historicalabstract',
            name='numbered_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalabstract',
            name='press_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalabstract',
            name='titled_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalembargotier',
            name='decides',
            field=models.CharField(choices=[('first', 'The first'), ('last', 'The last'), ('first_of_type', 'The first in a session of this type:')], default='first', help_text='Which one decides where a step names the session or the talk of an abstract.', max_length=20, verbose_name='of several presentations'),
        ),
        migrations.AddField(
            model_name='historicalembargotier',
            name='decides_type',
            field=models.CharField(blank=True, help_text='As sessions have it.', max_length=120, verbose_name='session type'),
        ),
        migrations.AddField(
            model_name='recordline',
            name='new_hides_title',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='recordline',
            name='new_numbered_from',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='recordline',
            name='new_titled_from',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='recordline',
            name='old_hides_title',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='recordline',
            name='old_numbered_from',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='recordline',
            name='old_titled_from',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='abstract',
            name='override_listing_level',
            field=models.PositiveSmallIntegerField(blank=True, choices=[(0, 'nothing'), (10, 'shell: number and session'), (20, 'title: number, session and title'), (30, 'listing: title, authors, keywords, session')], null=True, verbose_name='override: before release'),
        ),
        migrations.AlterField(
            model_name='historicalabstract',
            name='override_listing_level',
            field=models.PositiveSmallIntegerField(blank=True, choices=[(0, 'nothing'), (10, 'shell: number and session'), (20, 'title: number, session and title'), (30, 'listing: title, authors, keywords, session')], null=True, verbose_name='override: before release'),
        ),
        migrations.AlterField(
            model_name='recordline',
            name='new_listing_level',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='recordline',
            name='old_listing_level',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='abstract',
            index=models.Index(fields=['titled_from'], name='abstracts_a_titled__65b223_idx'),
        ),
        migrations.AddIndex(
            model_name='abstract',
            index=models.Index(fields=['numbered_from'], name='abstracts_a_numbere_828b7f_idx'),
        ),
        migrations.AddIndex(
            model_name='abstract',
            index=models.Index(fields=['news_embargo_at'], name='abstracts_a_news_em_867675_idx'),
        ),
        migrations.AddField(
            model_name='embargostep',
            name='tier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='abstracts.embargotier'),
        ),
        migrations.AddField(
            model_name='historicalembargostep',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalembargostep',
            name='tier',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='abstracts.embargotier'),
        ),
        migrations.AddConstraint(
            model_name='embargostep',
            constraint=models.UniqueConstraint(fields=('tier', 'shows'), name='step_once', violation_error_message='The tier has a step for this already.'),
        ),
        migrations.AddConstraint(
            model_name='embargostep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rule', 'fixed'), _negated=True), models.Q(('date__isnull', False), ('time__isnull', False)), _connector='OR'), name='step_fixed_has_instant'),
        ),
        migrations.AddConstraint(
            model_name='embargostep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rule__in', ['session_day', 'first_day', 'last_day']), _negated=True), ('time__isnull', False), _connector='OR'), name='step_day_has_time'),
        ),
    ]
