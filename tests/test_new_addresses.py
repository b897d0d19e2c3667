"""What was never public changes no new address: of abstracts, persons and keywords, by whatever door they come."""

import random
import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.urls import reverse

from abstracts import clock
from abstracts.importing import ImportOptions, run_import
from abstracts.models import Abstract, AbstractKeyword, AuthorLine, Keyword, Meeting, Person, PersonName
from abstracts.models.byline import person_key
from abstracts.models.keyword import keyword_key
from abstracts.visibility import ANONYMOUS, Level
from tests import factories
from tests.abstracts.admin.posting import add_row, answer, asks, edit
from tests.abstracts.importing.files import jsonl, xlsx

pytestmark = pytest.mark.django_db

TITLES = [
    "Secukinumab in Axial Spondyloarthritis",
    "<i>Secukinumab</i> in axial spondyloarthritis",
    "Anti–TNF-α in β-Thalassaemia",
    "类风湿",
    "wordy " * 60,
]
# With their ORCIDs.
NAMES = {
    "Ada van Rivel": "0000-0002-1825-0097",
    "ADA VAN RIVEL": "0000-0002-1825-0097",
    "Bo Órtega": "0000-0001-5109-3700",
    "李雷": "",
    "王芳": "",
}
KEYWORDS = ["Gout", "gout", "Gout 痛風", "痛風", "関節", "TNF-α", "long " * 40 + "one", "long " * 40 + "two"]
# What tells equal addresses apart at random.
TOKEN = re.compile(r"(?<=-)[a-hjkmnp-z2-9]{6}$")

Entry = dict[str, str]


def entries(random_: random.Random, count: int, first: int) -> list[Entry]:
    """Abstracts with words of the few above, so that many are the same; one in four has no number."""
    return [
        {
            "number": f"{first + n:04}" if random_.randrange(4) else "",
            "reference": f"R{first + n}",
            "title": random_.choice(TITLES),
            "author": (author := random_.choice(list(NAMES))),
            "orcid": NAMES[author],
            "keyword": random_.choice(KEYWORDS),
        }
        for n in range(count)
    ]


def by_saving(meeting: Meeting, rows: list[Entry], **_) -> None:
    tier = meeting.tiers.get(name="Regular")
    for row in rows:
        abstract = Abstract(meeting=meeting, tier=tier, number=row["number"], title=row["title"])
        abstract.save()
        name, key = row["author"], keyword_key(row["keyword"])
        known = PersonName.unfiltered.filter(key=person_key(name)).first()
        person = known.person if known else Person.unfiltered.create(name=name)
        if not known:
            PersonName.unfiltered.create(person=person, name=name)
        AuthorLine(abstract=abstract, person=person, name=name).save()
        keyword = Keyword.unfiltered.filter(key=key).first() or Keyword.unfiltered.create(name=row["keyword"])
        AbstractKeyword(abstract=abstract, keyword=keyword).save()


def by_sheet(meeting: Meeting, rows: list[Entry], folder, **_) -> None:
    cells = [
        {"abstract_number": row["number"], "reference": row["reference"], "title": row["title"],
         "authors_and_affiliations": row["author"], "keywords": row["keyword"], "abstract_text": "Methods: We counted."}
        for row in rows
    ]  # fmt: skip
    report = run_import(xlsx(folder / "a.xlsx", cells), ImportOptions(meeting=meeting.slug, tier="Regular"))
    assert report.applied, report.as_text()


def by_json(meeting: Meeting, rows: list[Entry], folder, **_) -> None:
    text = [{"label": "", "text": "We counted."}]
    lines = [
        {"number": row["number"], "reference": row["reference"], "title": row["title"], "keywords": [row["keyword"]],
         "authors": [{"name": row["author"], "orcid": row["orcid"]}], "sections": text}
        for row in rows
    ]  # fmt: skip
    report = run_import(jsonl(folder / "a.jsonl", lines), ImportOptions(meeting=meeting.slug, tier="Regular"))
    assert report.applied, report.as_text()


def by_admin(meeting: Meeting, rows: list[Entry], client, **_) -> None:
    url = reverse("admin:abstracts_abstract_add")
    for row in rows[:3]:
        author = add_row(client, url, "abstract_form", "authorline", position="0", name=row["author"])
        fields = {"meeting": str(meeting.pk), "tier": str(meeting.tiers.get(name="Regular").pk)}
        fields |= {"title": row["title"], "number": row["number"]}
        response = edit(client, url, "abstract_form", **author, **fields)
        if asks(response):
            response = answer(client, response)
        assert "errornote" not in response.content.decode()
    assert Abstract.unfiltered.filter(meeting=meeting, tier__name="Regular").count() == 3


DOORS: dict[str, Callable] = {"save": by_saving, "sheet": by_sheet, "json": by_json, "admin": by_admin}


def store_twins(random_: random.Random, folder) -> None:
    """Abstracts that the public never sees, with the same words: under embargo, of a hidden meeting, with old slugs."""
    held = factories.TierFactory(meeting=Meeting.objects.get(), name="Held", steps=[])
    hidden = factories.TierFactory(meeting__slug="hidden", meeting__is_published=False, name="Regular")
    by_json(hidden.meeting, entries(random_, 12, 1), folder)
    for row in entries(random_, 12, 500):
        Abstract(meeting=held.meeting, tier=held, number=row["number"], title=row["title"]).save()
    for slug in ("secukinumab-in-axial-spondyloarthritis", "abstract", "anti-tnf-alpha-in-beta-thalassaemia"):
        factories.AbstractFactory(meeting=held.meeting, tier=held, number=f"T{slug}"[:40], slug=slug)
    for name in ("ada-van-rivel", "author", "bo-ortega"):
        factories.PersonFactory(name="Somebody Else", slug=name)


def public_addresses() -> dict[str, list[str]]:
    at = clock.now()
    rows = {
        "abstracts": Abstract.objects.visible_to(ANONYMOUS, at, least=Level.FULL),
        "authors": Person.objects.visible_to(ANONYMOUS, at),
        "keywords": Keyword.objects.visible_to(ANONYMOUS, at),
    }
    return {
        name: sorted(TOKEN.sub("TOKEN", slug) for slug in some.values_list("slug", flat=True))
        for name, some in rows.items()
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("door", DOORS)
def test_hidden_abstracts_with_the_same_words_change_no_new_address(door, seed, client, tmp_path):
    found = []
    client.force_login(factories.StaffFactory())
    meeting = factories.TierFactory(meeting__slug="forum", name="Regular").meeting
    for with_twins in (False, True):
        with transaction.atomic():
            if with_twins:
                store_twins(random.Random(f"twins {seed}"), tmp_path)
                assert Abstract.unfiltered.count() == 27
                assert public_addresses() == {"abstracts": [], "authors": [], "keywords": []}
            rows = entries(random.Random(seed), 12, 1)
            DOORS[door](meeting, rows, folder=tmp_path, client=client)
            found.append(public_addresses())
            transaction.set_rollback(True)
    assert found[0]["abstracts"]
    assert found[0]["authors"]
    assert found[0] == found[1]
