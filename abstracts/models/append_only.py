"""Triggers that keep the tables of the embargo record append-only, whoever writes to the database.

They are made after each `migrate`: on SQLite a migration that changes a table builds it anew, without its triggers.
"""

from django.apps import AppConfig
from django.conf import settings
from django.db import connections

TABLES = ("abstracts_embargorecord", "abstracts_recordline")
MESSAGE = "The embargo record is append-only."


def ensure_triggers(sender: AppConfig, using: str, **kwargs) -> None:
    """Receiver of post_migrate. The settings of tests turn it off (RECORD_TRIGGERS), so that tables can be emptied."""
    if getattr(settings, "RECORD_TRIGGERS", True):
        make_triggers(using)


def make_triggers(using: str = "default") -> None:
    """Make the triggers of those tables that exist."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, [table for table in TABLES if table in existing]):
            cursor.execute(statement)


def _statements(vendor: str, tables: list[str]) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            for table in tables
            for verb in ("UPDATE", "DELETE")
        ]
    function = "abstracts_record_is_append_only"
    return [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
        *(
            f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            for table in tables
        ),
    ]
