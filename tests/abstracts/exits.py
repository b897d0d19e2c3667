"""Where the words of an abstract leave the site, and from which of the public's levels on each word is there."""

import re
from dataclasses import dataclass

from abstracts.models import Abstract, AbstractKeyword, AuthorLine, Presentation
from abstracts.visibility import Level
from accounts.models import CalendarAddress
from tests import factories
from tests.canary.walking import Answer

# No word is part of another, or of anything else on a page. (Addresses contain some of them.)
NUMBER, TITLE, FAMILY = "ZL417", "Quillfever", "Zorblatt"
KEYWORD, TEXT, NOTE = "Wobblethritis", "Snarfolimumab", "Ouphe"
# Stands in the title of another abstract too, so that there is something to narrow a search of it by.
COMMON = "arthropathy"
WORDS = {
    NUMBER: Level.SHELL,
    NOTE: Level.NOTED,
    TITLE: Level.TITLED,
    FAMILY: Level.LISTED,
    KEYWORD: Level.LISTED,
    TEXT: Level.FULL,
}
# In a list, and nowhere else: a search repeats its question above the results.
RESULT = f'<div class="row-number">{NUMBER}</div>'
NEVER = 100
CALENDAR, SHARED = "calendar-of-schedules", "list-of-schedules"


@dataclass(frozen=True)
class Exit:
    """An address and the words in its answer, each from a level on; the others of WORDS are never in it.

    `repeats`: a word that stands there in any case, being the question. `least`: below it there is no such page.
    """

    path: str
    shows: dict[str, int]
    repeats: str = ""
    least: int = Level.HIDDEN

    def faults(self, answer: Answer, level: int, has_note: bool) -> list[str]:
        """What is missing in `answer`, or must not be in it, while the public has `level` of the abstract."""
        found = [] if (answer.status == 404) == (level < self.least) else [f"{answer.status}"]
        for word in {*WORDS, RESULT, *self.shows} - {self.repeats}:
            is_due = level >= max(self.shows.get(word, NEVER), self.least) and (word != NOTE or has_note)
            if (word.lower() in answer.text) != is_due:
                found.append(f"{word} is {'missing' if is_due else 'there'}")
        return [f"{fault} at {Level(level).name} in {self.path}" for fault in found]


def shown(*words: str, least: int = Level.HIDDEN) -> dict[str, int]:
    """From which level on each of `words` is there, where nothing is below `least`."""
    return {word: max(WORDS[word], least) for word in words}


LISTED = (NUMBER, TITLE, FAMILY)
ALL = (*LISTED, KEYWORD, TEXT)
ROW = {RESULT: Level.SHELL} | shown(*LISTED)


def exits_of(abstract: Abstract) -> list[Exit]:
    """All exits of `abstract`, which has one author and one keyword."""
    return [*_pages(abstract), *_indexes(abstract), *searches(), *_suggestions(), *_files(abstract), *_feeds(abstract)]


def _pages(abstract: Abstract) -> list[Exit]:
    meeting, page = abstract.meeting.get_absolute_url(), f"/abstract/{abstract.slug}/"
    titled = Level.TITLED
    return [
        Exit(page, shown(*ALL, NOTE), least=titled),
        # From the title on it redirects to the address that contains the title.
        Exit(f"{meeting}{NUMBER}/", shown(TITLE, NOTE), repeats=NUMBER, least=Level.SHELL),
        Exit(f"{page}citations/", shown(*LISTED), least=titled),
        Exit(f"{page}card.png", shown(NUMBER, TITLE), least=titled),
        Exit(meeting, shown(NUMBER)),
        Exit(f"{meeting}?view=abstracts", ROW),
        *(Exit(session.get_absolute_url(), ROW) for session in _sessions(abstract)),
        Exit("/", shown(KEYWORD)),
        Exit(f"/lists/{SHARED}/", ROW),
    ]


def _sessions(abstract: Abstract) -> list:
    rows = Presentation.unfiltered.filter(abstract=abstract.pk).select_related("session__meeting")
    return [row.session for row in rows]


