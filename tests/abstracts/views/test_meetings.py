import datetime as dt

import pytest

from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AuthorLineFactory,
    MeetingFactory,
    PresentationFactory,
    SessionFactory,
    StaffFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return MeetingFactory(slug="forum", name="Forum of 2025", year=2025)


def get(client, query="", status=200):
    response = client.get(f"/meetings/forum/{query}")
    assert response.status_code == status
    return response.content.decode()


class TestList:
    def test_it_works(self, client):
        MeetingFactory(name="Forum of 2025")
        MeetingFactory(name="Forum of 2010", menu_group="2019–2009 Meetings")
        page = client.get("/meetings/").content.decode()
        assert "Forum of 2025" in page
        assert 'id="group-2019-2009-meetings"' in page

    def test_the_menu_leads_to_the_group(self, client):
        MeetingFactory(name="Forum of 2010", menu_group="2019–2009 Meetings")
        assert 'href="/meetings/#group-2019-2009-meetings"' in client.get("/meetings/").content.decode()

    def test_hidden_meetings_are_not_there(self, client):
        MeetingFactory(name="Secret Forum", is_published=False)
        assert "Secret Forum" not in client.get("/meetings/").content.decode()

    def test_staff_see_them(self, client):
        MeetingFactory(name="Secret Forum", is_published=False)
        client.force_login(StaffFactory())
        assert "Secret Forum" in client.get("/meetings/").content.decode()

    def test_an_empty_archive_has_a_message(self, client):
        assert "No meeting has been published yet" in client.get("/meetings/").content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(self, client, django_assert_num_queries, rows):
        MeetingFactory.create_batch(rows)
        with django_assert_num_queries(5):
            client.get("/meetings/")

    def test_long_lists_come_in_pages(self, client):
        MeetingFactory.create_batch(101)
        assert 'rel="next"' in client.get("/meetings/").content.decode()
        assert client.get("/meetings/?page=2").status_code == 200

    @pytest.mark.parametrize(("page", "status"), [("abc", 400), ("0", 400), ("-1", 400), ("9" * 30, 400), ("2", 404)])
    def test_bad_pages(self, client, page, status):
        assert client.get(f"/meetings/?page={page}").status_code == status


class TestProgram:
    def test_it_works(self, client, meeting):
        session = SessionFactory(meeting=meeting, title="Gout Posters", date=dt.date(2025, 10, 26), place="Hall 4")
        for number in ("2669", "2674", "2670"):
            PresentationFactory(abstract=AbstractFactory(meeting=meeting, number=number), session=session)
        page = get(client)
        assert "<h1>Forum of 2025</h1>" in page
        assert "Sunday, October 26, 2025" in page
        assert "10:30 AM–12:30 PM CDT" in page
        assert "Times are CDT (America/Chicago)" in page
        assert session.get_absolute_url() in page
        assert "(2669–2674)" in page
        assert "3 abstracts" in page

    def test_ranges_are_of_what_is_visible_in_natural_order(self, client, meeting):
        session = SessionFactory(meeting=meeting)
        for number, state in [("L9", {}), ("L17", {}), ("L8", {"embargoed": True}), ("L90", {"draft": True})]:
            PresentationFactory(abstract=AbstractFactory(meeting=meeting, number=number, **state), session=session)
        page = get(client)
        assert "(L9–L17)" in page
        assert "2 abstracts" in page

    def test_a_session_of_hidden_abstracts_has_no_range(self, client, meeting):
        session = SessionFactory(meeting=meeting, title="Quiet Posters")
        PresentationFactory(abstract=AbstractFactory(meeting=meeting, number="4242", embargoed=True), session=session)
        page = get(client)
        assert "Quiet Posters" in page
        assert "4242" not in page

    def test_sessions_without_a_date_come_last(self, client, meeting):
        SessionFactory(meeting=meeting, title="Undated Posters", date=None, start_time=None, end_time=None)
        SessionFactory(meeting=meeting, title="Dated Posters")
        page = get(client)
        assert page.index("Dated Posters") < page.index("Sessions without a date") < page.index("Undated Posters")

    def test_a_long_program_shows_its_first_day(self, client, meeting):
        for day in (26, 25):
            for _ in range(21):
                SessionFactory(meeting=meeting, title=f"Posters of the {day}th", date=dt.date(2025, 10, day))
        page = get(client)
        assert "Posters of the 25th" in page
        assert "Posters of the 26th" not in page
        assert "Posters of the 26th" in get(client, "?day=2025-10-26")
        assert "All days" not in page

    def test_a_short_program_shows_all_its_days(self, client, meeting):
        for day in (25, 26):
            SessionFactory(meeting=meeting, title=f"Posters of the {day}th", date=dt.date(2025, 10, day))
        page = get(client)
        assert "Posters of the 25th" in page
        assert "Posters of the 26th" in page
        one = get(client, "?day=2025-10-26")
        assert "Posters of the 25th" not in one
        assert 'href="/meetings/forum/">All days' in one or 'href="?">All days' in one

    def test_filters_of_day_and_type(self, client, meeting):
        SessionFactory(meeting=meeting, title="First Talks", type="Plenary", date=dt.date(2025, 10, 25))
        SessionFactory(meeting=meeting, title="Second Talks", type="Plenary", date=dt.date(2025, 10, 26))
        SessionFactory(meeting=meeting, title="Second Posters", type="Poster Session", date=dt.date(2025, 10, 26))
        page = get(client, "?day=2025-10-26&type=Plenary")
        assert "Second Talks" in page
        assert "First Talks" not in page
        assert "Second Posters" not in page

    def test_sessions_of_other_meetings_are_not_there(self, client, meeting):
        SessionFactory(title="Elsewhere Posters")
        SessionFactory(meeting=meeting)
        assert "Elsewhere Posters" not in get(client)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(self, client, meeting, django_assert_num_queries, rows):
        for session in SessionFactory.create_batch(rows, meeting=meeting):
            for _ in range(rows):
                PresentationFactory(abstract=AbstractFactory(meeting=meeting), session=session)
        with django_assert_num_queries(8):
            get(client)

    def test_an_empty_meeting_has_a_message(self, client, meeting):
        assert "No abstracts of this meeting are public yet" in get(client)

    def test_an_unpublished_meeting_is_404(self, client):
        MeetingFactory(slug="forum", is_published=False)
        get(client, status=404)
        client.force_login(StaffFactory())
        get(client)


