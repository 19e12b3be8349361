"""The app that sees everything kept of a person, to export it and to delete it."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """What is kept of a person, and how it goes."""

    name = "privacy"
    verbose_name = "Privacy"
