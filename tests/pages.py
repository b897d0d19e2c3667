"""A small archive with an abstract in every state, and the address of a page of every type: what the tests of the
look (validity, accessibility, size) walk through."""

import io
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from abstracts.models import Abstract, AbstractKeyword, AuthorLine, EmbargoRecord, HeldChange, Presentation, gate
from abstracts.models.effects import effects_as_json
from abstracts.models.imaging import store_figure_image
from abstracts.visibility import Status
from accounts.models import CalendarAddress, User
from tests.factories import (
    AbstractFactory,
    AffiliationFactory,
    AuthorLineFactory,
    FavoriteFactory,
    FavoritesListFactory,
    FigureFactory,
    MeetingFactory,
    PageFactory,
    PresentationFactory,
    SavedSearchFactory,
    SectionFactory,
    UserFactory,
    whole_abstract,
)

LONG_WORD = "Immunoglobulin" * 12
WIDE_TABLE = "<table><tr>" + "".join(f"<td>Invented measure {n}</td>" for n in range(12)) + "</tr></table>"


def a_page_of_every_type() -> dict[str, str]:
    """Name and address of a page of every type, in every state, that anybody may see; plants what they show."""
    abstract = an_abstract_with_everything()
    session = Presentation.unfiltered.get(abstract=abstract).session
    keyword = AbstractKeyword.unfiltered.filter(abstract=abstract).first().keyword
    person = AuthorLine.unfiltered.filter(abstract=abstract).first().person
    meeting = abstract.meeting.slug
    return {
        "home": reverse("home"),
        "meetings": reverse("meeting-list"),
        "meeting": reverse("meeting", args=[meeting]),
        "meeting by number": reverse("meeting", args=[meeting]) + "?view=abstracts",
        "meeting, nothing fits": reverse("meeting", args=[meeting]) + "?view=abstracts&q=zyxw",
        "session": reverse("session", args=[meeting, session.slug]),
        "abstract": reverse("abstract", args=[abstract.slug]),
        **{f"abstract, {name}": address for name, address in abstracts_by_state(session).items()},
        "keywords": reverse("keyword-list"),
        "keyword": reverse("keyword", args=[keyword.slug]),
        "authors": reverse("author-list"),
        "author": reverse("author", args=[person.slug]),
        "citations": reverse("abstract-citations", args=[abstract.slug]),
        "authors, nothing fits": reverse("author-list") + "?q=zyxw",
        "advanced search": reverse("search"),
        "search": reverse("search") + "?q=invented",
        "search, narrowed": reverse("search") + f"?q=invented&meeting={meeting}&has_figures=on",
        "search, misspelt": reverse("search") + "?q=inventid",
        "search, explained": reverse("search") + f"?q={quote(person.name)}+(zyxw+invented&words=zyxw",
        "search, nothing found": reverse("search") + "?q=zyxw",
        "embargo policy": reverse("embargo-policy", args=[meeting]),
        "for the press": reverse("press"),
        "press application": reverse("press-apply", args=[MeetingFactory(year=2099, press_terms="<p>x</p>").slug]),
        "press application, over": reverse("press-apply", args=[MeetingFactory(year=2020).slug]),
        "press application, sent": reverse("press-sent", args=[meeting]),
        "page": reverse("page", args=[PageFactory(slug="about").slug]),
        "downloads": reverse("download-list"),
        "download": reverse("download", args=[meeting]),
        "offline": reverse("offline"),
        "missing": "/nothing/here/",
        "no page": "/favorites/add/",
        **PERSONAL,
        **in_spanish(meeting, abstract),
    }


def in_spanish(meeting: str, abstract: Abstract) -> dict[str, str]:
    addresses = {
        "home": "/",
        "meeting": reverse("meeting", args=[meeting]),
        "abstract": reverse("abstract", args=[abstract.slug]),
        "search": reverse("search") + "?q=invented",
        "download": reverse("download", args=[meeting]),
        "sign up": "/accounts/signup/",
    }
    return {f"{name} in Spanish": f"/es{address}" for name, address in addresses.items()}


PERSONAL = {
    "no favorites": "/favorites/",
    "no favorites to clear": "/favorites/clear/",
    "sign in": "/accounts/login/",
    "sign in by code": "/accounts/login/code/",
    "sign up": "/accounts/signup/",
    "password": "/accounts/password/reset/",
}


def an_abstract_with_everything() -> Abstract:
    """Long words, a wide table, a figure in several widths, many authors and affiliations."""
    abstract = whole_abstract(title=f"{LONG_WORD} in <i>invented</i> cohorts")
    SectionFactory(abstract=abstract, position=9, label="Table 1", html=WIDE_TABLE)
    for position in range(100, 130):
        AuthorLineFactory(abstract=abstract, position=position)
        AffiliationFactory(abstract=abstract, position=position, text=f"Invented Hospital {position}")
    figure = FigureFactory(abstract=abstract, position=100, label="Figure 1", alt="Bars", caption="Invented.")
    data = io.BytesIO()
    Image.new("RGB", (1000, 700), "teal").save(data, "PNG")
    store_figure_image(figure, ContentFile(data.getvalue(), name="x.png"))
    return abstract


