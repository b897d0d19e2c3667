"""Access of the press to one meeting, from one instant to another, instead of to all for ever.

Whoever was accredited gets access to the published meetings that have abstracts ahead of release, until the last of
these is released or the meeting is over, and without export. Terms that were accepted stay accepted.
"""

import datetime as dt
import hashlib
import json

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Max, Q
from django.utils import timezone

import abstracts.clock

GROUP = "Readers of embargoed content"
PERMISSIONS = ["read_embargoed", "accredit_press"]
# Of a meeting without terms of its own, as all are at this migration (`Meeting.terms_version`).
VERSION = hashlib.sha256(json.dumps(["", ""]).encode()).hexdigest()[:16]


def carry_over(apps, schema_editor) -> None:
    now = timezone.now()
    permission = Q(codename="read_embargoed", content_type__app_label="abstracts")
    permissions = list(apps.get_model("auth", "Permission").objects.filter(permission))
    holds = Q(groups__permissions__in=permissions) | Q(user_permissions__in=permissions)
    users = apps.get_model("accounts", "User")._base_manager.filter(holds, is_active=True).order_by("pk").distinct()
    ends = _ends(apps, now)
    access = apps.get_model("accounts", "PressAccess")
    access._base_manager.bulk_create(
        access(
            user=user,
            meeting_id=meeting,
            starts_at=now,
            ends_at=end,
            accepted_version=VERSION if user.embargo_terms_accepted_at else "",
            accepted_at=user.embargo_terms_accepted_at,
            mailed_entry=_last_entry(apps),
        )
        for user in users
        for meeting, end in ends.items()
    )
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()
    apps.get_model("auth", "Permission").objects.filter(codename__in=PERMISSIONS).delete()


def _ends(apps, now: dt.datetime) -> dict[int, dt.datetime]:
    """By published meeting with abstracts ahead of release: when access to it ends, if that is to come."""
    published = apps.get_model("abstracts", "Meeting")._base_manager.filter(is_published=True)
    abstracts = apps.get_model("abstracts", "Abstract")._base_manager.exclude(status="draft")
    ahead = abstracts.filter(Q(released_from=None) | Q(released_from__gt=now))
    last_releases = dict(ahead.order_by().values("meeting").annotate(last=Max("released_from")).values_list("meeting", "last"))
    ends = {}
    for meeting in published.filter(pk__in=last_releases):
        last_day = meeting.ends_on or meeting.starts_on
        # The day is over in every zone.
        over = last_day and dt.datetime.combine(last_day + dt.timedelta(days=2), dt.time(0), dt.UTC)
        end = max(filter(None, (over, last_releases[meeting.pk])), default=None)
        if end and end > now:
            ends[meeting.pk] = end
    return ends


def _last_entry(apps) -> int:
    head = apps.get_model("abstracts", "RecordHead")._base_manager.first()
    return head.number if head else 0


def give_back(apps, schema_editor) -> None:
    """Who has access now is accredited again. The group's permission comes with the former release's groups."""
    users = apps.get_model("accounts", "User")._base_manager
    accesses = apps.get_model("accounts", "PressAccess")._base_manager
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    for access in accesses.filter(revoked_at=None, ends_at__gt=timezone.now()).order_by("pk"):
        group.user_set.add(access.user_id)
        users.filter(pk=access.user_id).update(embargo_terms_accepted_at=access.accepted_at)


def person(on_delete=django.db.models.deletion.SET_NULL, **options):
    return models.ForeignKey(on_delete=on_delete, related_name="+", to=settings.AUTH_USER_MODEL, **options)


def meeting():
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="abstracts.meeting"
    )


KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
LANGUAGES = [("en", "English"), ("es", "Español")]


class Migration(migrations.Migration):
    dependencies = [
        ("abstracts", "0013_base_managers"),
        ("accounts", "0012_accredit_press"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="PressApplication",
            fields=[
                ("id", KEY),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("name", models.CharField(max_length=200)),
                ("outlet", models.CharField(max_length=200)),
                ("statement", models.TextField(max_length=3000)),
                ("work", models.URLField(max_length=500, verbose_name="link to work")),
                ("language", models.CharField(choices=LANGUAGES, default="en", max_length=8)),
                ("made_at", models.DateTimeField(default=abstracts.clock.now, verbose_name="made")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("approved", "Approved"), ("declined", "Declined")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "note",
                    models.TextField(blank=True, help_text="For press officers; the applicant does not see it."),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("decided_by", person(null=True)),
                ("meeting", meeting()),
                (
                    "user",
                    person(on_delete=django.db.models.deletion.CASCADE, null=True, verbose_name="account"),
                ),
            ],
            options={"verbose_name": "press application", "ordering": ["-made_at", "-pk"]},
        ),
        migrations.CreateModel(
            name="PressAccess",
            fields=[
                ("id", KEY),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                (
                    "may_export",
                    models.BooleanField(
                        default=False,
                        help_text="On: files and prints may contain what is ahead of release. Off: what the public sees.",
                    ),
                ),
                (
                    "accepted_version",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=16, verbose_name="accepted terms"
                    ),
                ),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="terms accepted"),
                ),
                (
                    "approved_at",
                    models.DateTimeField(
                        default=abstracts.clock.now, editable=False, verbose_name="approved"
                    ),
                ),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked")),
                (
                    "language",
                    models.CharField(
                        choices=LANGUAGES, default="en", max_length=8, verbose_name="language of e-mails"
                    ),
                ),
                ("wants_releases", models.BooleanField(default=False, verbose_name="e-mails on each release")),
                ("mailed_until", models.DateTimeField(default=abstracts.clock.now, editable=False)),
                ("mailed_entry", models.PositiveBigIntegerField(default=0, editable=False)),
                ("approved_by", person(editable=False, null=True)),
                ("meeting", meeting()),
                ("revoked_by", person(editable=False, null=True)),
                ("user", person(on_delete=django.db.models.deletion.CASCADE, verbose_name="person")),
            ],
            options={
                "verbose_name": "press access",
                "verbose_name_plural": "press accesses",
                "ordering": ["-ends_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("ends_at__gt", models.F("starts_at"))), name="press_access_lasts"
                    )
                ],
            },
        ),
        migrations.RunPython(carry_over, give_back),
    ]
