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
def test_address_equals_reverse(name, words):
    assert address(name, *words) == reverse(name, args=words)


def test_addresses_equals_address():
    url_of = addresses("abstract")
    assert [url_of("a-title"), url_of("é")] == ["/abstract/a-title/", reverse("abstract", args=["é"])]


def test_address_depends_on_the_language():
    assert address("abstract", "a") == "/abstract/a/"
    with override("es"):
        assert address("abstract", "a") == reverse("abstract", args=["a"])
    assert address("abstract", "a") == "/abstract/a/"


def test_site_with_a_script_prefix():
    set_script_prefix("/archive/")
    try:
        assert address("abstract", "a") == "/archive/abstract/a/"
    finally:
        clear_script_prefix()
    assert address("abstract", "a") == "/abstract/a/"


@pytest.mark.parametrize(
    ("name", "words"), [("meeting", ("é",)), ("abstract", ("",)), ("nowhere", ("a",)), ("home", ("a",))]
)
def test_missing_address(name, words):
    with pytest.raises(NoReverseMatch):
        address(name, *words)