def abstracts_by_state(session) -> dict[str, str]:
    """The address of an abstract in each state that has a look of its own."""
    states = {
        "shell": {"shell": True},
        "listing": {"listing": True},
        "withdrawn": {"withdrawn": True},
        "retracted": {"status": Status.RETRACTED, "status_note": "Retracted by its authors."},
        "corrected": {"status": Status.CORRECTED, "status_note": "A number was misprinted."},
    }
    addresses = {}
    for name, state in states.items():
        abstract = AbstractFactory(meeting=session.meeting, **state)
        PresentationFactory(abstract=abstract, session=session)
        if name == "shell":
            addresses[name] = reverse("abstract-by-number", args=[session.meeting.slug, abstract.number])
        else:
            addresses[name] = reverse("abstract", args=[abstract.slug])
    return addresses


def star_everything(client: Client) -> dict[str, str]:
    """Saves every abstract as a favorite of `client`; what the pages of favorites then are, by name."""
    for key in Abstract.unfiltered.exclude(number="").values_list("key", flat=True):
        client.post("/favorites/add/", {"abstract": key}, HTTP_SEC_FETCH_SITE="same-origin")
    shared = FavoritesListFactory(user=UserFactory(), share_token="secret")
    for abstract in Abstract.unfiltered.all()[:5]:
        FavoriteFactory(list=shared, abstract=abstract)
    return {
        "favorites": "/favorites/",
        "print": "/favorites/print/",
        "clear": "/favorites/clear/",
        "organizing favorites": "/favorites/?organize=1",
        "favorites found": "/favorites/?q=invented&order=own",
        "program": "/favorites/programme/",
        "lists of a visitor": "/favorites/lists/",
        "shared list": "/lists/secret/",
        "favorites in Spanish": "/es/favorites/",
        "program in Spanish": "/es/favorites/programme/",
    }


def an_account_with_everything(user: User) -> dict[str, str]:
    """Gives `user` favorites in two lists, one of them shared, with notes, a saved search and an address of a calendar;
    the pages of the account then are, by name. Those of secrets ask for the password first."""
    shared = FavoritesListFactory(user=user, name="Journal club", share_token="of-the-journal-club")
    for saved in (FavoritesListFactory(user=user), shared):
        for abstract in Abstract.unfiltered.exclude(number="")[:3]:
            FavoriteFactory(list=saved, abstract=abstract, note="Ask about the dose")
    search = SavedSearchFactory(user=user, alert="weekly")
    CalendarAddress.objects.create(user=user)
    return {
        "account": "/accounts/",
        "profile": "/accounts/profile/",
        "e-mail": "/accounts/email/",
        "password of an account": "/accounts/password/change/",
        "sessions of an account": "/accounts/sessions/",
        "searches": "/accounts/searches/",
        "saved search": f"/accounts/searches/{search.pk}/",
        "saving a search": "/accounts/searches/new/?q=gout",
        "deleting an account": "/accounts/delete/",
        "second factor": "/accounts/2fa/",
        "app of a second factor": "/accounts/2fa/totp/activate/",
        "passkey": "/accounts/2fa/webauthn/add/",
        "sign out": "/accounts/logout/",
        "favorites of an account": "/favorites/",
        "lists of an account": "/favorites/lists/",
        "list of an account": f"/favorites/?list={shared.pk}",
        "organizing a list": f"/favorites/?list={shared.pk}&organize=1",
        "deleting a list": f"/favorites/lists/{shared.pk}/delete/",
        "program of an account": "/favorites/programme/",
        "account in Spanish": "/es/accounts/",
        "lists in Spanish": "/es/favorites/lists/",
        "searches in Spanish": "/es/accounts/searches/",
        "second factor in Spanish": "/es/accounts/2fa/",
    }


def changes_of_what_the_public_sees(user) -> dict[str, str]:
    """Pages of the admin: a change of `user` that waits, with more abstracts than are shown at first; an entry."""
    abstracts = AbstractFactory.create_batch(12, meeting=MeetingFactory(), draft=True)
    with gate.deciding(gate.Decision(by=user)), pytest.raises(gate.Refused) as refused:
        Abstract.unfiltered.filter(pk__in=[abstract.pk for abstract in abstracts]).update(status=Status.PUBLISHED)
    effects = effects_as_json(refused.value.effects)
    held = HeldChange.objects.create(by=user, door="Change 12 abstracts", path="/", effects=effects)
    with gate.bypassing("Invented"):
        abstracts[0].delete()
    return {
        "held change": reverse("admin:abstracts_heldchange_decide", args=[held.pk]),
        "proposals": reverse("admin:abstracts_heldchange_changelist"),
        "time zones": reverse("admin:resolve_time_zones"),
        "entry of the record": reverse(
            "admin:abstracts_embargorecord_change", args=[EmbargoRecord.objects.latest("number").pk]
        ),
    }


def embargo_of_a_meeting() -> dict[str, str]:
    """Pages of the admin: a tier with steps and room for more; the warnings of its meeting, with a button."""
    abstract = AbstractFactory(embargoed=True, title="A title that is changed")
    abstract.title = "Another one"
    abstract.save()
    return {
        "embargo tier": reverse("admin:abstracts_embargotier_change", args=[abstract.tier_id]),
        "warnings": reverse("admin:abstracts_meeting_warnings", args=[abstract.meeting_id]),
    }
