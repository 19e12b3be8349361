"""People: who they are, what they look for and what they agreed to."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The lowest app; it knows of no other."""

    name = "accounts"
