"""An independent reader of descriptions for machines, with html.parser and json only."""

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
        attributes = dict(attrs)
        if tag == "meta" and (name := attributes.get("name") or attributes.get("property")):
            self.tags.append((name, attributes.get("content")))
        if tag == "link":
            self.links.append(attributes)
        self._inside = tag == "script" and attributes.get("type") == "application/ld+json"

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.data += json.loads(data)["@graph"]

    def all(self, name: str) -> list[str]:
        return [content for tag, content in self.tags if tag == name]

    def kinds(self) -> list[str]:
        return [thing["@type"] for thing in self.data]

    def of_kind(self, kind: str) -> dict:
        return next(thing for thing in self.data if thing["@type"] == kind)
