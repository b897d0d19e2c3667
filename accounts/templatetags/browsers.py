"""Names of browsers on the page of sessions."""

import ua_parser
from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def browser_name(user_agent: str) -> str:
    """“Firefox on Windows” for the User-Agent header of a browser; the header itself if it is unknown."""
    known = ua_parser.parse(user_agent)
    if not known.user_agent:
        return user_agent or _("Unknown browser")
    if not known.os:
        return known.user_agent.family
    return _("%(browser)s on %(system)s") % {"browser": known.user_agent.family, "system": known.os.family}
