"""The groups and the permissions of curators."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse

from abstracts.models.groups import CURATORS, OFFICERS, PERMISSIONS, PRESS_OFFICERS, VIEWERS, ensure_groups
from tests import factories

pytestmark = pytest.mark.django_db


def codenames(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


@pytest.mark.parametrize("name", sorted(PERMISSIONS))
def test_groups_are_complete_after_the_first_migrate(name):
    assert codenames(name) == PERMISSIONS[name]


def test_press_officers_are_complete_in_a_database_that_had_the_permissions_before():
    Group.objects.get(name=PRESS_OFFICERS).delete()
    call_command("migrate", verbosity=0)
    assert codenames(PRESS_OFFICERS) == {
        *("view_pressapplication", "change_pressapplication", "delete_pressapplication"),
        *("view_pressaccess", "add_pressaccess", "change_pressaccess"),
        *("view_embargoedread", "view_meeting", "view_abstract"),
    }


def test_only_officers_lift_an_embargo():
    assert [name for name in PERMISSIONS if "lift_embargo" in codenames(name)] == [OFFICERS]


def test_curators_manage_no_users():
    assert not {name for name in codenames(CURATORS) if "user" in name or "group" in name}
    assert not {"delete_abstract", "delete_meeting", "delete_page"} & codenames(CURATORS)


def test_changes_by_staff_are_kept_and_deleted_groups_are_recreated():
    Group.objects.get(name=CURATORS).permissions.clear()
    Group.objects.get(name=VIEWERS).delete()
    call_command("migrate", verbosity=0)
    assert codenames(CURATORS) == set()
    assert codenames(VIEWERS) == PERMISSIONS[VIEWERS]


def test_new_permissions_of_a_migration_are_granted():
    Permission.objects.filter(codename="view_page").delete()
    ensure_groups(apps.get_app_config("abstracts"), using="default", apps=apps)
    assert codenames(CURATORS) == PERMISSIONS[CURATORS]


def a_member(client, group: str, **fields):
    user = factories.UserFactory(**fields)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return client


def test_curators_edit_the_archive_and_no_users(client):
    a_member(client, CURATORS, is_staff=True)
    abstract = factories.whole_abstract()
    for path in ("changelist", "add"):
        assert client.get(reverse(f"admin:abstracts_abstract_{path}")).status_code == 200
    assert client.get(reverse("admin:abstracts_abstract_change", args=[abstract.pk])).status_code == 200
    assert client.get(reverse("admin:abstracts_abstract_delete", args=[abstract.pk])).status_code == 403
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
    assert client.get(reverse("admin:auth_group_changelist")).status_code == 403
    assert client.get(reverse("admin:abstracts_importrun_changelist")).status_code == 200
    assert client.get(reverse("admin:admin_logentry_changelist")).status_code == 403
