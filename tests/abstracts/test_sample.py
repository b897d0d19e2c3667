"""The invented meetings: every shape is in them, they are the same each time, and loading touches nothing else."""

import datetime as dt
import io
import re
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from abstracts.models import (
    Abstract,
    AbstractKeyword,
    ArchiveState,
    AuthorAffiliation,
    AuthorLine,
    Figure,
    Keyword,
    KeywordSynonym,
    Meeting,
    Page,
    Person,
    Presentation,
    Rendition,
    Section,
    Session,
)
from abstracts.sample.charts import MAKERS, chart_of
from abstracts.sample.dice import dice, words
from abstracts.sample.drawing import HEIGHT, WIDTH, png
from abstracts.sample.people import everyone
from abstracts.sample.programme import ZONE, current_tiers, sample_meetings
from abstracts.sample.study import make_study
from abstracts.visibility import ANONYMOUS, Level, Role, Status, Viewer
from abstracts.words.text import block_html, inline_html, page_html, plain_text
from tests.factories import AbstractKeywordFactory, AuthorLineFactory, whole_abstract

NOW = dt.datetime(2026, 3, 4, 15, 20, 30, tzinfo=dt.UTC)
SHEET = Path("/work/shared/data/acr-convergence-2025-half.xlsx")
SECOND = dt.timedelta(seconds=1)


# What is made up, before it is stored


@pytest.fixture(scope="module")
def plans():
    return sample_meetings(NOW, 10)


@pytest.fixture(scope="module")
def everything(plans):
    return [abstract for plan in plans for abstract in plan.abstracts]


def test_some_three_hundred_abstracts_with_different_titles_and_texts(plans, everything):
    assert len(everything) > 300
    assert [len(plan.abstracts) > 100 for plan in plans[:2]] == [True, True]
    assert len({a.title for a in everything}) == len(everything)
    assert len({str(a.sections) for a in everything}) == len(everything)


def test_the_same_every_time(everything):
    again = [a for plan in sample_meetings(NOW, 10) for a in plan.abstracts]
    assert again == everything


def test_the_year_of_loading_does_not_change_what_is_said(everything):
    later = sample_meetings(NOW.replace(year=2027), 10)
    assert [a.title for plan in later for a in plan.abstracts] == [a.title for a in everything]
    assert [plan.fields["year"] for plan in later] == [2027, 2026, 2025, 2024, 2020, 2012]


def test_every_shape_of_byline(everything):
    sizes = Counter(len(a.authors) for a in everything)
    assert (min(sizes), max(sizes)) == (1, 65)
    assert max(len({home for x in a.authors for home in x.homes}) for a in everything) == 58
    authors = [x for a in everything for x in a.authors]
    assert any(len(x.homes) > 1 for x in authors)
    assert any(not x.homes for x in authors)
    assert any(x.name.isupper() for x in authors)
    assert any(x.is_group for x in authors)
    assert any(x.orcid for x in authors)
    assert any(x.name.endswith(" Jr.") for x in authors)
    assert all(sum(x.is_presenter for x in a.authors) == 1 for a in everything)
    assert all(len({x.person for x in a.authors}) == len(a.authors) for a in everything)
    names = " ".join(x.name for x in authors)
    assert all(part in names for part in ("van der", "-", "ñ", "ø", "ğ", "al-", "d'", "O'"))


def test_titles_from_short_to_292_characters_with_marks_and_greek(everything):
    titles = [a.title for a in everything]
    assert max(len(plain_text(t)) for t in titles) == 292
    assert min(len(plain_text(t)) for t in titles) < 40
    together = "".join(titles)
    assert all(mark in together for mark in ("<i>", "<em>", "<sub>", "<sup>", "α", "γ", "≥", "±", "×"))


def test_every_shape_of_text(everything):
    labels = {label for a in everything for label, _ in a.sections}
    assert labels == {
        "", "Background/Purpose", "Methods", "Results", "Conclusion", "Intervention", "Maintenance", "Quality of life",
    }  # fmt: skip
    texts = "".join(html for a in everything for _, html in a.sections)
    assert '<th scope="row">' in texts
    assert max(head.count("<th ") for head in re.findall(r"<thead>.*?</thead>", texts)) == 13
    assert 70 <= len({k for a in everything for k in a.keywords}) <= 130
    assert any(f.chart is None for a in everything for f in a.figures)
    assert sum(len(a.figures) for a in everything) > 80