class TestAbstractsByNumber:
    def test_it_works(self, client, meeting):
        SessionFactory(meeting=meeting)
        for number in ("10", "2", "LB1"):
            AbstractFactory(meeting=meeting, number=number, title=f"Study {number}")
        page = get(client, "?view=abstracts")
        assert page.index("Study 2<") < page.index("Study 10<") < page.index("Study LB1<")

    def test_each_abstract_is_shown_up_to_its_level(self, client, meeting):
        AbstractFactory(meeting=meeting, title="Hushed", number="0001", embargoed=True)
        AbstractFactory(meeting=meeting, title="Shelled", number="0002", shell=True)
        listed = AbstractFactory(meeting=meeting, title="Listed Only", number="0003", listing=True)
        AuthorLineFactory(abstract=listed, person__given="Ada", person__family="Example")
        page = get(client, "?view=abstracts")
        assert "Hushed" not in page
        assert "0001" not in page
        assert "Shelled" not in page
        assert "0002" in page
        assert "Listed Only" in page
        assert "Ada Example" in page
        assert "Details will be released on January 1, 2099, 9:00 AM CST" in page

    def test_title_words_and_keywords_find_what_is_listed(self, client, meeting):
        found = AbstractFactory(meeting=meeting, title="Gout in <i>Invented</i> Mice")
        AbstractKeywordFactory(abstract=found, keyword__name="Tophi, large")
        hidden = AbstractFactory(meeting=meeting, title="Gout under Wraps", number="0666", shell=True)
        AbstractKeywordFactory(abstract=hidden, keyword__name="Tophi, hidden")
        for query in ("?q=gout", "?q=mice+GOUT", "?keyword=tophi", "?keyword=tophi+large&q=gout"):
            page = get(client, query)
            assert found.get_absolute_url() in page, query
            assert "0666" not in page, query
            assert "1 abstract found" in page, query
        assert "No abstract fits" in get(client, "?q=gout+lupus")
        assert "No abstract fits" in get(client, "?keyword=hidden")

    def test_filters_of_day_and_type(self, client, meeting):
        for day, kind in ((25, "Plenary"), (26, "Poster Session")):
            session = SessionFactory(meeting=meeting, date=dt.date(2025, 10, day), type=kind)
            PresentationFactory(abstract=AbstractFactory(meeting=meeting, title=f"On the {day}th"), session=session)
        for query in ("?view=abstracts&day=2025-10-25", "?view=abstracts&type=Plenary"):
            page = get(client, query)
            assert "On the 25th" in page
            assert "On the 26th" not in page

    def test_an_abstract_of_two_sessions_comes_once(self, client, meeting):
        abstract = AbstractFactory(meeting=meeting, title="Shown Twice")
        for session in SessionFactory.create_batch(2, meeting=meeting, type="Plenary"):
            PresentationFactory(abstract=abstract, session=session)
        assert get(client, "?view=abstracts&type=Plenary").count("Shown Twice") == 1

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(self, client, meeting, django_assert_num_queries, rows):
        for _ in range(rows):
            whole_abstract(meeting=meeting, authors=rows, keywords=rows)
        with django_assert_num_queries(9):
            get(client, "?view=abstracts")

    def test_pages_of_a_long_list_keep_the_filter(self, client, meeting):
        AbstractFactory.create_batch(51, meeting=meeting, title="Gout again")
        page = get(client, "?q=gout")
        assert 'href="?q=gout&amp;page=2"' in page
        assert "Gout again" in get(client, "?q=gout&page=2")

    def test_canonical_addresses_name_the_view_and_the_page(self, client, meeting):
        AbstractFactory.create_batch(51, meeting=meeting)
        SessionFactory(meeting=meeting)
        for query, address in (
            ("", ""),
            ("?utm_source=mail", ""),
            ("?view=abstracts", "?view=abstracts"),
            ("?view=abstracts&page=2", "?view=abstracts&amp;page=2"),
        ):
            link = f'<link rel="canonical" href="https://abstracts.example.org/meetings/forum/{address}">'
            assert link in get(client, query), query


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=0",
        "view=other",
        "day=2025-02-30",
        "day=2031-01-01",
        "day=x",
        "type=x",
        "type=Poster%00Session",
    ],
)
def test_tampered_values_are_400(client, meeting, query):
    SessionFactory(meeting=meeting)
    get(client, f"?{query}", status=400)


