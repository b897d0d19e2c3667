"""Persons, keywords and figures: the entries of the indexes, and where files lie."""

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from abstracts.models import Keyword, KeywordSynonym, Person, PersonName
from abstracts.models.figure import figure_path
from tests.factories import AbstractKeywordFactory, FigureFactory, KeywordFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "shown", "key", "slug"),
    [
        (
            {"given": "Miriam", "family": "Beispiel Núñez"},
            "Beispiel Núñez, Miriam",
            "beispiel nunez miriam",
            "miriam-beispiel-nunez",
        ),
        ({"given": "", "family": "", "name": "GRAPPA Group"}, "GRAPPA Group", "grappa group", "grappa-group"),
        ({"given": "", "family": "Mononym"}, "Mononym", "mononym", "mononym"),
        ({"given": "", "family": "", "name": "李雷"}, "李雷", "李雷", "author"),
    ],
)
def test_persons_sort_by_family_name_without_accents(fields, shown, key, slug):
    person = PersonFactory(**fields)
    assert (person.index_name, person.sort_key, person.slug) == (shown, key, slug)


def test_two_persons_of_one_name_have_two_addresses():
    assert [PersonFactory(family="Same", given="A").slug for _ in range(2)] == ["a-same", "a-same-2"]


def test_an_orcid_is_one_persons_and_may_be_absent():
    PersonFactory(orcid="")
    PersonFactory(orcid=None)
    assert Person.objects.filter(orcid=None).count() == 2
    PersonFactory(orcid="0000-0002-1825-0097")
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(orcid="0000-0002-1825-0097")


def test_names_lead_to_one_person():
    person = PersonFactory()
    assert PersonName.objects.create(person=person, name="J.  Müller-Lüdenscheidt").key == "j muller ludenscheidt"
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonName.objects.create(person=person, name="J Müller–Lüdenscheidt")


def test_one_keyword_whatever_its_case_accents_and_dashes():
    keyword = KeywordFactory(name="Sjögren’s  Syndrome")
    assert (keyword.key, keyword.slug) == ("sjogrens syndrome", "sjogrens-syndrome")
    with pytest.raises(IntegrityError), transaction.atomic():
        Keyword.objects.create(name="Sjogren's syndrome")
    synonym = KeywordSynonym.objects.create(keyword=keyword, name="Sicca")
    assert (synonym.key, synonym.slug) == ("sicca", "sicca")


def test_a_keyword_without_ascii_has_an_address_of_its_own():
    first, second = KeywordFactory(name="痛風"), KeywordFactory(name="関節")
    assert first.slug.startswith("keyword-")
    assert first.slug != second.slug


def test_a_keyword_keeps_the_words_in_which_it_was_given():
    given = AbstractKeywordFactory(keyword__name="Gout", label="")
    assert given.label == "Gout"


def test_a_figures_file_lies_where_nobody_guesses_under_a_name_that_tells_nothing(settings):
    figure = FigureFactory(image=ContentFile(b"x", name="Embargoed survival curve.PNG"))
    assert "curve" not in figure.image.name.lower()
    assert figure.image.name.endswith(".png")
    assert figure.image.path.startswith(str(settings.FIGURES_ROOT))
    with pytest.raises(ValueError, match="not accessible via a URL"):
        figure.image.url  # noqa: B018
    assert len({figure_path(figure, "a.png") for _ in range(50)}) == 50


def test_figures_do_not_lie_below_a_public_folder(settings):
    from acrsite import settings as product

    for public in (product.STATIC_ROOT, product.MEDIA_ROOT, *map(str, product.STATICFILES_DIRS)):
        assert not str(product.FIGURES_ROOT).startswith(str(public))
