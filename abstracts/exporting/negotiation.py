"""Content negotiation: programs get a file from an abstract's address when their Accept header prefers one."""

from django.http import HttpRequest

# Media type -> name of the format.
TYPES = {
    "application/x-research-info-systems": "ris",
    "application/x-bibtex": "bibtex",
    "application/vnd.citationstyles.csl+json": "csl-json",
}


def requested_format(request: HttpRequest) -> str:
    """The format that `request` prefers to a page; "" if it prefers the page, as all browsers do."""
    accepted = request.headers.get("Accept", "").lower()
    if not any(media_type in accepted for media_type in TYPES):
        return ""
    return TYPES.get(request.get_preferred_type(["text/html", *TYPES]) or "", "")
