#!/bin/sh
# django-simple-history 3.13.0 with Django 5.2.19: after save(update_fields=["status"]) the history row holds the title that
# was only set on the object in memory. The database keeps the old title, so history shows a state that never existed.
# A later change by update() leaves no history row at all (that is documented).
#
# Expected of a history: the row says what the database held after the change.
# Seen: database "old title", history "typed, never saved".
#
# Exits with 0 while this is so, with 1 if it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check django==5.2.19 django-simple-history==3.13.0
mkdir "$folder/papers"
touch "$folder/papers/__init__.py"
cat > "$folder/papers/models.py" <<'PYTHON'
from django.db import models
from simple_history.models import HistoricalRecords


class Paper(models.Model):
    title = models.CharField(max_length=50)
    status = models.CharField(max_length=20)
    history = HistoricalRecords()
PYTHON
cat > "$folder/show.py" <<'PYTHON'
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "simple_history", "papers"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from papers.models import Paper
from django.core.management import call_command

call_command("migrate", verbosity=0, run_syncdb=True)

paper = Paper.objects.create(title="old title", status="published")
paper.title = "typed, never saved"
paper.status = "withdrawn"
paper.save(update_fields=["status"])

stored = Paper.objects.get().title
recorded = Paper.history.first().title
print(f"database: {stored!r}, history: {recorded!r}")
raise SystemExit(0 if (stored, recorded) == ("old title", "typed, never saved") else 1)
PYTHON
cd "$folder"
"$folder/venv/bin/python" show.py
