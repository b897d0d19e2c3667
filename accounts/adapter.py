"""How allauth makes users here."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Users have no user name, only an e-mail address."""

    def populate_username(self, request, user):
        pass
