"""The project as an app, so that it can bring its own commands and pages."""

from django.apps import AppConfig


class MatchsiteConfig(AppConfig):
    """Home of the start command and the pages that belong to no other app."""

    name = "matchsite"
