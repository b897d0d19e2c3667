"""Style sheets, scripts and images as production serves them."""

import json
import re

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import override_settings

# Production's, which tests.settings replaces.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The folder that `collectstatic` fills; it fails where a file refers to one that does not exist."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder, STORAGES=STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture
def get(collected, settings, client):
    """Asks the site, set up like production, for a static file."""
    settings.STATIC_ROOT, settings.STORAGES = collected, STORAGES
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    return lambda name, **headers: client.get(f"/static/{name}", headers=headers)


@pytest.fixture
def hashed(collected):
    """The name by content of the admin's main style sheet."""
    return json.loads((collected / "staticfiles.json").read_text())["paths"]["admin/css/base.css"]


def test_files_are_named_by_content_and_stored_forever(get, hashed):
    response = get(hashed)
    assert response.status_code == 200
    assert response["Cache-Control"] == "max-age=315360000, public, immutable"
    assert b"".join(response)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_files_are_compressed_beforehand(get, hashed, encoding):
    response = get(hashed, accept_encoding=encoding)
    assert response["Content-Encoding"] == encoding
    assert b"".join(response)


def test_plain_names_do_not_exist(collected, hashed):
    assert (collected / hashed).exists()
    assert not (collected / "admin/css/base.css").exists()


def test_pages_load_nothing_from_other_hosts():
    ours = [path for folder in django_settings.STATICFILES_DIRS for path in folder.rglob("*")]
    for path in ours:
        if path.suffix in (".css", ".js"):
            assert not re.search(r"@import|url\(['\"]?(https?:)?//|fetch\(['\"]https?:", path.read_text()), path
