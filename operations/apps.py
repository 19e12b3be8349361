"""The operators' room: how the site and its recommender are doing, and what waits for a decision."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Metrics, dashboards, health and moderation."""

    name = "operations"
    verbose_name = "Operations"
