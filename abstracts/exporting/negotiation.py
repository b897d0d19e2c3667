"""What a program asks an abstract's address for by Accept, instead of its page."""

from django.http import HttpRequest

# Media type -> name of the format.
TYPES = {
    "application/x-research-info-systems": "ris",
    "application/x-bibtex": "bibtex",
    "application/vnd.citationstyles.csl+json": "csl-json",
}


def format_asked(request: HttpRequest) -> str:
    """The format that `request` prefers to a page; "" where it prefers the page, as every browser does."""
    accepted = request.headers.get("Accept", "").lower()
    if not any(media_type in accepted for media_type in TYPES):
        return ""
    return TYPES.get(request.get_preferred_type(["text/html", *TYPES]) or "", "")
