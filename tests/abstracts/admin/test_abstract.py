"""The page on which an abstract is edited."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from abstracts.models import (
    Abstract,
    Affiliation,
    ArchiveState,
    AuthorAffiliation,
    AuthorLine,
    Figure,
    Person,
    PersonName,
    Section,
    SlugRedirect,
)
from tests import factories

from .posting import add_row, answer, edit, fields_of, png

pytestmark = pytest.mark.django_db
FORM = "abstract_form"


def url_of(abstract) -> str:
    return reverse("admin:abstracts_abstract_change", args=[abstract.pk])


def texts(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def authors_of(abstract) -> list[tuple[int, str]]:
    return list(AuthorLine.unfiltered.filter(abstract=abstract).order_by("position").values_list("position", "name"))


def numbers_of(line) -> list[int]:
    return list(
        AuthorAffiliation.unfiltered.filter(author=line)
        .order_by("affiliation__position")
        .values_list("affiliation__position", flat=True)
    )


def test_saving_an_untouched_form_changes_nothing(boss):
    abstract = factories.whole_abstract()
    before = [list(model.unfiltered.order_by("pk").values()) for model in (AuthorLine, Affiliation, Section, Figure)]
    response = edit(boss, url_of(abstract), FORM)
    assert response.redirect_chain
    assert [list(m.unfiltered.order_by("pk").values()) for m in (AuthorLine, Affiliation, Section, Figure)] == before
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def test_the_page_takes_a_fixed_number_of_queries(boss, django_assert_num_queries):
    small, large = factories.whole_abstract(authors=1, keywords=1), factories.whole_abstract(authors=9, keywords=5)
    boss.get(url_of(small))
    with django_assert_num_queries(16):
        boss.get(url_of(small))
    with django_assert_num_queries(16):
        boss.get(url_of(large))


def test_an_edit_is_logged_with_history_and_a_new_revision(boss):
    abstract = factories.AbstractFactory(title="Before")
    revision = ArchiveState.current_revision()
    edit(boss, url_of(abstract), FORM, title="After <i>it</i>")
    abstract = Abstract.unfiltered.get()
    assert (abstract.title, abstract.title_text) == ("After <i>it</i>", "After it")
    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "Changed Title."
    assert entry.user.is_staff
    newest, *_, oldest = abstract.history.unfiltered.order_by("-history_id")
    assert (newest.title, oldest.title) == ("After <i>it</i>", "Before")
    assert newest.history_user == entry.user
    assert ArchiveState.current_revision() > revision


def test_a_form_that_moves_the_embargo_leaves_one_row_in_history(boss):
    tier = factories.TierFactory(release_rule="session_start")
    abstract = factories.AbstractFactory(meeting=tier.meeting, tier=tier, title="Before")
    first, later = (factories.SessionFactory(meeting=tier.meeting, date=dt.date(2099, 10, day)) for day in (24, 25))
    factories.PresentationFactory(abstract=abstract, session=first)
    count = abstract.history.unfiltered.count()
    edit(boss, url_of(abstract), FORM, title="After", **{"presentation-0-session": str(later.pk)})
    assert abstract.history.unfiltered.count() == count + 1
    changed, before, *_ = abstract.history.unfiltered.order_by("-history_id")
    assert (changed.title, changed.released_from) == ("After", later.starts_at)
    assert (before.title, before.released_from) == ("Before", first.starts_at)


def test_a_deleted_author_is_in_history_with_the_stored_position(boss):
    abstract = factories.whole_abstract(authors=2)
    first = AuthorLine.unfiltered.get(abstract=abstract, position=0)
    edit(boss, url_of(abstract), FORM, **{"authorline-0-DELETE": "on", "authorline-1-position": "0"})
    deletion = AuthorLine.history.unfiltered.get(history_type="-")
    assert (deletion.id, deletion.position, deletion.name) == (first.pk, 0, first.name)
    assert "Deleted author line" in LogEntry.objects.get().get_change_message()


def test_a_changed_slug_leaves_a_redirect(boss):
    abstract = factories.AbstractFactory(slug="old-words")
    edit(boss, url_of(abstract), FORM, slug="new-words")
    assert SlugRedirect.unfiltered.get().slug == "old-words"


def test_a_message_says_what_sanitizing_removed(boss):
    abstract = factories.whole_abstract()
    response = edit(
        boss,
        url_of(abstract),
        FORM,
        **{
            "section-0-html": '<p onclick="x()">Fine</p><script>bad()</script> if P<0.05 and a<b',
            "title": "A <u>b</u>",
        },
    )
    messages = texts(response)
    assert "removed: onclick of <p>" in messages
    assert "<script>" in messages
    assert "some text" in messages
    assert "<u>" in messages
    html = Section.unfiltered.filter(abstract=abstract).first().html
    assert "onclick" not in html
    assert "bad()" not in html


def test_clean_text_raises_no_warning(boss):
    abstract = factories.whole_abstract()
    fields = {"section-0-html": "<p>P &lt; 0.05,<br>a&nbsp;b &amp; c</p>"}
    assert "removed:" not in texts(edit(boss, url_of(abstract), FORM, **fields))


def test_two_authors_swap_places(boss):
    abstract = factories.whole_abstract(authors=3)
    names = [name for _, name in authors_of(abstract)]
    edit(boss, url_of(abstract), FORM, **{"authorline-0-position": "1", "authorline-1-position": "0"})
    assert authors_of(abstract) == [(0, names[1]), (1, names[0]), (2, names[2])]


def test_an_author_typed_at_a_used_position_moves_the_others_down(boss):
    abstract = factories.whole_abstract(authors=3)
    names = [name for _, name in authors_of(abstract)]
    row = add_row(boss, url_of(abstract), FORM, "authorline", position="1", name="New Comer", affiliations="1")
    edit(boss, url_of(abstract), FORM, **row)
    assert authors_of(abstract) == [(0, names[0]), (1, "New Comer"), (2, names[1]), (3, names[2])]
    assert numbers_of(AuthorLine.unfiltered.get(name="New Comer")) == [1]


@pytest.mark.parametrize(
    ("typed", "order"),
    [({0: 1}, "BACD"), ({0: 3}, "BCDA"), ({3: 0}, "DABC"), ({0: 2, 1: 2}, "CDAB"), ({2: ""}, "ABDC"), ({0: 9}, "BCDA")],
)
def test_an_author_moves_to_the_typed_position_and_the_others_keep_their_order(boss, typed, order):
    abstract = factories.AbstractFactory()
    for position, name in enumerate("ABCD"):
        factories.AuthorLineFactory(abstract=abstract, position=position, name=name)
    edit(boss, url_of(abstract), FORM, **{f"authorline-{row}-position": str(place) for row, place in typed.items()})
    assert "".join(name for _, name in authors_of(abstract)) == order


def test_rows_without_a_place_go_to_the_end(boss):
    abstract = factories.whole_abstract(authors=1)
    rows = add_row(boss, url_of(abstract), FORM, "authorline", position="", name="Last", affiliations="2") | add_row(
        boss, url_of(abstract), FORM, "affiliation", position="", text="New Institute"
    )
    edit(boss, url_of(abstract), FORM, **rows)
    assert authors_of(abstract)[-1] == (1, "Last")
    assert numbers_of(AuthorLine.unfiltered.get(name="Last")) == [2]
    assert Affiliation.unfiltered.get(position=2).text == "New Institute"


def test_a_deleted_author_frees_the_position(boss):
    abstract = factories.whole_abstract(authors=2)
    names = [name for _, name in authors_of(abstract)]
    edit(boss, url_of(abstract), FORM, **{"authorline-0-DELETE": "on", "authorline-1-position": "0"})
    assert authors_of(abstract) == [(0, names[1])]


def test_affiliations_are_typed_as_numbers(boss):
    abstract = factories.whole_abstract(authors=2)
    row = add_row(boss, url_of(abstract), FORM, "affiliation", position="2", text="Second Institute")
    edit(boss, url_of(abstract), FORM, **row, **{"authorline-0-affiliations": "1, 2", "authorline-1-affiliations": ""})
    first, second = AuthorLine.unfiltered.filter(abstract=abstract).order_by("position")
    assert numbers_of(first) == [1, 2]
    assert numbers_of(second) == []
    page = boss.get(url_of(abstract)).content.decode()
    assert fields_of(page, FORM)["authorline-0-affiliations"] == "1, 2"


def test_swapped_numbers_leave_untouched_authors_with_their_affiliations(boss):
    abstract = factories.AbstractFactory()
    one = factories.AffiliationFactory(abstract=abstract, position=1, text="One")
    factories.AffiliationFactory(abstract=abstract, position=2, text="Two")
    line = factories.AuthorLineFactory(abstract=abstract)
    factories.AuthorAffiliationFactory(author=line, affiliation=one)
    edit(boss, url_of(abstract), FORM, **{"affiliation-0-position": "2", "affiliation-1-position": "1"})
    assert numbers_of(line) == [2]
    assert AuthorAffiliation.unfiltered.get(author=line).affiliation.text == "One"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("authorline-0-affiliations", "7", "There is no affiliation 7."),
        ("authorline-0-affiliations", "one", "Write the numbers of affiliations"),
        ("authorline-0-affiliations", "99999999999999999999", "no affiliation with such a number"),
        ("authorline-0-position", "70000", "less than or equal to 9999"),
        ("authorline-0-position", "-1", "greater than or equal to 0"),
        ("authorline-0-orcid", "123", "0000-0002-1825-0097"),
        ("affiliation-0-position", "0", "greater than or equal to 1"),
        ("affiliation-0-position", "99999", "less than or equal to 9999"),
        ("presentation-0-session", "999999", "Select a valid choice"),
        ("doi", "nonsense", "10.1002"),
        ("override_released_from_0", "2025-10-25", "both a date and a time"),
        ("override_listing_level", "30", "Say from when it shows."),
        ("status", "withdrawn", "Readers need a note"),
        ("number", "x" * 41, "at most 40"),
        ("legacy_id", "-4", "greater than or equal to 0"),
    ],
)
def test_bad_input_is_a_message(boss, field, value, message):
    abstract = factories.whole_abstract()
    response = edit(boss, url_of(abstract), FORM, **{field: value})
    assert response.status_code == 200
    assert not response.redirect_chain
    assert message in response.content.decode()


def test_two_affiliations_with_one_number_are_refused(boss):
    abstract = factories.whole_abstract()
    row = add_row(boss, url_of(abstract), FORM, "affiliation", position="1", text="Another")
    assert "Two affiliations have the number 1" in edit(boss, url_of(abstract), FORM, **row).content.decode()


def test_a_number_taken_in_the_meeting_is_refused(boss):
    other = factories.AbstractFactory(number="0001")
    abstract = factories.AbstractFactory(meeting=other.meeting, tier=other.tier, number="0002")
    response = edit(boss, url_of(abstract), FORM, number=" 0001 ")
    assert response.status_code == 200
    assert not response.redirect_chain


def test_a_blank_person_is_found_by_the_normalised_name(boss):
    person = factories.PersonFactory(given="Zoë", family="Invented")
    PersonName(person=person, name="Zoë Invented").save()
    abstract = factories.AbstractFactory()
    row = add_row(boss, url_of(abstract), FORM, "authorline", position="0", name="ZOE INVENTED")
    edit(boss, url_of(abstract), FORM, **row)
    assert AuthorLine.unfiltered.get().person == person


def test_a_blank_person_is_found_by_orcid_or_made(boss):
    person = factories.PersonFactory(orcid="0000-0002-1825-0097")
    abstract = factories.AbstractFactory()
    url = url_of(abstract)
    edit(boss, url, FORM, **add_row(
        boss, url, FORM, "authorline", position="0", name="Other Name", orcid="0000-0002-1825-0097"))  # fmt: skip
    edit(
        boss,
        url,
        FORM,
        **add_row(boss, url, FORM, "authorline", position="1", name="No Body", family="Body", given="No"),
    )
    first, second = AuthorLine.unfiltered.order_by("position")
    assert first.person == person
    assert str(second.person) == "Body, No"
    assert PersonName.unfiltered.get(person=second.person).key == "no body"
    assert Person.unfiltered.count() == 2


def test_an_abstract_can_be_added_with_its_byline(boss):
    tier = factories.TierFactory()
    url = reverse("admin:abstracts_abstract_add")
    rows = add_row(boss, url, FORM, "affiliation", position="1", text="Institute") | add_row(
        boss, url, FORM, "authorline", position="0", name="A. New", affiliations="1"
    )
    response = edit(
        boss, url, FORM, meeting=str(tier.meeting_id), tier=str(tier.pk), title="New one", number="7",
        override_released_from_0="2099-07-01", override_released_from_1="09:00:00", **rows,
    )  # fmt: skip
    response = answer(boss, response)
    abstract = Abstract.unfiltered.get()
    assert abstract.override_released_from == dt.datetime(2099, 7, 1, 14, tzinfo=dt.UTC)
    assert numbers_of(AuthorLine.unfiltered.get()) == [1]
    assert "The public now sees nothing." in texts(response)


def test_another_meetings_tier_is_refused(boss):
    tier, meeting = factories.TierFactory(), factories.MeetingFactory()
    url = reverse("admin:abstracts_abstract_add")
    response = edit(boss, url, FORM, meeting=str(meeting.pk), tier=str(tier.pk), title="T")
    assert "This tier belongs to another meeting." in response.content.decode()


def test_overrides_are_in_the_meetings_zone(boss):
    abstract = factories.AbstractFactory(embargoed=True)
    edit(boss, url_of(abstract), FORM, override_released_from_0="2099-01-02", override_released_from_1="09:30:00")
    abstract.refresh_from_db()
    assert abstract.released_from == dt.datetime(2099, 1, 2, 15, 30, tzinfo=dt.UTC)
    page = boss.get(url_of(abstract)).content.decode()
    assert fields_of(page, FORM)["override_released_from_1"] == "09:30:00"
    assert "Time in America/Chicago" in page
    assert "Jan 2, 2099, 9:30 AM CST (Jan 2, 2099, 3:30 PM UTC)" in page
    assert "The public now sees nothing. From Jan 2, 2099, 9:30 AM CST" in page


@pytest.mark.parametrize(
    ("date", "time", "utc"),
    [
        ("2099-03-08", "02:30:00", dt.datetime(2099, 3, 8, 8, 30, tzinfo=dt.UTC)),  # clocks jump over it
        ("2099-11-01", "01:30:00", dt.datetime(2099, 11, 1, 7, 30, tzinfo=dt.UTC)),  # it comes twice
    ],
)
def test_skipped_and_repeated_clock_times_mean_the_later_instant(boss, date, time, utc):
    abstract = factories.AbstractFactory(embargoed=True)
    edit(boss, url_of(abstract), FORM, override_released_from_0=date, override_released_from_1=time)
    abstract.refresh_from_db()
    assert abstract.released_from == utc


def test_a_figure_is_uploaded(boss):
    abstract = factories.AbstractFactory()
    row = add_row(boss, url_of(abstract), FORM, "figure", position="0", label="Figure 1", caption="C")
    upload = SimpleUploadedFile("course.png", png(), "image/png")
    edit(boss, url_of(abstract), FORM, files={"figure-0-upload": upload}, **row)
    figure = Figure.unfiltered.get()
    assert (figure.width, figure.height, figure.original_name) == (600, 300, "course.png")
    assert figure.image.storage.exists(figure.image.name)
    assert "course.png, 600 × 300" in boss.get(url_of(abstract)).content.decode()


@pytest.mark.parametrize("data", [b"no image at all", png()[:60], b""])
def test_an_upload_that_is_not_an_image_is_a_message(boss, data):
    abstract = factories.AbstractFactory()
    row = add_row(boss, url_of(abstract), FORM, "figure", position="0", label="Figure 1")
    upload = SimpleUploadedFile("course.png", data, "image/png")
    response = edit(boss, url_of(abstract), FORM, files={"figure-0-upload": upload}, **row)
    assert response.status_code == 200
    assert not response.redirect_chain
    assert not Figure.unfiltered.exists()


def test_view_on_site_leads_to_the_public_page(boss):
    draft = factories.AbstractFactory(draft=True)
    page = boss.get(url_of(draft)).content.decode()
    assert "View on site" in page
    way = reverse("admin:view_on_site", args=[ContentType.objects.get_for_model(Abstract).pk, draft.pk])
    assert boss.get(way)["Location"].endswith(f"/abstract/{draft.slug}/")
    assert boss.get(draft.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("0042", 1),
        ("tocilizumab", 1),
        ("ERDOS", 1),
        ("sjogren", 1),
        ("sjögren erdős", 1),
        ("erdos nobody", 0),
        ("%", 0),
    ],
)
def test_search_by_number_title_and_author(boss, query, found):
    abstract = factories.AbstractFactory(number="0042", title="Tocilizumab in Sjögren's")
    factories.AuthorLineFactory(abstract=abstract, name="Pál Erdős", family="Erdős", given="Pál")
    factories.AbstractFactory(number="0043", title="Something else")
    response = boss.get(reverse("admin:abstracts_abstract_changelist"), {"q": query})
    assert response.context["cl"].result_count == found


def test_list_filters(boss):
    hidden = factories.AbstractFactory(embargoed=True)
    factories.AbstractFactory(shell=True)
    factories.AbstractFactory(listing=True)
    factories.AbstractFactory()
    factories.AbstractFactory(tier=None)
    factories.PresentationFactory(abstract=hidden)
    url = reverse("admin:abstracts_abstract_changelist")

    def found(**query):
        return boss.get(url, query).context["cl"].result_count

    assert [found(embargo=s) for s in ("hidden", "shell", "listed", "released", "held")] == [1, 1, 1, 1, 1]
    assert found(session_type="Poster Session") == 1
    assert found(tier_name=hidden.tier.name) == 1
    assert found(tier_name="-") == 1
    assert found(meeting__id__exact=hidden.meeting_id) == 1
    assert found(status__exact="draft") == 0


def test_the_list_shows_state_and_release_in_the_meetings_zone(boss):
    factories.AbstractFactory(embargoed=True)
    page = boss.get(reverse("admin:abstracts_abstract_changelist")).content.decode()
    assert "Hidden" in page
    assert "Jan 1, 2099, 9:00 AM CST" in page


def test_suggestions_stay_within_the_meeting(boss):
    ours, other = factories.SessionFactory(title="Ours"), factories.SessionFactory(title="Theirs")
    query = {"app_label": "abstracts", "model_name": "presentation", "field_name": "session", "term": ""}
    answer = boss.get(reverse("admin:autocomplete"), query | {"meeting": ours.meeting_id}).json()
    assert [row["text"] for row in answer["results"]] == ["Ours"]
    assert len(boss.get(reverse("admin:autocomplete"), query).json()["results"]) == 2
    for tampered in ("x", "-1", "1\0", "9" * 30):
        assert boss.get(reverse("admin:autocomplete"), query | {"meeting": tampered}).status_code == 400
    assert boss.get(reverse("admin:autocomplete"), query | {"term": "\x00their"}).json()["results"][0]["id"] == str(
        other.pk
    )


def test_the_history_of_an_abstract_outlives_its_session(boss):
    presentation = factories.PresentationFactory()
    presentation.session.delete()
    page = boss.get(reverse("admin:abstracts_abstract_history", args=[presentation.abstract_id]))
    assert "Presentation: id" in page.content.decode()


def test_former_states_are_read_not_restored(boss, client):
    abstract = factories.AbstractFactory(title="First words")
    edit(boss, url_of(abstract), FORM, title="Second words")
    page = boss.get(reverse("admin:abstracts_abstract_history", args=[abstract.pk])).content.decode()
    assert "First words" in page
    assert "style=" not in page
    oldest = abstract.history.unfiltered.earliest("history_id")
    former = reverse("admin:abstracts_abstract_simple_history", args=[abstract.pk, oldest.pk])
    page = boss.get(former).content.decode()
    assert "First words" in page
    assert "<form" not in page.split('id="content"')[1]
    assert boss.post(former, {"title": "Restored"}).status_code == 403
    abstract.refresh_from_db()
    assert abstract.title == "Second words"
