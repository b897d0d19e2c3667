"""An independent reader of what pages say to machines: html.parser and json, nothing of ours."""

import json
from html.parser import HTMLParser


class Head(HTMLParser):
    """`tags`: (name, content) of meta elements in order; `links`: attributes; `data`: the JSON-LD graph."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.links, self.data = [], [], []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "meta" and (name := found.get("name") or found.get("property")):
            self.tags.append((name, found.get("content")))
        if tag == "link":
            self.links.append(found)
        self._inside = tag == "script" and found.get("type") == "application/ld+json"

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.data += json.loads(data)["@graph"]

    def all(self, name: str) -> list[str]:
        return [content for found, content in self.tags if found == name]

    def kinds(self) -> list[str]:
        return [thing["@type"] for thing in self.data]

    def of_kind(self, kind: str) -> dict:
        return next(thing for thing in self.data if thing["@type"] == kind)
