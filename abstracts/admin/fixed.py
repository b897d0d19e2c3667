"""The base of pages of rows that belong to one meeting."""

from .base import ArchiveAdmin
from .forms import FixedMeetingForm


class FixedMeetingAdmin(ArchiveAdmin):
    """Rows that cannot move to another meeting, because their own rows belong to it."""

    form = FixedMeetingForm
    list_select_related = ["meeting"]

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "meeting"] if obj else fields
