"""How abstracts of several meetings are ordered."""

from django.db.models import F

MEETINGS_NEWEST_FIRST = (
    F("meeting__year").desc(),
    F("meeting__starts_on").desc(nulls_last=True),
    "meeting__name",
    "meeting_id",
)
# By meeting, then by number.
NEWEST_FIRST = (*MEETINGS_NEWEST_FIRST, "number_key", "pk")
