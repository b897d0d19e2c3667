"""Loading the invented meetings on any day, again, and into an archive that holds something or refuses them."""

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command

from abstracts.importing import write
from abstracts.models import (
    Abstract,
    AbstractKeyword,
    AuthorLine,
    Figure,
    ImportRun,
    Keyword,
    KeywordSynonym,
    Meeting,
    Person,
    Rendition,
    Section,
)
from abstracts.sample import loading
from abstracts.sample.loading import DATA, full_minute, store_sample
from abstracts.words.text import slugify
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AuthorLineFactory,
    KeywordFactory,
    PersonFactory,
    whole_abstract,
)


def load(*args, **options) -> None:
    call_command("load_sample", *args, stdout=io.StringIO(), **options)


@pytest.fixture(autouse=True)
def _small(monkeypatch, tmp_path):
    """Only this year's meeting has abstracts: the first of each tier with a figure, and without."""
    folder = tmp_path / "sample"
    folder.mkdir()
    for name in ("figures", "meetings.toml"):
        (folder / name).symlink_to(DATA / name)
    for file in DATA.glob("*.jsonl"):
        (folder / file.name).touch()
    rows = [json.loads(line) for line in (DATA / "this-year.jsonl").read_text("utf-8").splitlines()]
    firsts = {(row.get("tier"), "figures" in row): row for row in reversed(rows)}.values()
    (folder / "this-year.jsonl").write_text("\n".join(map(json.dumps, firsts)), "utf-8")
    monkeypatch.setattr(loading, "DATA", folder)


@pytest.mark.django_db
def test_on_new_years_day_the_current_meeting_began_last_year():
    store_sample(dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC), 10)
    years = Meeting.objects.newest_first().values_list("year", "starts_on")
    assert list(years) == [(2027, dt.date(2026, 12, 31))] + [
        (year, dt.date(year, 10, 24)) for year in (2026, 2025, 2024, 2020, 2012)
    ]
    assert Abstract.unfiltered.get(number="0001").doi == "10.99999/sample.2027.0001"


@pytest.mark.parametrize(
    ("instant", "minute"),
    [
        ("2026-03-04T15:20:30+00:00", "2026-03-04T15:21:00+00:00"),
        ("2026-03-04T15:20:00+00:00", "2026-03-04T15:20:00+00:00"),
        ("2026-03-04T15:20:00.000001+00:00", "2026-03-04T15:21:00+00:00"),
        ("2026-03-04T23:59:01-06:00", "2026-03-05T06:00:00+00:00"),
    ],
)
def test_full_minute_is_the_first_at_or_after(instant, minute):
    assert full_minute(dt.datetime.fromisoformat(instant)).isoformat() == minute


@pytest.mark.django_db
def test_the_embargo_lifts_on_time_in_the_hour_that_clocks_show_twice():
    now = dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)
    store_sample(now, 10)
    late = Abstract.unfiltered.filter(tier__name="Late-breaking posters")
    assert {abstract.released_from for abstract in late} == {now + dt.timedelta(minutes=10)}


@pytest.mark.django_db
def test_what_the_archive_knows_already_is_used():
    row = json.loads((loading.DATA / "this-year.jsonl").read_text("utf-8").splitlines()[0])
    name, label = row["authors"][0]["name"], row["keywords"][0]
    namesake = PersonFactory(name="Somebody Else", slug=slugify(name))
    person = PersonFactory(name=name)
    person.names.create(name=name)
    keyword = KeywordFactory(name=label.upper())
    mri = KeywordFactory(name="MRI")
    load()
    assert Person.unfiltered.get(name=name) == person
    assert AuthorLine.unfiltered.filter(person=person).exists()
    assert not AuthorLine.unfiltered.filter(person=namesake).exists()
    assert AbstractKeyword.unfiltered.filter(keyword=keyword, label=label).exists()
    assert Keyword.unfiltered.get(name="MRI") == mri
    assert not KeywordSynonym.unfiltered.filter(name="MRI").exists()
    assert KeywordSynonym.unfiltered.filter(name="SLE").exists()


@pytest.mark.django_db
def test_reset_builds_the_sample_anew_and_leaves_the_rest(settings, django_capture_on_commit_callbacks):
    load()
    other = whole_abstract(meeting__name="Real Meeting 2025", title="Real one")
    keyword = AbstractKeyword.unfiltered.exclude(abstract=other).first().keyword
    person = AuthorLine.unfiltered.exclude(abstract=other).exclude(person=None).first().person
    AbstractKeywordFactory(abstract=other, keyword=keyword, position=9)
    AuthorLineFactory(abstract=other, person=person, position=9)
    before, files = counts(), stored_files(settings)
    former = set(Abstract.unfiltered.exclude(pk=other.pk).values_list("pk", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        load("--reset")
    assert counts() == before
    assert not Abstract.unfiltered.filter(pk__in=former).exists()
    assert Section.unfiltered.filter(abstract=other).count() == 4
    assert AuthorLine.unfiltered.filter(abstract=other).count() == 3
    assert AbstractKeyword.unfiltered.filter(abstract=other).count() == 3
    assert len(stored_files(settings)) == len(files)
    assert not stored_files(settings) & files


@pytest.mark.django_db
def test_a_failure_leaves_neither_rows_nor_files(monkeypatch, settings):
    calls = []

    def third_fails(*args):
        calls.append(args)
        if len(calls) == 3:
            raise OSError("disk full")
        return put_image(*args)

    put_image = write.put_image
    monkeypatch.setattr(write, "put_image", third_fails)
    with pytest.raises(OSError, match="disk full"):
        load()
    assert not Meeting.objects.exists()
    assert stored_files(settings) == set()


@pytest.mark.django_db
def test_what_the_importer_refuses_is_reported_and_nothing_stays(settings):
    AbstractFactory(legacy_id=2_000_000_001)
    with pytest.raises(CommandError, match="the id 2000000001 of the former site belongs to another abstract"):
        load()
    assert Meeting.objects.count() == 1
    assert stored_files(settings) == set()


def test_it_refuses_a_wait_of_less_than_nothing():
    with pytest.raises(CommandError, match="takes 0 or more"):
        load(lift_in=-1)


def counts() -> list[int]:
    models = (Meeting, Abstract, Section, AuthorLine, Person, Keyword, KeywordSynonym, Figure, Rendition, ImportRun)
    return [getattr(model, "unfiltered", model.objects).count() for model in models]


def stored_files(settings) -> set:
    return set(settings.FIGURES_ROOT.rglob("*.*"))
