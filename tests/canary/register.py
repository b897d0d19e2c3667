"""Which text may be seen from which level on: every text field of every table, or the canary test fails.

A field's rule is one of

- a `Level`: of the abstract, from which on the field may be seen;
- NEVER: nobody but staff reads it;
- MEETING: it is as public as its meeting, and with the meeting only;
- PUBLIC: it is on public pages, always;
- Same("field"): computed from that field of the same row, and seen as that is;
- NO_TEXT: it holds one of a few known words, which tell nothing of an abstract (a status, a time zone).
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models

from abstracts.visibility import Level


@dataclass(frozen=True)
class Same:
    field: str


NEVER, MEETING, PUBLIC, NO_TEXT = "never", "meeting", "public", "no text"

REGISTER = {
    "Abstract": {
        "key": NO_TEXT,
        "number": Level.SHELL,
        "number_key": Same("number"),
        "title": Level.TITLED,
        "title_text": Same("title"),
        "slug": Level.TITLED,
        "status": NO_TEXT,
        "status_note": Level.NOTED,
        "disclosures": Level.FULL,
        "trial_ids": Level.FULL,
        "doi": Level.FULL,
    },
    "SlugRedirect": {"slug": Level.TITLED},
    "Section": {"label": Level.FULL, "html": Level.FULL},
    "AuthorLine": {
        "name": Level.LISTED,
        "family": Level.LISTED,
        "given": Level.LISTED,
        "orcid": Level.LISTED,
        "sort_key": Same("family"),
    },
    "Person": {
        "name": Level.LISTED,
        "family": Level.LISTED,
        "given": Level.LISTED,
        "orcid": Level.LISTED,
        "slug": Level.LISTED,
        "sort_key": Same("family"),
    },
    "PersonName": {"name": Level.LISTED, "key": Same("name"), "slug": Level.LISTED},
    "Affiliation": {"text": Level.LISTED, "institution": Level.LISTED, "country": Level.LISTED},
    "Keyword": {"name": Level.LISTED, "slug": Level.LISTED, "key": Same("name")},
    "KeywordSynonym": {"name": Level.LISTED, "slug": Level.LISTED, "key": Same("name")},
    "AbstractKeyword": {"label": Level.LISTED},
    "Figure": {
        "key": NO_TEXT,
        "label": Level.FULL,
        "caption": Level.FULL,
        "alt": Level.FULL,
        "image": NEVER,
        "original_name": NEVER,
        "digest": NEVER,
    },
    "Rendition": {"image": NEVER},
    "AbstractSource": {"reference": NEVER, "row": NEVER, "imported": NEVER},
    "ImportRun": {"file_name": NEVER, "counts": NEVER, "report": NEVER},
    "Meeting": {
        "name": MEETING,
        "slug": MEETING,
        "city": MEETING,
        "journal": MEETING,
        "volume": MEETING,
        "supplement": MEETING,
        "embargo_policy": MEETING,
        "embargo_policy_es": MEETING,
        "press_terms": MEETING,
        "press_terms_es": MEETING,
        "menu_group": MEETING,
        "kind": NO_TEXT,
        "timezone": NO_TEXT,
    },
    "EmbargoTier": {"name": NEVER, "number_prefixes": NO_TEXT, "decides": NO_TEXT, "decides_type": NEVER},
    "EmbargoStep": {"shows": NO_TEXT, "rule": NO_TEXT, "timezone": NO_TEXT},
    "Session": {"code": MEETING, "title": MEETING, "slug": MEETING, "type": MEETING, "place": MEETING},
    "Page": {"slug": PUBLIC, "title": PUBLIC, "html": PUBLIC},
    "EmbargoRecord": {
        "by_name": NEVER,
        "proposed_by_name": NEVER,
        "door": NEVER,
        "reason": NEVER,
        "previous": NO_TEXT,
        "digest": NO_TEXT,
    },
    "RecordHead": {"digest": NO_TEXT},
    "RecordLine": {"meeting": NEVER, "number": NEVER, "old_status": NO_TEXT, "new_status": NO_TEXT},
    "HeldChange": {
        "state": NO_TEXT,
        "door": NEVER,
        "reason": NEVER,
        "path": NEVER,
        "post": NEVER,
        "files": NEVER,
        "files_token": NO_TEXT,
        "effects": NEVER,
        "digest": NO_TEXT,
        "answer": NEVER,
    },
    "ArchiveState": {"token": NO_TEXT, "zone_data": NO_TEXT},
    "PastRevision": {"token": NO_TEXT},
}

TEXT = (models.CharField, models.TextField, models.JSONField, models.FileField)


def text_fields(model: type[models.Model]) -> list[models.Field]:
    """The fields of `model` that can hold words."""
    return [f for f in model._meta.concrete_fields if isinstance(f, TEXT)]


def tables() -> list[type[models.Model]]:
    """The archive's tables; the histories of tables are the admin's alone."""
    config = apps.get_app_config("abstracts")
    return [m for m in config.get_models() if not m.__name__.startswith("Historical")]


def rule_of(model: type[models.Model], field: str):
    """The rule of a field, through Same."""
    rule = REGISTER[model.__name__][field]
    return rule_of(model, rule.field) if isinstance(rule, Same) else rule
