import http.client

import pytest
from django.core.files.base import ContentFile

from acrsite.doctor import web
from tests.factories import AbstractFactory, FigureFactory

PAGE = (200, {"X-Request-ID": "1"}, b"<!doctype html>")
IMAGE = (200, {"Content-Type": "image/png"}, b"\x89PNG")
HTML = (200, {"Content-Type": "text/html"}, b"<!doctype html>")


def test_a_site_that_answers_is_well(findings, proxy):
    proxy["/"] = PAGE
    assert findings(web.check_proxy) == []


def test_a_site_that_cannot_be_reached_is_found(findings, settings):
    settings.SITE_URL = "http://127.0.0.1:1"
    ((level, message),) = findings(web.check_proxy)
    assert (level, "cannot be reached" in message) == ("Error", True)


def test_a_site_that_leads_to_itself_is_found(findings, proxy, settings):
    proxy["/"] = (301, {"Location": f"{settings.SITE_URL}/"}, b"")
    assert "BEHIND_PROXY" in next(web.check_proxy()).hint
    assert len(findings(web.check_proxy)) == 1


@pytest.mark.parametrize(
    ("answer", "message"), [((502, {}, b""), "answers 502"), (HTML, "is answered by something else")]
)
def test_a_proxy_that_does_not_lead_here_is_found(findings, proxy, answer, message):
    proxy["/"] = answer
    ((level, found),) = findings(web.check_proxy)
    assert (level, message in found) == ("Error", True)


def test_an_upgrade_that_was_not_finished_is_found(findings, proxy, settings, tmp_path):
    settings.DATA_ROOT = tmp_path
    (tmp_path / "maintenance").touch()
    proxy["/"] = (503, {}, b"")
    assert findings(web.check_proxy) == [("Error", "An upgrade has put the site out of service.")]


class TestPlainHttp:
    @pytest.fixture
    def port_80(self, monkeypatch, settings):
        """What port 80 of a site with https answers, by the host that is asked for; no answer where it is not set."""
        settings.SITE_URL = "https://abstracts.example.org"
        answers = {}

        def ask(path, url="", host=""):
            if not url:
                return FakeAnswer(*PAGE)
            if host not in answers:
                raise http.client.RemoteDisconnected
            return FakeAnswer(*answers[host])

        class FakeAnswer:
            def __init__(self, status, headers, body):
                self.status, self.body = status, body
                self.headers = http.client.HTTPMessage()
                for name, value in headers.items():
                    self.headers[name] = value

        monkeypatch.setattr(web, "ask", ask)
        return answers

    def test_one_that_redirects_its_own_name_alone_is_well(self, findings, port_80):
        port_80["abstracts.example.org"] = (301, {"Location": "https://abstracts.example.org/"}, b"")
        assert findings(web.check_proxy) == []

    def test_one_that_redirects_any_name_is_found(self, findings, port_80):
        port_80["doctor.invalid"] = (301, {"Location": "https://doctor.invalid/"}, b"")
        ((level, message),) = findings(web.check_proxy)
        assert (level, "to any host" in message) == ("Error", True)

    def test_one_that_shows_pages_is_found(self, findings, port_80):
        port_80["abstracts.example.org"] = PAGE
        ((level, message),) = findings(web.check_proxy)
        assert (level, "without https" in message) == ("Error", True)


@pytest.mark.django_db
class TestFigures:
    @pytest.fixture
    def shown(self):
        return FigureFactory(image=ContentFile(b"\x89PNG", name="a.png"))

    @pytest.fixture
    def hidden(self, shown):
        return FigureFactory(abstract=AbstractFactory(embargoed=True), image=ContentFile(b"\x89PNG", name="b.png"))

    def test_an_archive_without_figures_is_well(self, findings, proxy):
        assert findings(web.check_figures) == []

    def test_one_that_is_shown_and_one_that_is_not_are_well(self, findings, proxy, shown, hidden):
        proxy[shown.get_absolute_url()] = IMAGE
        assert findings(web.check_figures) == []

    @pytest.mark.parametrize("answer", [(403, {}, b""), (500, {}, b""), HTML, (200, IMAGE[1], b"")])
    def test_one_that_does_not_come_is_found(self, findings, proxy, shown, answer):
        proxy[shown.get_absolute_url()] = answer
        ((level, message),) = findings(web.check_figures)
        assert (level, shown.get_absolute_url() in message) == ("Error", True)

    def test_one_whose_file_is_lost_is_found(self, findings, proxy, shown):
        shown.image.storage.delete(shown.image.name)
        ((level, message),) = findings(web.check_figures)
        assert (level, "is lost" in message) == ("Error", True)

    def test_a_hidden_one_that_comes_is_found(self, findings, proxy, shown, hidden):
        proxy[shown.get_absolute_url()] = proxy[hidden.get_absolute_url()] = IMAGE
        ((level, message),) = findings(web.check_figures)
        assert (level, hidden.get_absolute_url() in message) == ("Error", True)

    def test_an_internal_address_that_visitors_reach_is_found(self, findings, proxy, shown, settings):
        settings.X_ACCEL_PREFIX = "/figures-behind-the-law"
        proxy[shown.get_absolute_url()] = IMAGE
        assert findings(web.check_figures) == []
        proxy[f"/figures-behind-the-law/{shown.image.name}"] = IMAGE
        ((level, message),) = findings(web.check_figures)
        assert (level, "past the site" in message) == ("Error", True)

    def test_a_proxy_that_is_away_is_found(self, findings, settings, shown):
        settings.SITE_URL = "http://127.0.0.1:1"
        assert [level for level, _ in findings(web.check_figures)] == ["Error"]