def _indexes(abstract: Abstract) -> list[Exit]:
    person = AuthorLine.unfiltered.select_related("person").get(abstract=abstract.pk).person
    keyword = AbstractKeyword.unfiltered.select_related("keyword").get(abstract=abstract.pk).keyword
    return [
        Exit("/keywords/", shown(KEYWORD)),
        Exit(keyword.get_absolute_url(), ROW | shown(KEYWORD), least=Level.LISTED),
        Exit("/authors/?start=z", shown(FAMILY)),
        Exit(person.get_absolute_url(), ROW, least=Level.LISTED),
    ]


def searches(with_index: bool = True) -> list[Exit]:
    """With the index each result has an excerpt, and there is something to narrow it by; the database has neither."""
    found = ROW | (shown(TEXT) if with_index else {})
    faceted = found | (shown(KEYWORD) if with_index else {})
    titled = shown(*ALL, least=Level.TITLED)
    return [
        Exit(f"/search/?q={COMMON}", _from(Level.TITLED, faceted)),
        Exit(f"/search/?title={TITLE}", _from(Level.TITLED, found), repeats=TITLE),
        Exit(f"/search/?author={FAMILY}", _from(Level.LISTED, found), repeats=FAMILY),
        Exit(f"/search/?keyword={KEYWORD}", _from(Level.LISTED, found), repeats=KEYWORD),
        Exit(f"/search/?q={TEXT}", _from(Level.FULL, found), repeats=TEXT),
        Exit(f"/search/?number={NUMBER}", found, repeats=NUMBER),
        Exit(f"/search/export/csv/?q={COMMON}", titled),
        Exit(f"/search/export/ris/?q={TEXT}", _from(Level.FULL, titled)),
    ]


def _from(least: int, shows: dict[str, int]) -> dict[str, int]:
    return {word: max(level, least) for word, level in shows.items()}


def _suggestions() -> list[Exit]:
    # The address of an abstract has its number.
    words = {TITLE: shown(TITLE, NUMBER, least=Level.TITLED), FAMILY: shown(FAMILY), KEYWORD: shown(KEYWORD)}
    return [Exit(f"/search/suggestions/?q={word[:5]}", found, repeats=word[:5]) for word, found in words.items()]


def _files(abstract: Abstract) -> list[Exit]:
    meeting, page = abstract.meeting.get_absolute_url(), f"/abstract/{abstract.slug}/"
    titled = shown(*ALL, least=Level.TITLED)
    return [
        *(Exit(f"{meeting}export/{name}/", titled) for name in ("csv", "ris", "jsonl", "xlsx", "nbib")),
        *(Exit(f"{page}export/{name}/", titled, least=Level.TITLED) for name in ("jsonl", "bibtex", "pdf")),
        *(Exit(f"{session.get_absolute_url()}export/text/", titled) for session in _sessions(abstract)),
        Exit(f"/calendars/{CALENDAR}.ics", shown(NUMBER, TITLE)),
    ]


def _feeds(abstract: Abstract) -> list[Exit]:
    """They, and the sitemap, know of an abstract when it is released."""
    entry = _from(Level.FULL, shown(*ALL))
    return [
        Exit("/feeds/newest/", entry),
        Exit(f"/feeds/meetings/{abstract.meeting.slug}/", entry),
        Exit(f"/feeds/search/?q={COMMON}", entry),
        # A part of an address, in which the title and the number are.
        Exit("/sitemaps/abstracts/1.xml", {TITLE: Level.FULL, NUMBER: Level.FULL}),
        Exit("/sitemaps/keywords/1.xml", {KEYWORD: Level.FULL}),
        Exit("/sitemaps/authors/1.xml", {FAMILY: Level.FULL}),
    ]


def share(abstract: Abstract) -> None:
    """Put it on a list and into a calendar that are read by whoever knows their addresses."""
    shared = factories.FavoritesListFactory(user=factories.UserFactory(), share_token=SHARED)
    factories.FavoriteFactory(list=shared, abstract=abstract)
    CalendarAddress.objects.create(user=shared.user, token=CALENDAR)


def max_age_of(answer: Answer) -> int | None:
    """For how many seconds proxies may keep it; None for not at all."""
    found = re.search(r"^cache-control: public, max-age=(\d+)$", answer.text, re.M)
    return int(found[1]) if found else None
