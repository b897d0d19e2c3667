"""Template filters: sanitized HTML, bylines, links, and the functions of `reading.wording`."""

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from django import template
from django.core.paginator import Page
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Session
from ..reading import Author, Document, FigureView, Row, wording
from ..words.addresses import in_language, without_language
from ..words.text import slugify

register = template.Library()
for word in (
    wording.day,
    wording.clock,
    wording.session_time,
    wording.slot_time,
    wording.short_day,
    wording.in_zone,
    wording.release_time,
    wording.embargo_line,
    wording.status_line,
    wording.pending_line,
    wording.meeting_dates,
    wording.place_of,
    wording.zone_label,
    wording.label,
    wording.numbered,
    wording.number,
    wording.abstracts,
):
    register.filter(word.__name__, word)

register.filter(in_language)
register.filter(without_language)

SHORT_BYLINE = 6


@register.filter
def sanitized(html: str) -> SafeString:
    """HTML of a field that its model's `derive` sanitized (title, caption, section, disclosures, page), unchanged."""
    return mark_safe(html)  # noqa: S308


def _author_link(author: Author) -> SafeString:
    if not author.url:
        return conditional_escape(author.name)
    return format_html('<a href="{}">{}</a>', author.url, author.name)


def _author_with_numbers(author: Author) -> SafeString:
    link = _author_link(author)
    return format_html("{}<sup>{}</sup>", link, ",".join(map(str, author.numbers))) if author.numbers else link


@register.filter
def byline(authors: Iterable[Author]) -> SafeString:
    """All authors, linked to the index, with the superscript numbers of their affiliations."""
    return mark_safe(", ".join(_author_with_numbers(a) for a in authors))  # noqa: S308  (each part is escaped)


@register.filter
def authors_short(authors: list[Author]) -> SafeString:
    """The first six authors, linked, “and N more”."""
    shown = authors[:SHORT_BYLINE]
    text = format_html_join(", ", "{}", ((_author_link(a),) for a in shown))
    hidden = len(authors) - len(shown)
    more = ngettext("and %(count)d more", "and %(count)d more", hidden) % {"count": hidden}
    return format_html("{} <span>{}</span>", text, more) if hidden else text


@register.filter
def group_anchor(name: str) -> str:
    """The id of a menu group on the page of all meetings."""
    return f"group-{slugify(name) or 'more'}"


@register.filter
def elided(page: Page) -> list[int | str]:
    """Page numbers around `page`, with “…” for those left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def with_scrolling_tables(html: str) -> SafeString:
    """Sanitized HTML, each table in a box that scrolls if the table is wider than the page."""
    if "<table" in html:
        box = format_html('<div class="scroll" role="region" aria-label="{}" tabindex="0"><table', _("Table"))
        html = html.replace("<table", box).replace("</table>", "</table></div>")
    return sanitized(html)


@register.filter
def state_badge(row: Row) -> SafeString:
    """The row's embargo or editorial state in a badge; "" for released abstracts without a note."""
    abstract = row.abstract
    if row.is_ahead_of_release:
        kind, text = "embargoed", wording.embargo_line(abstract)
    elif row.is_noted:
        kind, text = abstract.status, abstract.get_status_display()
    elif not row.is_full:
        kind, text = "pending", wording.pending_line(abstract)
    else:
        return SafeString("")
    return format_html('<p class="state"><span class="badge {}">{}</span></p>', kind, text)


@register.filter
def day_value(date: dt.date | None) -> str:
    """A day as filters take it; "none" for sessions without a date."""
    return date.isoformat() if date else "none"


@register.filter
def lookup(values: Mapping, key):
    """`values[key]`, or None."""
    return values.get(key)


@register.filter
def time_in(row: Row, session: Session) -> str:
    """The abstract's own time in `session`: “11:45 AM–12:00 PM CDT”; "" if it has none."""
    slot = next((s for s in row.slots if s.session.pk == session.pk and s.start_time), None)
    return wording.slot_time(slot) if slot else ""


@register.filter
def srcset(view: FigureView) -> str:
    """The srcset attribute of a figure's image: its renditions, then the full image."""
    candidates = [f"{view.url}{r.width}/ {r.width}w" for r in view.renditions]
    return ", ".join([*candidates, f"{view.url} {view.figure.width}w"])


_REGISTERS = {
    "NCT": "https://clinicaltrials.gov/study/{}",
    "ISRCTN": "https://www.isrctn.com/{}",
    "DRKS": "https://drks.de/search/en/trial/{}",
}


@register.filter
def trial_link(trial: str) -> SafeString:
    """A trial id, linked to its entry in the register, if the register is known."""
    for prefix, address in _REGISTERS.items():
        if trial.upper().startswith(prefix):
            return format_html('<a href="{}" rel="external">{}</a>', address.format(quote(trial.upper())), trial)
    return conditional_escape(trial)


@register.filter
def mail_link(document: Document, site) -> str:
    """A mailto: address that shares the page; only for pages whose title may be known."""
    subject = wording.label(document.abstract)
    body = f"{subject}\n{document.abstract.meeting.name}\n{site.url}{document.url}"
    return f"mailto:?subject={quote(subject)}&body={quote(body)}"
