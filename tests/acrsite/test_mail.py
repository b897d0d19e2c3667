"""What all mail of the site has in common."""

import pytest
from django.core import mail
from django.core.mail.utils import DNS_NAME
from django.urls import reverse

from tests.factories import UserFactory


def test_message_ids_carry_the_sites_name_not_the_machines():
    mail.send_mail("Subject", "Text", None, ["reader@example.org"])
    (sent,) = mail.outbox
    assert sent.message()["Message-ID"].endswith("@abstracts.example.org>")


@pytest.mark.django_db
def test_message_ids_of_mail_about_accounts_do_too(client):
    client.post(reverse("account_reset_password"), {"email": UserFactory().email})
    assert mail.outbox[0].message()["Message-ID"].endswith("@abstracts.example.org>")


def test_the_mail_server_is_greeted_with_the_sites_name():
    assert DNS_NAME.get_fqdn() == "abstracts.example.org"