@pytest.mark.parametrize("query", ["q=%00gouty%07", "q=gouty%0B%00", "q=%1F&view=abstracts"])
def test_control_characters_are_removed(client, meeting, query):
    AbstractFactory(meeting=meeting, title="A Gouty Title")
    assert "A Gouty Title" in get(client, f"?{query}")


def test_a_slip_shows_the_form_again_with_a_message(client, meeting):
    page = get(client, "?q=" + "g" * 201)
    assert "at most 200 characters" in page
    assert "g" * 201 in page


def test_unknown_parameters_are_ignored(client, meeting):
    get(client, "?utm_source=mail")


class TestEmbargoPolicy:
    def test_it_works(self, client):
        MeetingFactory(
            slug="forum",
            embargo_policy="<p>Nothing <b>before</b>.</p><script>x()</script>",
            news_embargo_at=dt.datetime(2025, 10, 25, 15, tzinfo=dt.UTC),
        )
        page = client.get("/embargo/forum/").content.decode()
        assert "<p>Nothing <b>before</b>.</p>" in page
        assert "x()" not in page
        assert "October 25, 2025, 10:00 AM CDT" in page

    def test_it_is_in_spanish_if_it_was_translated(self, client):
        MeetingFactory(slug="forum", embargo_policy="<p>Nothing.</p>", embargo_policy_es="<p>Nada.</p>")
        MeetingFactory(slug="other", embargo_policy="<p>Nothing.</p>")
        assert '<div class="text" lang="es"><p>Nada.</p></div>' in client.get("/es/embargo/forum/").content.decode()
        assert '<div class="text" lang="en"><p>Nothing.</p></div>' in client.get("/es/embargo/other/").content.decode()
        assert "Nada" not in client.get("/embargo/forum/").content.decode()

    def test_a_meeting_without_a_policy_gets_the_general_one(self, client, meeting):
        assert client.get("/embargo/forum/").status_code == 200

    def test_the_policy_of_a_hidden_meeting_is_404(self, client):
        MeetingFactory(slug="forum", is_published=False)
        assert client.get("/embargo/forum/").status_code == 404
        assert client.get("/embargo/none/").status_code == 404
