"""`/styleguide/`: every component of the site's look in every state, from the templates of the pages.

It exists only with DEBUG: then `acrsite.urls` includes `urlpatterns`. It is made without a database.
"""

import datetime as dt
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from abstracts.models import Abstract, Meeting, Session
from abstracts.reading import Author, Row, Slot
from abstracts.visibility import Level, Status

MEETING = Meeting(name="Sample Convergence", slug="sample-convergence", year=2026, timezone="America/Chicago")
SESSION = Session(
    meeting=MEETING,
    title="Vasculitis Posters",
    slug="vasculitis-posters",
    type="Poster Session",
    place="Hall C",
    date=dt.date(2026, 11, 1),
    start_time=dt.time(9),
    end_time=dt.time(11),
)
RELEASE = dt.datetime(2099, 11, 1, 15, tzinfo=dt.UTC)
LONG_TITLE = "Focus Score, Germinal Centers and Salivary Flow at Diagnosis and the Risk of <i>Lymphoma</i> " * 3
COLORS = [
    "paper",
    "wash",
    "ink",
    "soft",
    "line",
    "strong-line",
    "accent",
    "accent-wash",
    "warn",
    "warn-wash",
    "bad",
    "bad-wash",
    "good",
    "good-wash",
]
# Number, title, level, public level, status: a row in each state.
STATES = [
    ("0001", "An Abstract like Most", Level.FULL, Level.FULL, Status.PUBLISHED),
    ("0002", LONG_TITLE, Level.FULL, Level.FULL, Status.PUBLISHED),
    ("0003", "Listed Ahead of Its Release", Level.LISTED, Level.LISTED, Status.PUBLISHED),
    ("0004", "", Level.SHELL, Level.SHELL, Status.PUBLISHED),
    ("LB05", "Seen by Press ahead of Release", Level.FULL, Level.HIDDEN, Status.PUBLISHED),
    ("0006", "Withdrawn by Its Authors", Level.LISTED, Level.LISTED, Status.WITHDRAWN),
    ("0007", "Retracted", Level.FULL, Level.FULL, Status.RETRACTED),
    ("0008", "Corrected", Level.FULL, Level.FULL, Status.CORRECTED),
]


class SampleForm(forms.Form):
    """A field of each kind; one has an error."""

    words = forms.CharField(help_text="Two words or more.", initial="lupus nephritis")
    day = forms.ChoiceField(choices=[("", "Any day"), ("1", "Sunday")], required=False)
    wrong = forms.EmailField(initial="nobody")
    keep = forms.BooleanField(label="Keep me signed in", required=False)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """The page of components."""
    form = SampleForm({"words": "lupus", "wrong": "nobody"})
    context = {
        "rows": [_row(place, *state) for place, state in enumerate(STATES, 1)],
        "page": Paginator(range(400), 20).get_page(7),
        "form": form,
        "colors": COLORS,
        "favorites": SimpleNamespace(ids={2}, count=1),
        "meeting": MEETING,
        "withdrawn": SimpleNamespace(status=Status.WITHDRAWN, status_note="One center's data were lost."),
        "corrected": SimpleNamespace(status=Status.CORRECTED, status_note=""),
    }
    return render(request, "styleguide.html", context)


def _row(pk: int, number: str, title: str, level: Level, public: Level, status: Status) -> Row:
    abstract = Abstract(pk=pk, number=number, title=title, meeting=MEETING, status=status, released_from=RELEASE)
    abstract.level, abstract.public_level = level, public
    authors = [Author(f"Ada Invented {n}", "Invented", "Ada", [1, n], "#rows") for n in range(1, 2 + 4 * pk % 9)]
    slot = Slot(SESSION, "#rows", pk, None, None)
    return Row(abstract, "#rows", authors if title else [], [slot])


urlpatterns = [path("styleguide/", styleguide, name="styleguide")]
