"""The invented meetings: every shape and state is in them, all of it invented; and who signs in to look at them."""

import datetime as dt
import io
import re
from collections import Counter

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
    Affiliation,
    ArchiveState,
    AuthorAffiliation,
    AuthorLine,
    Figure,
    ImportRun,
    Keyword,
    KeywordSynonym,
    Meeting,
    Page,
    Person,
    Presentation,
    Rendition,
    Section,
    Session,
    SlugRedirect,
)
from abstracts.sample.loading import ZONE
from abstracts.visibility import ANONYMOUS, Level, Role, Status, Viewer
from abstracts.words.text import page_html, plain_text
from tests.shared_data import REAL_SHEET, needs_shared_data

SECOND = dt.timedelta(seconds=1)


def load(*args, **options) -> str:
    out = io.StringIO()
    call_command("load_sample", *args, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def stored(django_db_setup, django_db_blocker, tmp_path_factory):
    """The sample, loaded once for the module's tests and rolled back after them."""
    folder = tmp_path_factory.mktemp("figures")
    with django_db_blocker.unblock(), override_settings(FIGURES_ROOT=folder), transaction.atomic():
        output = load()
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


# Shapes


def test_the_importer_has_nothing_to_say_of_it(sample):
    run = ImportRun.unfiltered.get()
    assert run.counts["new"] == run.counts["rows"] == Abstract.unfiltered.count()
    assert [row for row in run.report["rows"] if "messages" in row] == []
    assert run.report["notes"] == []


def test_some_two_hundred_abstracts_with_different_titles_and_texts(sample):
    sizes = Counter(Abstract.unfiltered.values_list("meeting__slug", flat=True))
    assert sorted(sizes.values()) == [4, 4, 4, 5, 82, 113]
    titles = Abstract.unfiltered.values_list("title", flat=True)
    assert len(set(titles)) == len(titles)
    results = Section.unfiltered.filter(label="Results").values_list("html", flat=True)
    assert len(set(results)) == len(results)


def test_every_shape_of_byline(sample):
    sizes = Counter(Counter(AuthorLine.unfiltered.values_list("abstract", flat=True)).values())
    assert (min(sizes), max(sizes)) == (1, 65)
    assert len(sizes) > 12
    assert max(Counter(Affiliation.unfiltered.values_list("abstract", flat=True)).values()) == 58
    assert max(Counter(AuthorAffiliation.unfiltered.values_list("author", flat=True)).values()) == 2
    authors = AuthorLine.unfiltered.all()
    assert authors.filter(is_group=False, link=None).exists()
    assert authors.filter(is_group=True, link=None).exists()
    assert authors.exclude(orcid="").exists()
    assert authors.filter(family__endswith=" Jr.").exists()
    assert not authors.filter(family="", is_group=False).exists()
    presenters = authors.filter(is_presenter=True).values_list("abstract", flat=True)
    assert sorted(presenters) == sorted(Abstract.unfiltered.values_list("pk", flat=True))
    names = " ".join(authors.values_list("name", flat=True))
    assert all(part in names for part in ("van der", "-", "ñ", "ø", "ğ", "al-", "d'", "O'"))


def test_names_in_capitals_belong_to_the_person_of_the_plain_name(sample):
    shouted = [x for x in AuthorLine.unfiltered.select_related("person") if x.name.isupper()]
    assert len(shouted) > 20
    assert not any(x.person.name.isupper() for x in shouted)
    assert not any(name.isupper() or name.islower() for name in Person.unfiltered.values_list("name", flat=True))


def test_titles_from_short_to_292_characters_with_marks_and_greek(sample):
    titles = Abstract.unfiltered.values_list("title", flat=True)
    assert max(len(plain_text(t)) for t in titles) == 292
    assert min(len(plain_text(t)) for t in titles) < 40
    together = "".join(titles)
    assert all(mark in together for mark in ("<i>", "<em>", "<sub>", "<sup>", "α", "γ", "≥", "±", "×"))


def test_every_shape_of_text(sample):
    assert set(Section.unfiltered.values_list("label", flat=True)) == {
        "", "Background/Purpose", "Methods", "Results", "Conclusion", "Intervention", "Maintenance", "Quality of life",
    }  # fmt: skip
    texts = "".join(Section.unfiltered.values_list("html", flat=True))
    assert '<th scope="row">' in texts
    assert max(head.count("<th ") for head in re.findall(r"<thead>.*?</thead>", texts)) == 13
    assert not re.search(r"[{}]|\.\.|  | ,", texts)


def test_keywords_and_their_synonyms(sample):
    assert 70 <= Keyword.unfiltered.count() <= 130
    assert not Keyword.unfiltered.filter(abstractkeyword=None).exists()
    assert KeywordSynonym.unfiltered.get(name="SLE").keyword.name == "Systemic lupus erythematosus (SLE)"
    assert KeywordSynonym.unfiltered.count() == 8


def test_disclosures_name_everybody_but_groups(sample):
    people = Counter(AuthorLine.unfiltered.filter(is_group=False).values_list("abstract", flat=True))
    for pk, disclosures in Abstract.unfiltered.values_list("pk", "disclosures"):
        assert disclosures.count(";") + 1 == people[pk]


def test_every_status(sample):
    statuses = Counter(Abstract.unfiltered.values_list("status", flat=True))
    assert set(statuses) == set(Status)
    assert (statuses[Status.WITHDRAWN], statuses[Status.RETRACTED], statuses[Status.CORRECTED]) == (2, 1, 1)


def test_every_shape_of_number(sample):
    numbers = [*Abstract.unfiltered.values_list("number", flat=True)]
    shapes = {re.sub(r"\d", "0", number or "none") for number in numbers}
    assert shapes == {"0000", "L00", "LB00", "PP00", "0", "00", "none"}


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


def test_figures_are_images_with_renditions_and_alternative_text(sample):
    figures = Figure.unfiltered.exclude(image="")
    assert len(figures) > 50
    for figure in figures:
        with figure.image.open() as file:
            assert Image.open(file).size == (figure.width, figure.height) == (960, 620)
    assert Rendition.unfiltered.count() == len(figures)
    assert Figure.unfiltered.filter(image="").count() == 1
    assert max(Counter(Figure.unfiltered.values_list("abstract", flat=True)).values()) == 5
    assert not Figure.unfiltered.filter(alt="").exists()


def test_the_menu_has_something_to_order_and_to_fold(sample):
    year = timezone.now().astimezone(ZONE).year
    names = list(Meeting.objects.newest_first().values_list("name", "menu_group"))
    assert names[0] == (f"Sample Convergence {year}", "")
    assert [name for name, group in names if group == "2020–2009 Meetings"] == [
        "Sample Convergence 2020", "Sample Annual Meeting 2012",
    ]  # fmt: skip


# What visitors see


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
    session = Session.unfiltered.get(presentation__abstract=abstract)
    assert timezone.now() < session.starts_at == abstract.released_from
    assert level(abstract, timezone.now()) == Level.SHELL
    assert level(abstract, session.starts_at) == Level.FULL


def test_a_clock_time_on_the_day_of_the_session(current):
    abstract = of_tier(current, "Day of presentation")
    session = Session.unfiltered.get(presentation__abstract=abstract)
    assert abstract.released_from == dt.datetime.combine(session.date, dt.time(6), current.zone)


def test_one_abstract_has_an_embargo_of_its_own_and_one_is_hidden(current):
    own = Abstract.unfiltered.get(meeting=current, override_released_from__isnull=False)
    assert level(own, timezone.now()) == Level.LISTED
    assert level(own, own.override_released_from) == Level.FULL
    held = of_tier(current, "Held")
    assert level(held, timezone.now() + dt.timedelta(days=9999)) == Level.HIDDEN
    assert level(held, timezone.now(), Viewer(Role.PRESS, meetings=frozenset({held.meeting_id}))) == Level.FULL


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
    former = SlugRedirect.unfiltered.get()
    renamed = Abstract.unfiltered.get(pk=former.abstract_id)
    response = client.get(f"/abstract/{former.slug}/")
    assert response.status_code == 301
    assert response["Location"] == f"/abstract/{renamed.slug}/"


# Nothing in it is real


def test_identifiers_are_of_blocks_that_nobody_is_given(sample):
    assert all(
        x.startswith("0000-0000-") for x in AuthorLine.unfiltered.exclude(orcid="").values_list("orcid", flat=True)
    )
    assert all(
        x.startswith("10.99999/sample.") for x in Abstract.unfiltered.exclude(doi="").values_list("doi", flat=True)
    )
    trials = [x for abstract in Abstract.unfiltered.exclude(trial_ids="") for x in abstract.trial_id_list]
    assert trials
    assert all(x.startswith("NCT99") for x in trials)


@needs_shared_data
def test_no_text_and_no_person_of_the_real_sheet(sample):
    titles, people, runs = _of_the_sheet()
    assert not {plain_text(t).casefold() for t in Abstract.unfiltered.values_list("title", flat=True)} & titles
    assert [n for n in Person.unfiltered.values_list("name", flat=True) if n.casefold() in people] == []
    texts = Section.unfiltered.values_list("html", flat=True)
    assert {run for html in texts for run in _runs(plain_text(html)) & runs} == set()


def _of_the_sheet() -> tuple[set[str], str, set[str]]:
    """Titles, all bylines as one text, and runs of words in the abstracts."""
    with REAL_SHEET.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True)
        rows = list(book.active.iter_rows(values_only=True, min_row=2))
        book.close()
    people = "\n".join(str(row[2]) for row in rows).casefold()
    return {str(row[1]).casefold() for row in rows}, people, set().union(*(_runs(str(row[5])) for row in rows))


