"""Persons, keywords and figures."""

import re

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from abstracts.models import Keyword, KeywordSynonym, Person, PersonName
from abstracts.models.figure import figure_path
from tests.factories import AbstractKeywordFactory, FigureFactory, KeywordFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "shown", "key", "words"),
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
def test_persons_sort_by_family_name_without_accents(fields, shown, key, words):
    person = PersonFactory(**fields, slug="")
    assert (person.index_name, person.sort_key) == (shown, key)
    assert re.fullmatch(f"{words}-[a-hjkmnp-z2-9]{{6}}", person.slug)


def test_persons_with_the_same_name_have_different_slugs():
    assert len({PersonFactory(family="Same", given="A", slug="").slug for _ in range(3)}) == 3


def test_orcid_is_unique_or_absent():
    PersonFactory(orcid="")
    PersonFactory(orcid=None)
    assert Person.unfiltered.filter(orcid=None).count() == 2
    PersonFactory(orcid="0000-0002-1825-0097")
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonFactory(orcid="0000-0002-1825-0097")


def test_similar_names_have_the_same_key():
    person = PersonFactory()
    assert PersonName.unfiltered.create(person=person, name="J.  Müller-Lüdenscheidt").key == "j muller ludenscheidt"
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonName.unfiltered.create(person=person, name="J Müller–Lüdenscheidt")


def test_keyword_key_ignores_case_accents_and_dashes():
    keyword = KeywordFactory(name="Sjögren’s  Syndrome")
    assert (keyword.key, keyword.slug) == ("sjogrens syndrome", "sjogrens-syndrome")
    with pytest.raises(IntegrityError), transaction.atomic():
        Keyword.unfiltered.create(name="Sjogren's syndrome")
    synonym = KeywordSynonym.unfiltered.create(keyword=keyword, name="Sicca")
    assert (synonym.key, synonym.slug) == ("sicca", "sicca")


def test_keyword_without_ascii_has_a_slug():
    first, second = KeywordFactory(name="痛風"), KeywordFactory(name="関節")
    assert first.slug.startswith("keyword-")
    assert first.slug != second.slug


def test_keywords_whose_slugs_would_be_the_same_have_different_ones():
    names = ["Gout", "Gout 痛風", "Gout 関節", "long " * 40 + "one", "long " * 40 + "two"]
    slugs = [KeywordFactory(name=name).slug for name in names]
    assert slugs[0] == "gout"
    assert re.fullmatch("gout-[0-9a-f]{8}", slugs[1])
    assert len(set(slugs)) == 5
    assert max(map(len, slugs)) <= 160


def test_keyword_of_an_abstract_keeps_its_spelling():
    given = AbstractKeywordFactory(keyword__name="Gout", label="")
    assert given.label == "Gout"


def test_figure_file_has_a_random_name(settings):
    figure = FigureFactory(image=ContentFile(b"x", name="Embargoed survival curve.PNG"))
    assert "curve" not in figure.image.name.lower()
    assert figure.image.name.endswith(".png")
    assert figure.image.path.startswith(str(settings.FIGURES_ROOT))
    with pytest.raises(ValueError, match="not accessible via a URL"):
        figure.image.url  # noqa: B018
    assert len({figure_path(figure, "a.png") for _ in range(50)}) == 50


def test_figures_are_outside_public_folders(settings):
    from acrsite import settings as product

    for public in (product.STATIC_ROOT, product.MEDIA_ROOT, *map(str, product.STATICFILES_DIRS)):
        assert not str(product.FIGURES_ROOT).startswith(str(public))
