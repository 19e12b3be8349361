"""From answers to a place."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Survey, seed dataset, measurement model and placements."""

    name = "surveys"