def _runs(text: str, length: int = 9) -> set[str]:
    """Every run of so many words in `text`."""
    words = re.findall(r"[a-z]+", text.lower())
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}


# Loading again


def state() -> list:
    models = (Meeting, Abstract, Section, AuthorLine, Person, Keyword, Figure, Rendition, get_user_model())
    return [getattr(m, "unfiltered", m.objects).count() for m in models] + [ArchiveState.current_revision()]


def test_a_second_run_changes_nothing(sample):
    before = state()
    assert "here already; nothing was changed" in load()
    assert state() == before


# Sign-ins and pages


def passwords(output: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+@example\.org)\s+([a-z0-9]{14})\s", output))


def test_no_users_unless_asked_for(sample):
    assert "No demo users" in sample["output"]
    assert not get_user_model().objects.exists()


def test_demo_users_sign_in_at_once_and_see_what_they_may(client, sample):
    told = passwords(load("--with-users"))
    assert set(told) == {"staff@example.org", "officer@example.org", "press@example.org", "reader@example.org"}
    held = Abstract.unfiltered.filter(tier__name="Held").get()
    for email, status in (("staff@example.org", 200), ("press@example.org", 200), ("reader@example.org", 404)):
        response = client.post(reverse("account_login"), {"login": email, "password": told[email]})
        assert response.status_code == 302, email
        assert client.get(f"/abstract/{held.slug}/").status_code == status
        client.logout()
    assert not EmailAddress.objects.exclude(verified=True).exists()
    staff = get_user_model().objects.get(is_staff=True, groups__name="Curators")
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
    assert len(passwords(load())) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["privacy", "permissions", "accessibility"])
def test_the_pages_of_the_footer_are_there_on_an_empty_site(client, slug):
    page = Page.objects.get(slug=slug)
    assert page_html(page.html) == page.html
    assert page.get_absolute_url() in client.get("/").content.decode()
    assert client.get(page.get_absolute_url()).status_code == 200
