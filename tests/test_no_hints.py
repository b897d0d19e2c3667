"""What is hidden makes no difference: not in words, order or length of any public answer, nor in the work for it.

An archive of few words (`hints.archive`) is asked hundreds of random questions (`hints.asking`), before and after
something hidden is added, edited, moved and deleted (`hints.changing`). Every answer has to be the same to the byte,
with its headers, and to take as many SQL statements and calls of the engine.

NO_HINTS_REQUESTS and NO_HINTS_SEED ask more, or other questions. A failure names both, and the requests.
"""

import os
import random
import re
from collections import Counter
from dataclasses import replace

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models.query import QuerySet
from django.test import Client, override_settings
from django.utils import timezone

from abstracts.models import (
    Abstract,
    ArchiveState,
    DocumentChange,
    Figure,
    Keyword,
    KeywordSynonym,
    Meeting,
    Person,
    Section,
)
from abstracts.search.following import purge
from abstracts.search.searching import Visible
from abstracts.visibility import ANONYMOUS
from abstracts.words.text import slugify
from accounts.models import CalendarAddress, FavoritesList
from acrsite.caching import CachingMiddleware
from tests import factories
from tests.canary.crawling import undone
from tests.hints import changing
from tests.hints.archive import AT, KEYWORDS, LATER_KEYWORDS, WORDS, make_public, public_rows, store
from tests.hints.asking import SHARED, Answers, Asker, Questions
from tests.hints.comparing import differences

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]

SEED = int(os.environ.get("NO_HINTS_SEED", "2026"))
REQUESTS = int(os.environ.get("NO_HINTS_REQUESTS", "260"))
PUBLIC, HIDDEN = 60, 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hints")


