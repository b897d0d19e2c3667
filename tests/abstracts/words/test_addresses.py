import pytest
from django.urls import NoReverseMatch, clear_script_prefix, reverse, set_script_prefix
from django.utils.translation import override

from abstracts.words.addresses import address, addresses


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("home", ()),
        ("abstract", ("a-title",)),
        ("session", ("meeting-2025", "plenary_1")),
        ("abstract-by-number", ("meeting-2025", "LB12")),
        ("abstract-by-number", ("meeting-2025", "12 é{0}%")),
    ],
)
def test_it_is_what_reverse_says(name, words):
    assert address(name, *words) == reverse(name, args=words)


def test_many_of_one_kind():
    url_of = addresses("abstract")
    assert [url_of("a-title"), url_of("é")] == ["/abstract/a-title/", reverse("abstract", args=["é"])]


def test_each_language_has_its_own():
    assert address("abstract", "a") == "/abstract/a/"
    with override("es"):
        assert address("abstract", "a") == reverse("abstract", args=["a"])
    assert address("abstract", "a") == "/abstract/a/"


def test_a_site_below_a_path():
    set_script_prefix("/archive/")
    try:
        assert address("abstract", "a") == "/archive/abstract/a/"
    finally:
        clear_script_prefix()
    assert address("abstract", "a") == "/abstract/a/"


@pytest.mark.parametrize(
    ("name", "words"), [("meeting", ("é",)), ("abstract", ("",)), ("nowhere", ("a",)), ("home", ("a",))]
)
def test_what_has_no_address(name, words):
    with pytest.raises(NoReverseMatch):
        address(name, *words)
