"""How well an ACR-shaped sheet is understood: `python -m benchmarks.import_quality FILE`.

Prints, from the file alone (no database is touched): rows; authors against people in the disclosures, and every row
where they differ; initials and family names against the disclosures'; the same by the shape of the names alone, as it
would be without disclosures; superscripts resolved; affiliations recognised; sections; what is left over.
"""

import os
import re
import sys
from collections import Counter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acrsite.settings")
os.environ.setdefault("DEBUG", "true")

import django

django.setup()

from abstracts.importing import ImportOptions
from abstracts.importing.affiliations import parse_affiliation
from abstracts.importing.byline import ParsedByline, parse_byline
from abstracts.importing.columns import match_columns
from abstracts.importing.disclosures import cut_disclosures, people_in
from abstracts.importing.names import Hint, SplitName, agrees, split_by_shape
from abstracts.importing.readers import open_source
from abstracts.importing.sections import is_promise, learn_labels, split_text
from abstracts.importing.typed_text import resolve_entities, text_html
from abstracts.words.text import plain_text, squeeze


def letters(text: str) -> str:
    return re.sub(r"\s", "", text)


class Quality:
    """Counts over the rows of a sheet, and lines about what is odd."""

    def __init__(self, labels: frozenset[str]):
        self.labels = labels
        self.count: Counter[str] = Counter()
        self.section_labels: Counter[str] = Counter()
        self.odd: list[str] = []

    def row(self, number: str, authors: str, text: str) -> None:
        body, disclosures = cut_disclosures(text)
        people = people_in(disclosures)
        byline = parse_byline(authors, people)
        self.count["rows"] += 1
        self.authors(number, byline, people)
        self.superscripts(authors, byline)
        self.affiliations(byline)
        self.sections(number, body)
        self.odd += [f"{number}: {problem}" for problem in byline.problems]

    def authors(self, number: str, byline: ParsedByline, people: list[Hint]) -> None:
        self.count["authors"] += len(byline.authors)
        self.count["people in disclosures"] += len(people)
        self.count["rows with as many"] += len(byline.authors) == len(people)
        if len(byline.authors) != len(people):
            named = {author.hint for author in byline.authors}
            unnamed = [author.name for author in byline.authors if author.hint is None]
            unlisted = [f"{person.initial}. {person.family}" for person in people if person not in named]
            reasons = [f"the disclosures do not name {', '.join(unnamed)}"] if unnamed else []
            reasons += [f"the byline does not list {', '.join(unlisted)}"] if unlisted else []
            self.odd.append(
                f"{number}: {len(byline.authors)} authors, {len(people)} people in the disclosures: "
                + "; ".join(reasons)
            )
        for author in byline.authors:
            if author.hint:
                self.count["paired"] += 1
                self.count["agreeing"] += agrees(SplitName(author.given, author.family), author.hint)
                self.count["agreeing blind"] += agrees(split_by_shape(author.name), author.hint)
                if not agrees(SplitName(author.given, author.family), author.hint):
                    kind = "a group" if author.is_group else "otherwise in the disclosures"
                    self.odd.append(
                        f"{number}: “{author.name}” is {kind}: “{author.hint.initial}. {author.hint.family}”"
                    )

    def superscripts(self, authors: str, byline: ParsedByline) -> None:
        numbered = bool(re.search(r" 1 (?:,|and )", authors))
        self.count["bylines with superscripts"] += numbered
        if numbered:
            self.count["superscripts"] += len(byline.authors)
            self.count["superscripts resolved"] += sum(bool(author.affiliations) for author in byline.authors)
        else:
            self.count["authors by shared affiliation"] += sum(bool(a.affiliations) for a in byline.authors)
            self.count["authors without affiliation"] += sum(not a.affiliations for a in byline.authors)

    def affiliations(self, byline: ParsedByline) -> None:
        for text in byline.affiliations:
            parsed = parse_affiliation(text)
            self.count["affiliations"] += 1
            self.count["with institution"] += bool(parsed.institution)
            self.count["with country"] += bool(parsed.country)

    def sections(self, number: str, body: str) -> None:
        if is_promise(body):
            self.count["rows that only promise a text"] += 1
            self.odd.append(f"{number}: has no text yet: “{squeeze(body)}”")
            return
        text = split_text(body, self.labels)
        self.section_labels.update(label or "(none)" for label, _ in text.sections)
        self.count["figure captions"] += len(text.captions)
        html = "".join(f"{label}:{plain_text(text_html(parts))}" for label, parts in text.sections)
        wanted = letters(resolve_entities(squeeze(body)))
        left = len(wanted) - len(letters(html)) - sum(len(letters("".join(c))) for c in text.captions)
        self.count["letters"] += len(wanted)
        self.count["letters left over"] += abs(left)
        if left:
            self.odd.append(f"{number}: {left} letters of the text are in no section")

    def show(self) -> None:
        count = self.count
        for name in count:
            print(f"{count[name]:>9,}  {name}")
        print(f"{share(count['rows with as many'], count['rows'])}  rows with as many authors as disclosures")
        print(
            f"{share(count['agreeing'], count['paired'])}  authors whose initial and family name are the disclosure's"
        )
        print(f"{share(count['agreeing blind'], count['paired'])}  the same from the shape of the name alone")
        print(f"{share(count['superscripts resolved'], count['superscripts'])}  superscripts resolved")
        print("sections:", ", ".join(f"{label} {n}" for label, n in self.section_labels.most_common()))
        print(f"odd ({len(self.odd)}):")
        print("\n".join(f"  {line}" for line in self.odd))


def share(part: int, whole: int) -> str:
    return f"{100 * part / (whole or 1):8.3f}%"


def main(path: str) -> None:
    source = open_source(path, ImportOptions())
    fields = {field: column for column, field in match_columns(source.headers or [], {}).items()}
    rows = [record.data for record in source.records()]
    labels = learn_labels(cut_disclosures(row[fields["text"]])[0] for row in rows)
    quality = Quality(labels)
    for row in rows:
        quality.row(row[fields["number"]], row[fields["authors"]], row[fields["text"]])
    quality.show()


if __name__ == "__main__":
    main(sys.argv[1])
