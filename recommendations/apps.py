"""From places and verdicts to who should meet whom."""

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    """Lists, impressions, verdicts, matches and the preference model."""

    name = "recommendations"
