"""What a change does, in words."""

import datetime as dt

import pytest

from abstracts.admin.effects import SHOWN, effects_for_page, summary_of
from abstracts.models.effects import ABSENT, Standing, effects_as_json
from abstracts.models.judging import Named, compare
from tests import factories

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


def day(number: int) -> dt.datetime:
    return NOW + dt.timedelta(days=number)


def shown(meeting, old: Standing, new: Standing, count: int = 1) -> list[dict]:
    names = [Named(str(n), meeting.slug, f"{n:04}", f"Title {n}") for n in range(count)]
    return effects_for_page(effects_as_json(compare(dict.fromkeys(names, (old, new)), NOW)))


def standing(shell: dt.datetime | None, full: dt.datetime | None) -> Standing:
    """Its number shows from `shell` on, everything from `full` on."""
    return Standing("published", False, shell or full, full, full, full)


PUBLIC = standing(None, day(-9))
HELD = Standing("published")


@pytest.mark.parametrize(
    ("old", "new", "title", "sentences"),
    [
        (HELD, PUBLIC, "Public at once", ["The public sees nothing now, and everything after the change."]),
        (
            PUBLIC, HELD, "Hidden from the public at once",
            ["The public sees everything now, and nothing after the change.",
             "No time is set from which it will see everything."],
        ),
        (
            standing(day(1), day(8)), standing(day(1), day(2)),
            "Public earlier than so far",
            ["The public now sees nothing.",
             "It will see everything from Jul 2, 2026, 7:00 PM CDT (Jul 3, 2026, 12:00 AM UTC), "
             "so far from Jul 8, 2026, 7:00 PM CDT (Jul 9, 2026, 12:00 AM UTC)."],
        ),
        (
            standing(None, day(2)), standing(None, day(8)),
            "Public later than so far",
            ["The public now sees nothing.",
             "It will see everything from Jul 8, 2026, 7:00 PM CDT (Jul 9, 2026, 12:00 AM UTC), "
             "so far from Jul 2, 2026, 7:00 PM CDT (Jul 3, 2026, 12:00 AM UTC)."],
        ),
        (
            ABSENT, standing(None, day(2)), "Public earlier than so far",
            ["The public now sees nothing.",
             "It will see everything from Jul 2, 2026, 7:00 PM CDT (Jul 3, 2026, 12:00 AM UTC)."],
        ),
        (
            PUBLIC, PUBLIC._replace(status="withdrawn"), "Hidden from the public at once",
            ["The public sees everything now, and its title, authors, keywords and session, not its text after the "
             "change.", "No time is set from which it will see everything."],
        ),
        (
            HELD, HELD._replace(status="draft"), "Changed, but not in what the public sees",
            ["The public now sees nothing."],
        ),
    ],
)  # fmt: skip
def test_sentences(old, new, title, sentences):
    [group] = shown(factories.MeetingFactory(), old, new)
    assert (group["title"], group["sentences"]) == (title, sentences)


def test_ten_are_shown_and_the_others_can_be_opened():
    [group] = shown(factories.MeetingFactory(), HELD, PUBLIC, 25)
    assert (group["count"], len(group["first"]), len(group["others"])) == (25, SHOWN, 15)
    assert group["first"][0] == ["0000", "Title 0"]


def test_what_asks_comes_first_and_the_summary_counts():
    meeting = factories.MeetingFactory()
    changes = {
        Named("1", meeting.slug, "1", ""): (HELD, HELD._replace(status="draft")),
        Named("2", meeting.slug, "2", ""): (PUBLIC, HELD),
        Named("3", meeting.slug, "3", ""): (HELD, PUBLIC),
        Named("4", meeting.slug, "4", ""): (HELD, PUBLIC),
    }
    stored = effects_as_json(compare(changes, NOW))
    assert [group["kind"] for group in stored["groups"]] == ["rises", "hides", "other"]
    assert stored["asking"] == 3
    assert summary_of(stored).startswith("2 abstracts public at once; 1 abstract hidden from the public at once")


def test_a_meeting_that_is_gone_is_named_by_its_slug():
    meeting = factories.MeetingFactory.build(slug="gone")
    [group] = shown(meeting, PUBLIC, ABSENT)
    assert group["meeting"] == "gone"
