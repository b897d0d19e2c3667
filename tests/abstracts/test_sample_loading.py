"""Loading the invented meetings into an archive that holds something, or cannot hold them."""

import io

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from abstracts.models import AbstractKeyword, Keyword, Meeting, Person
from abstracts.sample import writing
from abstracts.sample.people import everyone
from tests.factories import KeywordFactory, PersonFactory


def load(**options) -> None:
    call_command("load_sample", stdout=io.StringIO(), **options)


def dot() -> bytes:
    file = io.BytesIO()
    Image.new("L", (4, 4)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(autouse=True)
def _quick_drawings(monkeypatch):
    monkeypatch.setattr(writing, "png", lambda chart: dot())


@pytest.mark.django_db
def test_what_the_archive_knows_already_is_used():
    name = everyone()["english"][0].person
    theirs = PersonFactory(name="Somebody Else", slug="maribel-halvermark")
    gout = KeywordFactory(name="gout")
    PersonFactory(name=name, family="Known", given="Well").names.create(name=name)
    load(abstracts=1)
    assert Keyword.objects.filter(key="gout").get() == gout
    assert AbstractKeyword.unfiltered.filter(keyword=gout, label="Gout").exists()
    assert Person.objects.filter(name=name).count() == 1
    theirs.refresh_from_db()
    assert theirs.name == "Somebody Else"


@pytest.mark.django_db
def test_a_failure_leaves_neither_rows_nor_files(monkeypatch, settings):
    real, calls = writing.put_image, []

    def third_fails(figure, image, name):
        calls.append(name)
        if len(calls) == 3:
            raise OSError("disk full")
        return real(figure, image, name)

    monkeypatch.setattr(writing, "put_image", third_fails)
    with pytest.raises(OSError, match="disk full"):
        load(abstracts=1)
    assert not Meeting.objects.exists()
    assert [path for path in settings.FIGURES_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("options", [{"abstracts": 0}, {"lift_in": -1}])
def test_it_refuses_senseless_numbers(options):
    with pytest.raises(CommandError, match="takes 0 or more"):
        load(**options)
