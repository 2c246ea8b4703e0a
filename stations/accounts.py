"""Who may open an account: nobody but the security administrator."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-up is closed; accounts are opened on the staff page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
