import pytest

from tests.factories import PageFactory

pytestmark = pytest.mark.django_db


def test_it_works(client):
    PageFactory(
        slug="sharing", title="Sharing Policy", html="<h2>What</h2><p onclick='x()'>Words</p><script>x()</script>"
    )
    page = client.get("/pages/sharing/").content.decode()
    assert "<h1>Sharing Policy</h1>" in page
    assert "<h2>What</h2><p>Words</p>" in page
    assert "x()" not in page


def test_the_footer_leads_there(client):
    PageFactory(slug="sharing", title="Sharing Policy")
    PageFactory(slug="quiet", title="Quiet Page", in_footer=False)
    page = client.get("/meetings/").content.decode()
    assert 'href="/pages/sharing/">Sharing Policy</a>' in page
    assert "Quiet Page" not in page


def test_unknown_addresses_are_404(client):
    assert client.get("/pages/sharing/").status_code == 404
