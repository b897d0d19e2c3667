"""schema.org: parsed as JSON by an independent reader."""

import datetime as dt
import json

import pytest
from django.test import Client

from abstracts.describing import as_json_ld
from tests.factories import AbstractFactory, MeetingFactory, PresentationFactory, SessionFactory, whole_abstract

from .reading_heads import Head

SITE = "https://abstracts.example.org"


def head_of(path: str) -> Head:
    return Head(Client().get(path).content.decode())


@pytest.mark.django_db
def test_abstract_is_a_scholarly_article():
    abstract = whole_abstract(number="0007")
    head = head_of(abstract.get_absolute_url())
    article = head.of_kind("ScholarlyArticle")
    assert article["url"] == SITE + abstract.get_absolute_url()
    assert article["headline"] == abstract.title_text
    assert article["identifier"] == ["0007"]
    assert [author["@type"] for author in article["author"]] == ["Person", "Person"]
    assert article["author"][0]["affiliation"][0]["name"].startswith("Invented University")
    assert article["isPartOf"] == {
        "@type": "PublicationIssue",
        "issueNumber": "suppl 9",
        "isPartOf": {
            "@type": "PublicationVolume",
            "volumeNumber": "7",
            "isPartOf": {"@type": "Periodical", "name": "J Invented Rheum"},
        },
    }
    assert article["datePublished"] == "2020-01-01"
    assert article["abstract"].startswith("We counted")
    session = abstract.meeting.sessions.get()
    assert article["recordedAt"][0]["name"] == session.title
    crumbs = head.of_kind("BreadcrumbList")["itemListElement"]
    assert [crumb["name"] for crumb in crumbs] == ["Meetings", abstract.meeting.name, session.title]
    assert [crumb["position"] for crumb in crumbs] == [1, 2, 3]
    assert all(crumb["item"].startswith(SITE) for crumb in crumbs)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "mode", "kinds"),
    [
        ({"city": "Springfield"}, "Offline", ["Place"]),
        ({"city": "", "is_virtual": True}, "Online", ["VirtualLocation"]),
        ({"city": "Springfield", "is_virtual": True}, "Mixed", ["Place", "VirtualLocation"]),
    ],
)
def test_meeting_is_an_event(place, mode, kinds):
    meeting = MeetingFactory(year=2024, **place)
    event = head_of(meeting.get_absolute_url()).of_kind("Event")
    assert (event["startDate"], event["endDate"]) == ("2024-10-24", "2024-10-29")
    assert event["eventAttendanceMode"] == f"https://schema.org/{mode}EventAttendanceMode"
    assert [location["@type"] for location in event["location"]] == kinds


@pytest.mark.django_db
def test_session_is_an_event_in_the_zone_of_its_meeting():
    session = SessionFactory(meeting=MeetingFactory(year=2024))
    event = head_of(session.get_absolute_url()).of_kind("Event")
    assert event["startDate"] == "2024-10-24T10:30:00-05:00"
    assert dt.datetime.fromisoformat(event["endDate"]) == session.ends_at
    assert event["superEvent"]["url"] == SITE + session.meeting.get_absolute_url()
    assert event["location"] == [{"@type": "Place", "name": "Hall 4"}]


@pytest.mark.django_db
def test_session_without_a_time():
    meeting = MeetingFactory(starts_on=None, ends_on=None, city="", journal="")
    session = SessionFactory(meeting=meeting, date=None, start_time=None, end_time=None, place="")
    event = head_of(session.get_absolute_url()).of_kind("Event")
    assert not {"startDate", "location"} & event.keys()
    assert head_of(meeting.get_absolute_url()).of_kind("Event")["startDate"] == str(meeting.year)
    abstract = AbstractFactory(meeting=meeting)
    PresentationFactory(abstract=abstract, session=session)
    assert head_of(abstract.get_absolute_url()).of_kind("ScholarlyArticle")["headline"] == abstract.title_text


def test_data_cannot_end_its_element_or_a_line_of_script():
    name = '</script><!-- & \u2028 \u2029 " \\ β'
    text = as_json_ld([{"name": name}])
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text)["@graph"] == [{"name": name}]


def test_empty_values_are_left_out_at_all_depths():
    text = as_json_ld([{"a": "", "b": [{"c": None, "d": 1}], "e": {}}])
    assert json.loads(text)["@graph"] == [{"b": [{"d": 1}]}]
