"""The first answers of somebody who has no account yet; they hang on a secret that only their browser holds."""

import datetime

from django.db import models
from django.utils import timezone

from ml.items import N_ITEMS
from surveys.models.answers import no_answers

LASTS = datetime.timedelta(days=30)


class VisitorSheet(models.Model):
    """Answers without a person, dropped after 30 days unless somebody signs up with the same browser."""

    token_digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the secret.")
    answers = models.BinaryField(max_length=N_ITEMS, default=no_answers)
    n_answered = models.PositiveSmallIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0, help_text="Spent on answering, added up.")
    started_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"Visitor's sheet {self.pk}, {self.n_answered} answered"
