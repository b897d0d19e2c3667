"""The catalogues say everything that the sources mark, and what is compiled is what they say."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.utils.formats import get_format

from acrsite.formats.en import formats as english

ROOT = settings.BASE_DIR


def test_every_string_of_the_sources_is_translated_and_compiled():
    check = subprocess.run(
        [sys.executable, ".ci/messages.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, f"{check.stderr}\nRun `make messages`, and translate what it names."


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("name", [name for name in vars(english) if name.endswith("_FORMAT")])
def test_every_language_has_the_formats_of_dates(language, name):
    # Django gives back the name of a format that it does not know.
    assert get_format(name, language) != name