@pytest.fixture(scope="module")
def _at():
    """The law's instant stands still."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("abstracts.clock.now", lambda: AT)
        yield


@pytest.fixture(scope="module")
def asker(django_db_setup, django_db_blocker, folder, _at):
    """The archive, made once for all tests of this module, in one transaction that is undone after them."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        # Every test ends by closing the connection, and with it would end this transaction.
        patch.setattr(connection, "close", lambda: None)
        # The test client copies the context of every template that is rendered, for tests that look at it.
        patch.setattr("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
        with override_settings(FIGURES_ROOT=folder / "figures"):
            make_public(random.Random(SEED), PUBLIC)
        KeywordSynonym.unfiltered.create(keyword=Keyword.unfiltered.get(name="gout"), name="podagra")
        yield Asker(_session_key())
        transaction.set_rollback(True)


def _session_key() -> str:
    """The key of the session of a visitor who saved all there is. So did a user, who shares the list and has a
    calendar."""
    shared = factories.FavoritesListFactory(user=factories.UserFactory(), share_token=SHARED)
    CalendarAddress.objects.create(user=shared.user, token=SHARED)
    of_visitor = factories.FavoritesListFactory()
    for favorites_list in (shared, of_visitor):
        for pk in Abstract.objects.visible_to(ANONYMOUS, AT).order_by("pk").values_list("pk", flat=True):
            factories.FavoriteFactory(list=favorites_list, abstract=None, abstract_id=pk)
    session = Client().session
    session["favorites_list"] = of_visitor.pk
    session.save()
    return session.session_key


@pytest.fixture(autouse=True)
def _files(settings, folder, _own_folders):
    settings.FIGURES_ROOT = folder / "figures"
    settings.SEARCH_INDEX_ROOT = folder / "search"


@pytest.fixture(scope="module")
def before(asker, folder) -> Answers:
    with override_settings(FIGURES_ROOT=folder / "figures", SEARCH_INDEX_ROOT=folder / "search"):
        return asker.answers(Questions(random.Random(SEED)).requests(REQUESTS))


def assert_same(before: Answers, after: Answers) -> None:
    if found := differences(before, after):
        kinds = dict(Counter(request.kind for request in found))
        lines = [f"{request}: {'; '.join(what.values())}" for request, what in found.items()]
        pytest.fail("\n".join([f"{len(found)} of {len(before)} requests, {SEED=}, {REQUESTS=}: {kinds}", *lines]))


def test_adding_what_is_hidden(asker, before):
    with undone():
        assert len(changing.add_hidden(random.Random(SEED), HIDDEN)) == HIDDEN
        assert_same(before, asker.answers(before))


def test_adding_what_the_index_has_not_followed_yet(asker, before):
    """A few queries more find out that all of it is hidden; the answers are the same."""
    requests = {request: before[request] for request in list(before)[::4]}
    with undone():
        changing.add_hidden(random.Random(SEED), HIDDEN)
        after = asker.answers(requests, is_index_behind=True)
        shown = {request: replace(answer, statements=(), calls={}) for request, answer in requests.items()}
        assert_same(shown, {request: replace(answer, statements=(), calls={}) for request, answer in after.items()})


def test_editing_and_moving_what_is_hidden(asker, before):
    with undone():
        rng = random.Random(SEED)
        pks = changing.add_hidden(rng, HIDDEN)
        asker.answers([])
        changing.edit_hidden(rng, pks)
        assert_same(before, asker.answers(before))


def test_deleting_what_is_hidden(asker, before):
    with undone():
        pks = changing.add_hidden(random.Random(SEED), HIDDEN)
        asker.answers([])
        Abstract.unfiltered.filter(pk__in=pks).delete()
        assert_same(before, asker.answers(before))


def test_editing_hidden_parts_and_moving_their_instants(asker, before):
    with undone():
        assert changing.edit_partly_public(random.Random(SEED)) > 6
        assert_same(before, asker.answers(before))


def test_publishing_and_hiding_again(asker, before):
    with undone():
        rng = random.Random(SEED)
        pks = store(public_rows(rng, 12, changing.ALL, [*KEYWORDS, *LATER_KEYWORDS]))
        sample = {request: before[request] for request in list(before)[::5]}
        assert len(differences(sample, asker.answers(sample))) > len(sample) / 3
        changing.hide(rng, pks)
        # A thread does it within minutes.
        purge()
        assert_same(before, asker.answers(before))


def test_what_is_published_after_something_hidden(asker, monkeypatch):
    """Its addresses, names and order are those that it has where nothing is hidden."""
    monkeypatch.setattr(timezone, "now", lambda: AT)  # of each row, when it was written
    rows = public_rows(random.Random(SEED), 12, WORDS, [*KEYWORDS, *LATER_KEYWORDS])
    titles = [row["title"] for row in rows]
    with undone():
        _reset_sequences()
        _publish(rows)
        requests = Questions(random.Random(SEED)).requests(REQUESTS // 2)
        alone = _without_ids(asker.answers(requests))
    with undone():
        _reset_sequences()
        changing.add_hidden(random.Random(SEED), HIDDEN, titles)
        _publish(rows)
        assert_same(alone, _without_ids(asker.answers(requests)))


def _without_ids(answers: Answers) -> Answers:
    """Without the ids of entries in feeds and calendars: digests of primary keys with the archive's secret identity."""
    return {
        request: replace(answer, body=UUID.sub(b"", answer.body), headers=answer.headers | {"ETag": ""})
        for request, answer in answers.items()
    }


UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def _publish(rows: list) -> None:
    pks = store(rows)
    # Random keys, and the random ends of addresses of persons, would differ in any case.
    for model, path in ((Abstract, "pk__in"), (Figure, "abstract__in")):
        for number, pk in enumerate(QuerySet(model).filter(**{path: pks}).order_by("pk").values_list("pk", flat=True)):
            QuerySet(model).filter(pk=pk).update(key=f"{number:016x}")
    for person in Person.unfiltered.filter(authorline__abstract__in=pks).distinct():
        QuerySet(Person).filter(pk=person.pk).update(slug=slugify(person.name))
    for favorites_list in FavoritesList.objects.order_by("pk"):
        for pk in pks:
            factories.FavoriteFactory(list=favorites_list, abstract=None, abstract_id=pk)


def _reset_sequences() -> None:
    """Have new rows get the keys that they get where nothing was undone. (SQLite undoes that, too.)"""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)


# What is answered by the index. (Dates of changes are in other pages, too.)
OF_INDEX = {"search", "either", "question", "syntax", "fields", "misspelled", "synonym", "suggestions", "direct"}


def test_the_order_of_equals_does_not_depend_on_when_they_were_written(asker, before):
    """The same archive, which the index wrote in many pieces, with other ones in between."""
    requests = {request: answer for request, answer in before.items() if request.kind in OF_INDEX}
    rng = random.Random(SEED)
    with undone():
        pks = list(Abstract.objects.visible_to(ANONYMOUS, AT).order_by("pk").values_list("pk", flat=True))
        rng.shuffle(pks)
        for start in range(0, len(pks), 8):
            former = _rewrite(pks[start : start + 8], lambda html: f"{html}<p>{WORDS[0]} {WORDS[1]} {WORDS[2]}</p>")
            asker.answers([])
            _rewrite(pks[start : start + 8], former.__getitem__)
            asker.answers([])
        purge()
        assert_same(requests, asker.answers(requests))


def _rewrite(pks: list[int], rewritten) -> dict[str, str]:
    """Rewrite the texts of the abstracts `pks`, with no trace of when; the former text of each."""
    former = {}
    for section in Section.unfiltered.filter(abstract__in=pks):
        html = rewritten(section.html)
        former[html] = section.html
        QuerySet(Section).filter(pk=section.pk).update(html=html)
    ArchiveState.move_on()
    DocumentChange.record(pks)
    return former


def _ask_the_whole_index(monkeypatch) -> None:
    """As before: with the clause of the law, but ordered by the words of all documents."""
    joined = Visible.__init__

    def init(self, viewer, at):
        joined(self, viewer, at)
        self.is_public = False

    monkeypatch.setattr(Visible, "__init__", init)


def _have_each_answer(monkeypatch, do) -> None:
    call = CachingMiddleware.__call__

    def calling(self, request):
        response = call(self, request)
        do(response)
        return response

    monkeypatch.setattr(CachingMiddleware, "__call__", calling)


def _count_in_a_header(monkeypatch) -> None:
    def count(response) -> None:
        response["X-Meetings"] = str(Meeting.objects.count())

    _have_each_answer(monkeypatch, count)


def _work_more_if_something_is_hidden(monkeypatch) -> None:
    def work(response) -> None:
        if Meeting.objects.filter(is_published=False).exists():
            Meeting.objects.count()

    _have_each_answer(monkeypatch, work)


PLANTS = {
    _ask_the_whole_index: "body",
    _count_in_a_header: "X-Meetings",
    _work_more_if_something_is_hidden: "statements",
}


@pytest.mark.parametrize(("plant", "aspect"), PLANTS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_a_planted_hint_is_noticed(asker, before, monkeypatch, plant, aspect):
    plant(monkeypatch)
    requests = [request for request in before if request.kind in ("either", "question", "abstract")][:30]
    with undone():
        planted = asker.answers(requests)
        changing.add_hidden(random.Random(SEED), HIDDEN)
        found = differences(planted, asker.answers(requests))
    assert aspect in {name for what in found.values() for name in what}