def test_nothing_is_left_to_clean(everything):
    for a in everything:
        assert inline_html(a.title) == a.title
        assert block_html(a.disclosures) == a.disclosures
        for _, html in a.sections:
            assert block_html(html) == html
            assert not re.search(r"[{}]|\.\.|  | ,", html)
        for figure in a.figures:
            assert inline_html(figure.caption) == figure.caption
            assert figure.alt
            assert "<" not in figure.alt


def test_disclosures_name_everybody_but_groups(everything):
    for a in everything:
        assert a.disclosures.count(";") + 1 == sum(not x.is_group for x in a.authors)


@pytest.mark.parametrize(
    ("now", "minutes", "lifts"),
    [
        ("2026-03-04T15:20:30+00:00", 10, ("America/Chicago", "2026-03-04T09:31:00")),
        ("2026-03-04T15:20:00+00:00", 0, ("America/Chicago", "2026-03-04T09:20:00")),
        ("2026-03-04T15:20:00.000001+00:00", 0, ("America/Chicago", "2026-03-04T09:21:00")),
        # Clocks show 1:40 twice that night; the embargo is to lift at the first.
        ("2026-11-01T06:30:00+00:00", 10, ("UTC", "2026-11-01T06:40:00")),
        ("2026-03-05T05:55:00+00:00", 10, ("America/Chicago", "2026-03-05T00:05:00")),
    ],
)
def test_late_breaking_tiers_lift_on_the_first_full_minute_after_the_wait(now, minutes, lifts):
    tiers = current_tiers(dt.datetime.fromisoformat(now).astimezone(ZONE), minutes)
    for late in tiers[1:3]:
        local = dt.datetime.combine(late["release_date"], late["release_time"])
        assert (late["timezone"], local.isoformat()) == lifts


@pytest.mark.parametrize("kind", MAKERS)
def test_charts_are_drawn(kind):
    rng = dice("test", kind)
    chart = chart_of(rng, kind, make_study(rng, "cohort", "sle").slots)
    image = Image.open(io.BytesIO(png(chart)))
    assert image.size == (WIDTH, HEIGHT)
    assert len(image.getcolors(1_000_000)) > 10
    assert chart.alt.endswith(".")


def test_every_kind_of_study_can_be_drawn_and_told():
    prose = words("prose")
    assert {figure for kind in prose.values() for figure in kind["figures"]} <= set(MAKERS)
    for kind in prose:
        for disease in words("diseases"):
            assert make_study(dice("test", kind, disease), kind, disease).title


if SHEET.exists():  # the society's; it is not part of the project, and where it is not there is nothing to compare

    def test_no_text_and_no_person_of_the_real_sheet(everything):
        titles, people, runs = _of_the_sheet()
        assert not {plain_text(a.title).casefold() for a in everything} & titles
        assert [p.name for pool in everyone().values() for p in pool if p.name.casefold() in people] == []
        assert {run for a in everything for _, html in a.sections for run in _runs(plain_text(html)) & runs} == set()


def _of_the_sheet() -> tuple[set[str], str, set[str]]:
    """Titles, all bylines as one text, and runs of words in the abstracts."""
    with SHEET.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True)
        rows = list(book.active.iter_rows(values_only=True, min_row=2))
        book.close()
    people = "\n".join(str(row[2]) for row in rows).casefold()
    return {str(row[1]).casefold() for row in rows}, people, set().union(*(_runs(str(row[5])) for row in rows))


def _runs(text: str, length: int = 9) -> set[str]:
    """Every run of so many words in `text`."""
    found = re.findall(r"[a-z]+", text.lower())
    return {" ".join(found[i : i + length]) for i in range(len(found) - length + 1)}


# What is stored


