"""No primary key of the archive is in anything that visitors get: they would count what is hidden."""

import contextlib
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from abstracts.exporting import FORMATS
from abstracts.models import Abstract, Person, Rendition
from abstracts.views import authors
from accounts.favorites.sharing import new_calendar_address
from accounts.models import CalendarAddress
from tests import factories
from tests.abstracts.importing.files import png
from tests.canary.walking import walk

pytestmark = pytest.mark.django_db

# No other number on the site is as long.
FIRST = 918_273_645_000
KEY = re.compile("918273645[0-9]{3}")


@contextlib.contextmanager
def keys_from(first: int) -> Iterator[None]:
    """New rows of all tables of the archive get primary keys from `first` on."""
    tables = [model._meta.db_table for model in apps.get_app_config("abstracts").get_models() if _counts(model)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequences = [f"pg_get_serial_sequence('{table}', 'id')" for table in tables]
            before = []
            for sequence in sequences:
                cursor.execute(f"SELECT nextval({sequence})")
                before.append(cursor.fetchone()[0])
                cursor.execute(f"SELECT setval({sequence}, {first})")
            yield
            # What a transaction does to sequences stays.
            for sequence, value in zip(sequences, before, strict=True):
                cursor.execute(f"SELECT setval({sequence}, {value})")
            return
        for table in tables:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, first])
    yield


def _counts(model) -> bool:
    return model._meta.pk.get_internal_type() == "BigAutoField" and model._meta.pk.column == "id"


def abstract_with_everything(meeting, **fields) -> Abstract:
    abstract = factories.whole_abstract(meeting=meeting, **fields)
    image = ContentFile(png(), name="a.png")
    figure = factories.FigureFactory(abstract=abstract, image=image, width=600, height=300)
    Rendition(figure=figure, width=480, height=240, image=ContentFile(png(480, 240), name="b.png")).save()
    return abstract


@pytest.mark.parametrize("role", ["anonymous", "reader"])
def test_no_answer_holds_a_primary_key(role, monkeypatch):
    monkeypatch.setattr(authors, "PER_PAGE", 1)
    # `ask` closes each answer, and PostgreSQL's connection with it.
    monkeypatch.setattr(connection, "close", lambda: None)
    client, user = Client(), factories.UserFactory()
    if role == "reader":
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    with keys_from(FIRST):
        meeting = factories.MeetingFactory()
        rows = [abstract_with_everything(meeting, title=f"Gout in invented cohort {n}") for n in range(2)]
        rows += [factories.AbstractFactory(meeting=meeting, **state) for state in ({"shell": True}, {"listing": True})]
        # Pages of namesakes name one of them.
        person = Person.unfiltered.filter(authorline__abstract=rows[0]).first()
        namesake = factories.PersonFactory(given=person.given, family=person.family)
        factories.AuthorLineFactory(abstract=rows[1], position=9, person=namesake)
        assert rows[0].pk > FIRST
        for row in rows:
            form, headers = {"abstract": row.key, "next": "/"}, {"sec-fetch-site": "same-origin"}
            assert client.post("/favorites/add/", form, headers=headers).status_code == 302
        new_calendar_address(user)
        paths = [
            reverse("home"), reverse("meeting-list"), meeting.get_absolute_url(), rows[0].get_absolute_url(),
            reverse("search") + "?q=gout", reverse("suggestions") + "?q=gout", reverse("author-list"),
            f"{reverse('author-list')}?start={person.sort_key}", reverse("author", args=[person.slug]),
            reverse("keyword-list"), reverse("sitemap"), reverse("feed-newest"), "/feeds/search/?q=gout",
            "/favorites/", "/favorites/?organize=1", "/favorites/print/", "/favorites/print/?layout=abstracts",
            "/favorites/programme/", "/favorites/programme.ics", "/favorites/offline.json", "/favorites/lists/",
            f"/calendars/{CalendarAddress.objects.get().token}.ics",
            *(reverse("favorites-export", args=[name]) for name in FORMATS),
            *(reverse("meeting-export", args=[meeting.slug, name]) for name in FORMATS),
            *([reverse("account_download"), reverse("account_overview")] if role == "reader" else []),
        ]  # fmt: skip
        answers = walk(client, paths, most_links=120)
    assert {path for path in paths if answers[path].status != 200} == set()
    assert any(path.startswith("/figures/") and answer.status == 200 for path, answer in answers.items())
    assert any(row.key in answers["/favorites/"].body for row in rows)
    texts = {path: f"{path} {answer.headers} {answer.body}" for path, answer in answers.items()}
    assert {path: KEY.findall(text)[:3] for path, text in texts.items() if KEY.search(text)} == {}
