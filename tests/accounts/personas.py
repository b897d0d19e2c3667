"""Readers with leave to read ahead of release."""

from django.contrib.auth.models import Permission

from tests.factories import LONG_AGO, UserFactory


def accredited(**fields):
    """A reader who may read embargoed content, once the terms are accepted."""
    user = UserFactory(**fields)
    user.user_permissions.add(Permission.objects.get(codename="read_embargoed", content_type__app_label="abstracts"))
    return user


def press_reader(**fields):
    """A reader who may, and has accepted the terms."""
    return accredited(embargo_terms_accepted_at=LONG_AGO, **fields)
