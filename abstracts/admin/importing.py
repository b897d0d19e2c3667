"""Import in the admin: choose a file, check it, import what was checked. The same run and report as the command."""

import json
from dataclasses import asdict

from django import forms
from django.contrib.admin import site
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ..importing import BadInput, ImportOptions, ImportReport, States, run_import
from ..models import Abstract, Meeting
from ..models.gate import Refused
from ..words.query_strings import cleaned_data
from . import uploads
from .base import log
from .forms import TIERS, TierChoice
from .reports import report_context

SALT = "abstracts.admin.importing"
SEE_REPORT = ("abstracts.view_importrun", "abstracts.view_abstract")


class MeetingLinkForm(forms.Form):
    """The query string of the link on a meeting's page."""

    meeting = forms.ModelChoiceField(Meeting.objects.all(), to_field_name="slug", required=False)


class ImportForm(forms.Form):
    file = forms.FileField(label="Spreadsheet", help_text="XLSX, CSV, TSV or JSON Lines; with a header line.")
    figures = forms.FileField(required=False, help_text="A zip of the images that rows name.")
    meeting = forms.ModelChoiceField(
        Meeting.objects.all(), to_field_name="slug", help_text="Not in the list? Add the meeting first."
    )
    tier = TierChoice(
        TIERS,
        required=False,
        label="Embargo tier",
        help_text="Of new abstracts whose row names no tier and whose number no rule of the meeting takes.",
    )
    mapping = forms.CharField(
        required=False,
        label="Columns",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 50}),
        help_text="Only where a column is not recognised by its name: one “column = field” a line.",
    )
    skip_invalid = forms.BooleanField(required=False, label="Leave out invalid rows", help_text="Else one stops all.")
    overwrite_edits = forms.BooleanField(
        required=False, label="Overwrite edits", help_text="Also what was edited here since the last import."
    )

    def clean_mapping(self) -> dict[str, str]:
        pairs = [line.partition("=") for line in self.cleaned_data["mapping"].splitlines() if line.strip()]
        if any(not (column.strip() and field.strip()) for column, _, field in pairs):
            raise ValidationError("Write one “column = field” a line.")
        return {column.strip(): field.strip() for column, _, field in pairs}

    def clean(self):
        cleaned = super().clean()
        meeting, tier = cleaned.get("meeting"), cleaned.get("tier")
        if meeting and tier and tier.meeting_id != meeting.pk:
            self.add_error("tier", "This tier belongs to another meeting.")
        return cleaned

    def choices_made(self) -> dict:
        """The choices as `ImportOptions` takes them, for JSON."""
        data = self.cleaned_data
        return {
            "meeting": data["meeting"].slug,
            "tier": data["tier"].name if data["tier"] else "",
            "mapping": data["mapping"],
            "skip_invalid": data["skip_invalid"],
            "overwrite_edits": data["overwrite_edits"],
            "file_name": (data["file"].name or "")[:300],
        }


@require_http_methods(["GET", "HEAD", "POST"])
def import_view(request: HttpRequest) -> HttpResponse:
    """The import page. Needs the permission to add abstracts; the import, those for all that it changes."""
    if not request.user.has_perm("abstracts.add_abstract"):
        raise PermissionDenied
    if request.method == "POST" and "checked" in request.POST:
        return _carry_out(request)
    meeting = cleaned_data(MeetingLinkForm(request.GET))["meeting"]
    form = ImportForm(request.POST or None, request.FILES or None, initial={"meeting": meeting})
    if request.method == "POST" and form.is_valid():
        return _check(request, form)
    return _page(request, form)


# Reading the file takes long; the import opens the passage when it writes.
import_view.opens_own_passage = True


def _check(request: HttpRequest, form: ImportForm) -> HttpResponse:
    files = {name: form.cleaned_data[name] for name in ("file", "figures") if form.cleaned_data[name]}
    choices = form.choices_made()
    token = uploads.store(files)
    try:
        report = _run(request, token, choices, dry_run=True)
    except BadInput as problem:
        uploads.delete(token)
        form.add_error(None, str(problem))
        return _page(request, form)
    except BaseException:
        uploads.delete(token)
        raise
    uploads.store_note(token, "states", json.dumps(asdict(report.states)))
    checked = signing.dumps({"token": token, "by": request.user.pk, "choices": choices}, salt=SALT, compress=True)
    return _page(request, None, report, checked=checked, choices=choices)


def _carry_out(request: HttpRequest) -> HttpResponse:
    try:
        checked = signing.loads(request.POST["checked"], salt=SALT)
    except signing.BadSignature:
        return _start_again(request)
    if checked["by"] != request.user.pk or not uploads.path_of(checked["token"], "file"):
        return _start_again(request)
    try:
        report = _run(request, checked["token"], checked["choices"], dry_run=False)
    except BadInput as problem:
        uploads.delete(checked["token"])
        return _page(request, ImportForm(), problem=str(problem))
    except Refused:
        # The import waits for its confirmation, with its files.
        uploads.keep(checked["token"])
        request.kept_files = checked["token"]  # type: ignore[attr-defined]
        raise
    except BaseException:
        uploads.delete(checked["token"])
        raise
    uploads.delete(checked["token"])
    if report.applied:
        _log_import(request, checked["choices"], report)
    if report.applied and report.run_id and request.user.has_perms(SEE_REPORT):
        return HttpResponseRedirect(reverse("admin:abstracts_importrun_change", args=[report.run_id]))
    return _page(request, None, report, choices=checked["choices"])


def _start_again(request: HttpRequest) -> HttpResponse:
    return _page(request, ImportForm(), problem="The checked file is no longer there: choose it again.")


def _run(request: HttpRequest, token: str, choices: dict, dry_run: bool) -> ImportReport:
    options = ImportOptions(
        **choices,
        figures=uploads.path_of(token, "figures"),
        by=request.user,
        dry_run=dry_run,
        checked=None if dry_run else _states(token),
    )
    return run_import(uploads.path_of(token, "file"), options)


def _states(token: str) -> States:
    """What the check saw."""
    path = uploads.path_of(token, "states")
    return States(**json.loads(path.read_text("utf-8"))) if path else States()


def _log_import(request: HttpRequest, choices: dict, report: ImportReport) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items() if count)
    meeting = Meeting.objects.filter(slug=choices["meeting"]).first()
    if meeting:
        log(request, meeting, f"Imported “{choices['file_name']}”: {counts}.")


def _may_import(report: ImportReport, choices: dict) -> bool:
    return not report.forbidden and (report.is_valid or choices["skip_invalid"])


def _page(request, form: ImportForm | None, report: ImportReport | None = None, **more) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": "Import abstracts",
        "opts": Abstract._meta,
        "form": form,
        **(report_context(report.as_dict()) if report else {}),
        "can_import": bool(report and more.get("checked") and _may_import(report, more["choices"])),
        **more,
    }
    return render(request, "admin/abstracts/import.html", context)
