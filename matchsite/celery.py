"""The Celery application; what it does is found in each app's tasks.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")

app = Celery("matchsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
