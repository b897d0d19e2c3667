"""Reads the form of a page, as a browser would, so that tests can change some fields and send it back."""

import html
import io
import re
from html.parser import HTMLParser

from PIL import Image


class _Fields(HTMLParser):
    def __init__(self, form_id: str):
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.values: dict[str, str | list[str]] = {}
        self.select = self.area = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside:
            return
        name = given.get("name")
        if tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("checkbox", "radio"):
                self.values[name] = given.get("value") or ""
            elif "checked" in given:
                self.values[name] = given.get("value") or "on"
        elif tag == "select":
            self.select = name
            if "multiple" not in given:
                self.values.setdefault(name, "")
        elif tag == "option" and self.select and "selected" in given:
            self.values[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.area, self.values[name] = name, ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.area:
            # HTML drops the line break after <textarea>.
            self.values[self.area] = self.values[self.area].removeprefix("\r\n").removeprefix("\n")
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data


def fields_of(page: str, form_id: str) -> dict[str, str]:
    """The fields of the form `form_id` in `page`, without the empty rows that scripts copy."""
    parser = _Fields(form_id)
    parser.feed(page)
    return {name: value for name, value in parser.values.items() if name and "__prefix__" not in name}


def edit(client, url: str, form_id: str, files: dict | None = None, follow: bool = True, **changes):
    """Open `url`, change fields (names with dashes: pass by **{}), and send the form. Returns the response."""
    fields = fields_of(client.get(url).content.decode(), form_id)
    return client.post(url, fields | {"_save": "Save"} | changes | (files or {}), follow=follow)


def add_row(client, url: str, form_id: str, prefix: str, **values) -> dict[str, str]:
    """The fields that add a row to the inline `prefix` of the form at `url`."""
    fields = fields_of(client.get(url).content.decode(), form_id)
    index = int(fields[f"{prefix}-TOTAL_FORMS"])
    return {f"{prefix}-TOTAL_FORMS": str(index + 1)} | {
        f"{prefix}-{index}-{name}": value for name, value in values.items()
    }


def png() -> bytes:
    """A white image of 600 × 300 pixels."""
    out = io.BytesIO()
    Image.new("RGB", (600, 300), "white").save(out, "PNG")
    return out.getvalue()


def asks(response) -> bool:
    """Whether `response`, followed, is the page on which a held change is confirmed."""
    return response.request["PATH_INFO"].endswith("/decide/") and response.status_code == 200


def answer(client, response, button: str = "confirm", reason: str = "The program committee decided so.", follow=True):
    """Press a button of the page of a held change, to which `response` led."""
    assert asks(response), response.request["PATH_INFO"]
    shown = re.search(r'name="shown" value="([^"]+)"', response.content.decode())
    data = {"shown": html.unescape(shown[1]) if shown else "", "reason": reason, button: "x"}
    return client.post(response.request["PATH_INFO"], data, follow=follow)
