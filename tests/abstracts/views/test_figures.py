import io

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from abstracts.models import Abstract, Rendition
from abstracts.visibility import Status
from accounts.models import EmbargoedRead
from tests.accounts.personas import press_reader
from tests.factories import AbstractFactory, FigureFactory, StaffFactory

pytestmark = pytest.mark.django_db


def png(width=40):
    data = io.BytesIO()
    Image.new("RGB", (width, 20), "teal").save(data, "PNG")
    return ContentFile(data.getvalue(), name="secret-study-name.png")


def figure_of(**state):
    figure = FigureFactory(abstract=AbstractFactory(**state), image=png(), width=40, height=20, alt="Bars")
    Rendition(figure=figure, width=10, height=5, image=png(10)).save()
    return figure


def body(response):
    return b"".join(response.streaming_content)


def test_it_works(client):
    figure = figure_of()
    response = client.get(f"/figures/{figure.key}/")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(body(response))).size == (40, 20)


def test_renditions_work(client):
    figure = figure_of()
    response = client.get(f"/figures/{figure.key}/10/")
    assert Image.open(io.BytesIO(body(response))).size == (10, 20)
    assert client.get(f"/figures/{figure.key}/11/").status_code == 404


@pytest.mark.parametrize("state", ["embargoed", "shell", "listing", "draft", "withdrawn"])
def test_figures_of_unreleased_abstracts_are_404(client, state):
    figure = figure_of(**{state: True})
    assert client.get(f"/figures/{figure.key}/").status_code == 404
    assert client.get(f"/figures/{figure.key}/10/").status_code == 404


def test_staff_see_figures_ahead_of_release_and_nobody_may_store_them(client):
    client.force_login(StaffFactory())
    response = client.get(f"/figures/{figure_of(embargoed=True).key}/")
    assert body(response)
    assert response["Cache-Control"] == "private, no-store"


def test_neither_path_nor_original_name_is_in_the_answer(client):
    figure = figure_of()
    response = client.get(f"/figures/{figure.key}/")
    body(response)
    told = str(response.headers)
    assert "secret" not in told
    assert figure.image.name not in told


def test_nginx_gets_the_path_of_the_file(client, settings):
    settings.X_ACCEL_PREFIX = "/protected-figures/"
    figure = figure_of()
    response = client.get(f"/figures/{figure.key}/")
    assert response["X-Accel-Redirect"] == f"/protected-figures/{figure.image.name}"
    assert response["Content-Type"] == "image/png"
    assert response.content == b""


def etag_of(client, path):
    response = client.get(path)
    if response.streaming:
        body(response)
    return response["ETag"]


@pytest.mark.parametrize("prefix", ["", "/protected-figures/"])
def test_a_figure_has_an_etag_of_its_own_and_is_answered_304(client, settings, prefix):
    settings.X_ACCEL_PREFIX = prefix
    figure, other = figure_of(), figure_of()
    paths = [f"/figures/{key}/{width}" for key in (figure.key, other.key) for width in ("", "10/")]
    etags = [etag_of(client, path) for path in paths]
    assert len(set(etags)) == 4
    assert all(figure.image.name.split("/")[-1].split(".")[0] not in etag for etag in etags)
    for path, etag in zip(paths, etags, strict=True):
        unchanged = client.get(path, headers={"if-none-match": f'"x", W/{etag}'})
        assert unchanged.status_code == 304
        assert unchanged["Cache-Control"].startswith("public, max-age=")
        assert etag_of(client, path) == etag
    changed = client.get(paths[0], headers={"if-none-match": etags[1]})
    assert changed.status_code == 200
    assert bool(prefix) or body(changed)
    Abstract.unfiltered.filter(pk=figure.abstract_id).update(status=Status.DRAFT)
    assert client.get(paths[0], headers={"if-none-match": etags[0]}).status_code == 404


def test_the_etag_of_a_hidden_figure_helps_staff_only(client):
    path = f"/figures/{figure_of(embargoed=True).key}/"
    staff = Client()
    staff.force_login(StaffFactory())
    etag = etag_of(staff, path)
    unchanged = staff.get(path, headers={"if-none-match": etag})
    assert (unchanged.status_code, unchanged["Cache-Control"]) == (304, "private, no-store")
    assert client.get(path, headers={"if-none-match": etag}).status_code == 404


def test_a_figure_without_image_is_404(client):
    assert client.get(f"/figures/{FigureFactory().key}/").status_code == 404


def test_the_number_of_a_figure_leads_nowhere(client):
    """Addresses of before: a redirect would tell which numbers hidden figures have."""
    figure = figure_of()
    assert client.get(f"/figures/{figure.pk}/").status_code == 404
    assert client.get(f"/figures/{figure.pk}/10/").status_code == 404


def test_a_lost_file_is_404(client):
    figure = figure_of()
    figure.image.storage.delete(figure.image.name)
    assert client.get(f"/figures/{figure.key}/").status_code == 404


NOBODYS = "0" * 16


@pytest.mark.parametrize(
    "path",
    ["0/", "1/640/", f"{NOBODYS}/", f"{NOBODYS}/640/", f"{NOBODYS}0/", f"{NOBODYS}/9999999999/", "x/", f"{NOBODYS}/x/"],
)
def test_bad_addresses_are_404(client, path):
    assert client.get(f"/figures/{path}").status_code == 404


def test_a_file_that_is_not_an_image_is_not_sent_as_one(client):
    figure = FigureFactory(image=ContentFile(b"<script>x()</script>", name="x.html"))
    response = client.get(f"/figures/{figure.key}/")
    assert response["Content-Type"] == "application/octet-stream"
    body(response)


def test_queries(client, django_assert_num_queries):
    figure = figure_of()
    for path in (f"/figures/{figure.key}/", f"/figures/{figure.key}/10/"):
        with django_assert_num_queries(2):
            body(client.get(path))


def test_the_page_offers_all_widths(client):
    figure = figure_of()
    page = client.get(f"/abstract/{figure.abstract.slug}/").content.decode()
    assert f'srcset="/figures/{figure.key}/10/ 10w, /figures/{figure.key}/ 40w"' in page
    assert 'width="40" height="20" loading="lazy" decoding="async" alt="Bars"' in page


def test_figures_that_press_open_are_logged(client):
    embargoed, released = figure_of(embargoed=True), figure_of()
    client.force_login(press_reader())
    for figure in (embargoed, released):
        for path in (f"/figures/{figure.key}/", f"/figures/{figure.key}/10/"):
            assert body(client.get(path))
    reads = list(EmbargoedRead.objects.values_list("abstract_id", "kind", "path"))
    assert reads == [(embargoed.abstract_id, "figure", f"/figures/{embargoed.key}/")]
