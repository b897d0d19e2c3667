import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.query import QuerySet

from abstracts.models import Abstract, Presentation, Section, Session, SlugRedirect
from abstracts.visibility import Level, Status
from tests.factories import (
    LONG_AGO,
    AbstractFactory,
    AffiliationFactory,
    AuthorLineFactory,
    MeetingFactory,
    PresentationFactory,
    SectionFactory,
    SessionFactory,
    TierFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

PRINTED = ["2", "10", "0489", "1234", "L9", "L17", "LB2", "LB10", "PP01", "PP2", None]


def refused(write) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_numbers_sort_as_people_count():
    meeting = MeetingFactory()
    for number in reversed(PRINTED):
        AbstractFactory(meeting=meeting, number=number)
    numbers = list(Abstract.unfiltered.order_by("number_key").exclude(number=None).values_list("number", flat=True))
    assert numbers == PRINTED[:-1]


def test_number_is_unique_in_its_meeting_or_absent():
    first = AbstractFactory(number="0001")
    AbstractFactory(number="0001")
    AbstractFactory(meeting=first.meeting, number=None)
    AbstractFactory(meeting=first.meeting, number="  ")
    assert Abstract.unfiltered.filter(number=None).count() == 2
    refused(lambda: AbstractFactory(meeting=first.meeting, number="0001"))
    refused(lambda: Abstract.unfiltered.filter(pk=first.pk).update(number=""))


@pytest.mark.parametrize(
    "fields",
    [
        {"slug": ""},
        {"status": "secret"},
        {"override_listing_level": Level.FULL},
        {"override_listing_level": Level.LISTED, "override_listed_from": None},
    ],
)
def test_database_refuses(fields):
    abstract = AbstractFactory()
    refused(lambda: QuerySet(Abstract).filter(pk=abstract.pk).update(**fields))


@pytest.mark.parametrize(
    ("row", "again"),
    [
        (PresentationFactory, lambda r: Presentation(abstract=r.abstract, session=r.session)),
        (AuthorLineFactory, lambda r: type(r)(abstract=r.abstract, position=r.position, name="B")),
        (AffiliationFactory, lambda r: type(r)(abstract=r.abstract, position=r.position, text="B")),
        (AuthorLineFactory, lambda r: type(r)(abstract=r.abstract, position=9, name="")),
    ],
)
def test_database_refuses_duplicate_parts(row, again):
    second = again(row())
    refused(second.save)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Anti–TNF-<i>α</i> in β-Thalassaemia", "anti-tnf-alpha-in-beta-thalassaemia-forum-l07"),
        ("Übergewicht &amp; Gicht: “Éine” Studie", "ubergewicht-gicht-eine-studie-forum-l07"),
        ("Sjögren’s", "sjogrens-forum-l07"),
        ("类风湿", "forum-l07"),
    ],
)
def test_new_slug_is_the_folded_title_with_meeting_and_number(title, slug):
    assert AbstractFactory(title=title, meeting__slug="forum", number="L07", slug="").slug == slug


TOKEN = "[a-hjkmnp-z2-9]{6}"


@pytest.mark.parametrize(("title", "start"), [("Two words", "two-words"), ("类风湿", "abstract")])
def test_without_a_number_a_new_slug_ends_in_a_token(title, start):
    first, second = (AbstractFactory(title=title, number=None, slug="").slug for _ in range(2))
    assert first != second
    assert re.fullmatch(f"{start}-{TOKEN}", first)


def test_long_slug_is_cut_at_a_word():
    slug = AbstractFactory(title="wordy " * 60, meeting__slug="m" * 120, number="9" * 40, slug="").slug
    assert slug == f"{'wordy-' * 6}{'m' * 120}-{'9' * 40}"
    assert len(slug) <= 200


def redirects() -> dict[str, int]:
    return dict(SlugRedirect.unfiltered.values_list("slug", "abstract"))


def test_changed_slug_creates_a_redirect_and_changing_back_deletes_it():
    abstract = AbstractFactory(slug="first")
    for slug, left in [("second", {"first"}), ("third", {"first", "second"}), ("first", {"second", "third"})]:
        abstract.slug = slug
        abstract.save()
        assert redirects() == dict.fromkeys(left, abstract.pk)


def test_new_title_keeps_the_slug():
    abstract = AbstractFactory(title="One", slug="")
    abstract.title = "Two"
    abstract.save()
    assert abstract.slug.startswith("one-")
    assert not redirects()


