"""The two groups every installation starts with. Made after `migrate`; what staff change of them stays changed."""

from django.apps import AppConfig
from django.apps import apps as installed
from django.contrib.auth.management import create_permissions

CURATORS = "Curators"
READERS = "Readers of embargoed content"

_EDITED = (
    "meeting", "embargotier", "session", "presentation", "abstract", "section", "affiliation", "authorline",
    "authoraffiliation", "person", "personname", "keyword", "keywordsynonym", "abstractkeyword", "figure", "page",
)  # fmt: skip
# Meetings, tiers, abstracts and pages are withdrawn, held or unpublished, not deleted, by curators.
_DELETED = (
    "session", "presentation", "section", "affiliation", "authorline", "authoraffiliation", "person", "personname",
    "keyword", "keywordsynonym", "abstractkeyword", "figure",
)  # fmt: skip
PERMISSIONS = {
    CURATORS: {
        *(f"{verb}_{model}" for verb in ("add", "change", "view") for model in _EDITED),
        *(f"delete_{model}" for model in _DELETED),
        "view_importrun",
    },
    READERS: {"read_embargoed"},
}


def ensure_groups(sender: AppConfig, using: str, apps=installed, **kwargs) -> None:
    """Receiver of post_migrate: makes missing groups, and gives both what permissions this migration brought.

    Permissions themselves are made after migrations, by a receiver that may come later than this one: it is
    called here, so that a first `migrate` ends with whole groups. (`flush` sends no `apps`.)
    """
    from django.contrib.auth.models import Group, Permission

    try:
        apps.get_model("auth", "Permission")
    except LookupError:  # migrating backwards
        return
    ours = Permission.objects.using(using).filter(content_type__app_label=sender.label)
    before = set(ours.values_list("pk", flat=True))
    create_permissions(sender, verbosity=0, interactive=False, using=using)
    for name, codenames in PERMISSIONS.items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        wanted = ours.filter(codename__in=codenames)
        group.permissions.add(*(wanted if is_new else wanted.exclude(pk__in=before)))
