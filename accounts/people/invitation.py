"""The mail to somebody for whom staff made an account: a link to choose a password, and no password."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from ..models import User
from .adapter import Site


def password_address(user: User) -> str:
    """The address at which `user` chooses a password, once."""
    token = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), token])
    return f"{settings.SITE_URL}{path}"


def invite(user: User) -> None:
    """Mail `user` the link. Raises OSError where the mail server cannot be reached or refuses."""
    context = {
        "user": user,
        "password_url": password_address(user),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        "current_site": Site(settings.SITE_NAME, settings.SITE_URL),
    }
    get_adapter().render_mail("account/email/invitation", user.email, context).send()
