"""The groups of every installation. They are created after `migrate`; changes by staff are kept."""

from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import connections

CURATORS = "Curators"
IMPORTERS = "Importers"
OFFICERS = "Embargo officers"
PRESS_OFFICERS = "Press officers"
VIEWERS = "Viewers"

_EDITED = (
    "meeting", "embargotier", "embargostep", "session", "presentation", "abstract", "section", "affiliation",
    "authorline", "authoraffiliation", "person", "personname", "keyword", "keywordsynonym", "abstractkeyword", "figure",
    "page",
)  # fmt: skip
# Curators withdraw, hold or unpublish meetings, tiers, abstracts and pages; they do not delete them.
_DELETED = (
    "embargostep", "session", "presentation", "section", "affiliation", "authorline", "authoraffiliation", "person",
    "personname", "keyword", "keywordsynonym", "abstractkeyword", "figure",
)  # fmt: skip
_IMPORTED = (
    "session", "presentation", "abstract", "section", "affiliation", "authorline", "authoraffiliation", "person",
    "personname", "keyword", "abstractkeyword", "figure",
)  # fmt: skip
_VIEWED = {*(f"view_{model}" for model in _EDITED), "view_importrun", "view_heldchange", "view_embargorecord"}
PERMISSIONS = {
    CURATORS: {
        *_VIEWED,
        *(f"{verb}_{model}" for verb in ("add", "change") for model in _EDITED),
        *(f"delete_{model}" for model in _DELETED),
    },
    IMPORTERS: {*_VIEWED, *(f"{verb}_{model}" for verb in ("add", "change") for model in _IMPORTED)},
    # Officers confirm what others propose, and lift, hold and postpone themselves.
    OFFICERS: {
        *_VIEWED,
        "lift_embargo",
        *(f"change_{model}" for model in ("meeting", "embargotier", "embargostep", "session", "abstract")),
        *(f"{verb}_embargostep" for verb in ("add", "delete")),
    },
    VIEWERS: _VIEWED,
}


# By database: the permissions that there were before the migrations of this process.
_former: dict[str, set[int]] = {}


def remember_permissions(sender: AppConfig, using: str, **kwargs) -> None:
    """Receiver of pre_migrate."""
    from django.contrib.auth.models import Permission

    tables = connections[using].introspection.table_names()
    is_there = Permission._meta.db_table in tables
    _former[using] = set(Permission.objects.using(using).values_list("pk", flat=True)) if is_there else set()


def ensure_groups(sender: AppConfig, using: str, apps=installed, table=None, labels=("abstracts",), **kwargs) -> None:
    """Receiver of post_migrate: create missing groups and grant the permissions that this migration added.

    `table`: permissions by group (PERMISSIONS), of the applications `labels`.

    Django's own receiver, which creates permissions, may run after this one. So it is called here, and the groups are
    complete after the first `migrate`. (`flush` sends no `apps`.)
    """
    from django.contrib.auth.models import Group, Permission

    try:
        apps.get_model("auth", "Permission")
    except LookupError:  # migrating backward
        return
    for label in labels:
        create_permissions(installed.get_app_config(label), verbosity=0, interactive=False, using=using)
    permissions = Permission.objects.using(using).filter(content_type__app_label__in=labels)
    for name, codenames in (table or PERMISSIONS).items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        granted = permissions.filter(codename__in=codenames)
        group.permissions.add(*(granted if is_new else granted.exclude(pk__in=_former.get(using, ()))))
