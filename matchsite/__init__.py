"""The project: settings, addresses, Celery, landing and help pages."""

from matchsite.celery import app as celery_app

__all__ = ["celery_app"]
