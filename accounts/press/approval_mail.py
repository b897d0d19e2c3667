"""The mail that says that somebody may read ahead of release."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from ..models import PressAccess
from ..people.invitation import password_address


def mail_approval(access: PressAccess) -> None:
    """Raises OSError where the mail server cannot be reached or refuses."""
    with translation.override(access.language):
        context = {
            "access": access,
            "meeting": access.meeting,
            "site_name": settings.SITE_NAME,
            "access_url": settings.SITE_URL + reverse("account_press"),
            "password_url": "" if access.user.has_usable_password() else password_address(access.user),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        }
        subject = " ".join(render_to_string("accounts/press/email/approved_subject.txt", context).split())
        text = render_to_string("accounts/press/email/approved_message.txt", context)
    EmailMessage(subject, text, to=[access.user.email]).send()
