"""How the page of sessions names a browser."""

import ua_parser
from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def browser_name(user_agent: str) -> str:
    """“Firefox on Windows” of what a browser says of itself; that itself where no more is known of it."""
    known = ua_parser.parse(user_agent)
    if not known.user_agent:
        return user_agent or _("Unknown browser")
    if not known.os:
        return known.user_agent.family
    return _("%(browser)s on %(system)s") % {"browser": known.user_agent.family, "system": known.os.family}
