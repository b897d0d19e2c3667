"""Addresses that were passed on before tokens were encrypted still work."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from accounts.models import CalendarAddress, FavoritesChange, FavoritesList

BEFORE = [("accounts", "0006_alert_results")]
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.mark.django_db(transaction=True)
def test_tokens_in_use_stay_valid_in_both_directions():
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("accounts")
    old = migrate(BEFORE)
    user = old.get_model("accounts", "User").objects.create(email="reader@example.org")
    lists = old.get_model("accounts", "FavoritesList").objects
    home = lists.create(user=user)
    lists.create(user=user, name="Shared", share_token="shared-before")
    old.get_model("accounts", "CalendarAddress").objects.create(user=user, token="calendar-before")
    for token in ("deleted-before", None):
        taken = {"items": [], "list": 7, "name": "Deleted", "share_token": token}
        old.get_model("accounts", "FavoritesChange").objects.create(
            home=home, kind="list-deleted", at=NOW, taken=dict(taken)
        )
    moved = {"items": [], "target": 7, "fresh": [1], "notes": {}}
    old.get_model("accounts", "FavoritesChange").objects.create(home=home, kind="moved", at=NOW, taken=moved)
    migrate(latest)
    assert Client().get("/lists/shared-before/").status_code == 200
    assert Client().get("/calendars/calendar-before.ics").status_code == 200
    assert FavoritesList.objects.get(name="Shared").share_token == "shared-before"
    assert CalendarAddress.objects.get().token == "calendar-before"
    assert all("share_token" not in change.removed for change in FavoritesChange.objects.all())
    assert FavoritesChange.objects.get(kind="moved").removed["new"] == [1]
    old = migrate(BEFORE)
    assert old.get_model("accounts", "FavoritesList").objects.get(name="Shared").share_token == "shared-before"
    assert old.get_model("accounts", "CalendarAddress").objects.get().token == "calendar-before"
    changes = old.get_model("accounts", "FavoritesChange").objects.filter(kind="list-deleted").order_by("pk")
    assert [change.taken["share_token"] for change in changes] == ["deleted-before", None]
    assert old.get_model("accounts", "FavoritesChange").objects.get(kind="moved").taken == moved
    migrate(latest)