def load(*args, **options) -> str:
    out = io.StringIO()
    call_command("load_sample", *args, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def stored(django_db_setup, django_db_blocker, tmp_path_factory):
    """A small sample, loaded once for the module's tests and rolled back after them."""
    folder = tmp_path_factory.mktemp("figures")
    with django_db_blocker.unblock(), override_settings(FIGURES_ROOT=folder), transaction.atomic():
        output = load(abstracts=40)
        yield {"output": output, "folder": folder}
        transaction.set_rollback(True)


@pytest.fixture
def sample(stored, db, settings):
    settings.FIGURES_ROOT = stored["folder"]
    return stored


@pytest.fixture
def current(sample) -> Meeting:
    return Meeting.objects.newest_first().first()


def level(abstract: Abstract, at: dt.datetime, viewer: Viewer = ANONYMOUS) -> Level:
    row = Abstract.objects.visible_to(viewer, at).filter(pk=abstract.pk).first()
    return Level(row.level) if row else Level.HIDDEN


def of_tier(meeting: Meeting, tier: str) -> Abstract:
    return Abstract.unfiltered.filter(
        meeting=meeting, tier__name=tier, status=Status.PUBLISHED, override_released_from=None
    ).first()


def test_every_status(sample):
    statuses = Counter(Abstract.unfiltered.values_list("status", flat=True))
    assert set(statuses) == set(Status)
    assert (statuses[Status.WITHDRAWN], statuses[Status.RETRACTED], statuses[Status.CORRECTED]) == (2, 1, 1)
    odd = Abstract.unfiltered.filter(status__in=[Status.WITHDRAWN, Status.RETRACTED, Status.CORRECTED])
    assert not odd.filter(status_note="").exists()


def test_every_shape_of_number(sample):
    numbers = [*Abstract.unfiltered.values_list("number", flat=True)]
    shapes = {re.sub(r"\d", "0", number or "none") for number in numbers}
    assert shapes == {"0000", "L00", "LB00", "PP00", "0", "none"}


def test_every_type_of_session_over_four_days_and_one_without_a_time(sample):
    past = Meeting.objects.get(slug=f"sample-convergence-{timezone.now().astimezone(ZONE).year - 1}")
    sessions = Session.objects.filter(meeting=past)
    assert set(sessions.values_list("type", flat=True)) == {
        "Plenary Session", "Abstract Session", "Ultrasound Session", "Ignite Talk", "Poster Session A",
        "Poster Session B", "Poster Session C", "Late-Breaking Abstract Session", "Late-Breaking Poster Session",
        "Patient Perspectives", "Published Only",
    }  # fmt: skip
    assert len(set(sessions.exclude(date=None).values_list("date", flat=True))) == 4
    assert sessions.filter(date=None).count() == 1


def test_some_are_presented_twice(sample):
    twice = Counter(Presentation.unfiltered.values_list("abstract", flat=True))
    assert set(twice.values()) == {1, 2}


def test_bylines_keywords_and_sections_are_linked(sample):
    crowded = Counter(AuthorLine.unfiltered.values_list("abstract", flat=True)).most_common(1)[0]
    assert crowded[1] == 65
    links = AuthorAffiliation.unfiltered.filter(author__abstract=crowded[0])
    assert len(set(links.values_list("affiliation__position", flat=True))) == 58
    assert AuthorLine.unfiltered.filter(is_group=True, link=None).exists()
    shouted = [x for x in AuthorLine.unfiltered.select_related("person") if x.name.isupper()]
    assert shouted
    assert all(x.person.name != x.name for x in shouted)
    assert KeywordSynonym.objects.get(name="SLE").keyword.name == "Systemic lupus erythematosus (SLE)"
    assert AbstractKeyword.unfiltered.exists()
    assert Section.unfiltered.filter(html__contains="<table>").exists()


def test_figures_are_images_with_renditions_and_alternative_text(sample):
    figures = Figure.unfiltered.exclude(image="")
    assert figures
    assert not Figure.unfiltered.filter(alt="").exists()
    for figure in figures:
        with figure.image.open() as file:
            assert Image.open(file).size == (figure.width, figure.height) == (WIDTH, HEIGHT)
    assert Rendition.unfiltered.count() == len(figures)
    assert Figure.unfiltered.filter(image="").exists()


def test_the_menu_has_something_to_order_and_to_fold(sample):
    year = timezone.now().astimezone(ZONE).year
    names = list(Meeting.objects.newest_first().values_list("name", "menu_group"))
    assert names[0] == (f"Sample Convergence {year}", "")
    assert [name for name, group in names if group == "2020–2009 Meetings"] == [
        "Sample Convergence 2020", "Sample Annual Meeting 2012",
    ]  # fmt: skip


def test_the_past_meeting_is_open_but_for_the_draft(sample, current):
    past = Abstract.unfiltered.exclude(meeting=current)
    levels = Counter(level(abstract, timezone.now()) for abstract in past)
    assert set(levels) == {Level.FULL, Level.LISTED, Level.HIDDEN}
    assert levels[Level.LISTED] == past.filter(status=Status.WITHDRAWN).count()
    assert levels[Level.HIDDEN] == past.filter(status=Status.DRAFT).count() == 1


@pytest.mark.parametrize(
    ("tier", "before"), [("Late-breaking posters", Level.LISTED), ("Late-breaking abstracts", Level.SHELL)]
)
def test_a_visitor_can_watch_the_late_breaking_embargo_lift(current, tier, before):
    abstract = of_tier(current, tier)
    assert dt.timedelta(0) < abstract.released_from - abstract.created_at <= dt.timedelta(minutes=11)
    assert level(abstract, abstract.released_from - SECOND) == before
    assert level(abstract, abstract.released_from) == Level.FULL


def test_regular_abstracts_were_listed_and_then_released(current):
    abstract = of_tier(current, "Regular")
    assert level(abstract, abstract.listed_from - SECOND) == Level.HIDDEN
    assert level(abstract, abstract.released_from - SECOND) == Level.LISTED
    assert level(abstract, timezone.now()) == Level.FULL


def test_plenary_abstracts_are_shells_until_their_session_starts(current):
    abstract = of_tier(current, "Plenary")
    session = Session.objects.get(presentation__abstract=abstract)
    assert timezone.now() < session.starts_at == abstract.released_from
    assert level(abstract, timezone.now()) == Level.SHELL
    assert level(abstract, session.starts_at) == Level.FULL


def test_a_clock_time_on_the_day_of_the_session(current):
    abstract = of_tier(current, "Day of presentation")
    session = Session.objects.get(presentation__abstract=abstract)
    assert abstract.released_from == dt.datetime.combine(session.date, dt.time(6), current.zone)


def test_one_abstract_has_an_embargo_of_its_own_and_one_is_hidden(current):
    own = Abstract.unfiltered.get(meeting=current, override_released_from__isnull=False)
    assert level(own, timezone.now()) == Level.LISTED
    assert level(own, own.override_released_from) == Level.FULL
    held = of_tier(current, "Held")
    assert level(held, timezone.now() + dt.timedelta(days=9999)) == Level.HIDDEN
    assert level(held, timezone.now(), Viewer(Role.PRESS)) == Level.FULL


def test_the_current_meeting_is_now_with_its_policy_and_news_embargo(current):
    today = timezone.now().astimezone(current.zone).date()
    assert current.starts_on <= today <= current.ends_on
    assert current.news_embargo_at.date() - today == dt.timedelta(days=1)
    assert "<h2>" in current.embargo_policy
    assert page_html(current.embargo_policy) == current.embargo_policy


def test_it_says_what_was_made_where_to_look_and_when_the_embargo_lifts(sample, current):
    abstract = Abstract.unfiltered.get(meeting=current, number="L01")
    local = abstract.released_from.astimezone(current.zone)
    assert f"6 meetings, {Session.objects.count()} sessions" in sample["output"]
    assert f"https://abstracts.example.org/meetings/{current.slug}/\n" in sample["output"]
    assert f"released {local:%Y-%m-%d %I:%M %p %Z}, first:" in sample["output"]
    assert f"/meetings/{current.slug}/L01/" in sample["output"]


def test_the_addresses_it_tells_answer(client, sample):
    for address in re.findall(r"https://abstracts\.example\.org(\S+)", sample["output"]):
        held = Abstract.unfiltered.filter(tier__name="Held").get().number
        expected = 404 if address.endswith(f"/{held}/") else 200
        assert client.get(address, follow=True).status_code == expected, address


def test_a_former_address_leads_on(client, sample):
    renamed = Abstract.unfiltered.get(slugredirect__isnull=False)
    response = client.get(f"/abstract/preliminary-{renamed.slug}/")
    assert response.status_code == 301
    assert response["Location"] == f"/abstract/{renamed.slug}/"


# Loading again, and what is not touched


def state() -> list:
    models = (Meeting, Abstract, Section, AuthorLine, Person, Keyword, Figure, Rendition, get_user_model())
    return [getattr(m, "unfiltered", m.objects).count() for m in models] + [ArchiveState.current_revision()]


def test_a_second_run_changes_nothing(sample):
    before = state()
    assert "here already; nothing was changed" in load(abstracts=40)
    assert state() == before


def test_reset_builds_the_sample_anew_and_leaves_the_rest(sample, settings, django_capture_on_commit_callbacks):
    other = whole_abstract(meeting__name="Real Meeting 2025", title="Real one")
    AbstractKeywordFactory(abstract=other, keyword=Keyword.objects.get(name="Gout"), position=9)
    AuthorLineFactory(abstract=other, person=AuthorLine.unfiltered.exclude(person=None).first().person, position=9)
    files = set(settings.FIGURES_ROOT.rglob("*.*"))
    before, gone = state(), Abstract.unfiltered.filter(number="L01").latest("released_from")
    with django_capture_on_commit_callbacks(execute=True):
        load("--reset", abstracts=40)
    assert state()[:-1] == before[:-1]
    assert not Abstract.unfiltered.filter(pk=gone.pk).exists()
    assert Section.unfiltered.filter(abstract=other).count() == 4
    assert AuthorLine.unfiltered.filter(abstract=other).count() == 3
    assert AbstractKeyword.unfiltered.filter(abstract=other).count() == 3
    now_there = set(settings.FIGURES_ROOT.rglob("*.*"))
    assert len(now_there) == len(files)
    assert not now_there & files


# Sign-ins and pages


def passwords(output: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+@example\.org)\s+([a-z0-9]{14})\s", output))


def test_no_users_unless_asked_for(sample):
    assert "No demo users" in sample["output"]
    assert not get_user_model().objects.exists()


def test_demo_users_sign_in_at_once_and_see_what_they_may(client, sample):
    told = passwords(load("--with-users"))
    assert set(told) == {"staff@example.org", "press@example.org", "reader@example.org"}
    held = Abstract.unfiltered.filter(tier__name="Held").get()
    for email, status in (("staff@example.org", 200), ("press@example.org", 200), ("reader@example.org", 404)):
        response = client.post(reverse("account_login"), {"login": email, "password": told[email]})
        assert response.status_code == 302, email
        assert client.get(f"/abstract/{held.slug}/").status_code == status
        client.logout()
    assert not EmailAddress.objects.exclude(verified=True).exists()
    staff = get_user_model().objects.get(is_staff=True)
    assert staff.email == "staff@example.org"
    assert not staff.is_superuser
    assert [group.name for group in staff.groups.all()] == ["Curators"]


def test_passwords_stay_unless_new_ones_are_asked_for(sample):
    first = passwords(load("--with-users"))
    assert passwords(load("--with-users")) == {}
    reader = get_user_model().objects.get(email="reader@example.org")
    assert reader.check_password(first[reader.email])
    second = passwords(load("--with-users", "--new-passwords"))
    reader.refresh_from_db()
    assert not reader.check_password(first[reader.email])
    assert reader.check_password(second[reader.email])


def test_an_account_that_somebody_has_is_not_made_staff(sample):
    user = get_user_model().objects.create_user("Staff@example.org", "their-own")
    load("--with-users")
    user.refresh_from_db()
    assert not user.is_staff
    assert user.check_password("their-own")


@override_settings(DEBUG=True)
def test_users_are_made_where_debug_is_on(sample):
    assert len(passwords(load())) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["privacy", "permissions", "accessibility"])
def test_the_pages_of_the_footer_are_there_on_an_empty_site(client, slug):
    page = Page.objects.get(slug=slug)
    assert page_html(page.html) == page.html
    assert page.get_absolute_url() in client.get("/").content.decode()
    assert client.get(page.get_absolute_url()).status_code == 200