def test_a_slug_that_is_or_was_anothers_gets_a_token():
    numbered = AbstractFactory(title="Shared words", meeting__slug="forum", number="7", slug="")
    meeting = numbered.meeting
    numbered.number, numbered.slug = "8", "elsewhere"
    numbered.save()
    assert redirects() == {"shared-words-forum-7": numbered.pk}
    new = AbstractFactory(title="Shared words", meeting=meeting, number="7", slug="")
    assert re.fullmatch(f"shared-words-forum-7-{TOKEN}", new.slug)
    AbstractFactory(slug="other-forum-9")
    new = AbstractFactory(title="Other", meeting=meeting, number="9", slug="")
    assert re.fullmatch(f"other-forum-9-{TOKEN}", new.slug)


def test_an_abstract_may_have_its_own_former_slug_again():
    abstract = AbstractFactory(title="Own words", meeting__slug="forum", number="7", slug="")
    abstract.slug = "elsewhere"
    abstract.save()
    abstract.slug = ""
    abstract.save()
    assert abstract.slug == "own-words-forum-7"
    assert redirects() == {"elsewhere": abstract.pk}


def test_former_slug_that_staff_reuse_leads_to_the_new_abstract():
    former = AbstractFactory(slug="wanted")
    former.slug = "elsewhere"
    former.save()
    AbstractFactory(slug="wanted")
    assert not redirects()
    existing = AbstractFactory(slug="third")
    existing.slug = "elsewhere-2"
    existing.save()
    assert redirects() == {"third": existing.pk}


def test_deleting_an_abstract_frees_its_slugs():
    abstract = AbstractFactory(title="Gone")
    abstract.slug = "gone-now"
    abstract.save()
    abstract.delete()
    assert not redirects()
    assert AbstractFactory(title="Gone").slug == "gone"


def test_deleting_an_abstract_deletes_only_what_belongs_to_it():
    kept, gone = whole_abstract(), whole_abstract()
    gone.delete()
    assert set(Section.unfiltered.values_list("abstract", flat=True)) == {kept.pk}
    assert Session.objects.count() == 2


def test_titles_and_text_are_sanitized_when_saved():
    abstract = AbstractFactory(
        title=" Title<script>alert(1)</script> <i onclick=x>of</i>\x00\n two ",
        disclosures="<p style='x'>A. B.: None</p><img src=x>",
    )
    assert abstract.title == "Title <i>of</i> two"
    assert abstract.title_text == "Title of two"
    assert abstract.disclosures == "<p>A. B.: None</p>"
    assert SectionFactory(html="<p>a<a href='x'>b</a></p>", label=" Methods\n").html == "<p>ab</p>"


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.RETRACTED, Status.CORRECTED])
def test_withdrawal_needs_a_public_note(status):
    with pytest.raises(ValidationError, match="say"):
        AbstractFactory.build(meeting=None, tier=None, status=status, status_note=" ").clean()


def test_tier_and_session_must_belong_to_the_same_meeting():
    abstract = AbstractFactory()
    abstract.tier = TierFactory()
    with pytest.raises(ValidationError, match="another meeting"):
        abstract.clean()
    with pytest.raises(ValidationError, match="another meeting"):
        Presentation(abstract=abstract, session=SessionFactory()).clean()


def test_override_of_the_listing_needs_an_instant():
    with pytest.raises(ValidationError, match="from when"):
        Abstract(override_listing_level=Level.LISTED).clean()
    Abstract(override_listing_level=Level.LISTED, override_listed_from=LONG_AGO).clean()


@pytest.mark.parametrize(("doi", "right"), [("10.1002/art.42992", True), ("art.42992", False), ("10.1/ a", False)])
def test_malformed_doi_is_refused(doi, right):
    abstract = AbstractFactory(doi=doi)
    if right:
        abstract.full_clean()
    else:
        with pytest.raises(ValidationError, match=r"10\.1002"):
            abstract.full_clean()


def test_address_has_the_slug_if_the_title_is_visible_else_the_number():
    abstract = Abstract(slug="a-title", number="0001", meeting=MeetingFactory(slug="forum-2025"))
    assert abstract.get_absolute_url() == "/abstract/a-title/"
    abstract.slug = ""
    assert abstract.get_absolute_url() == "/meetings/forum-2025/0001/"
    abstract.number = None
    assert abstract.get_absolute_url() == ""
