"""A person's answers: 163 bytes, one an item, saved one at a time."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from ml.items import N_ITEMS


def no_answers() -> bytes:
    """Return the sheet of someone who has not begun."""
    return bytes(N_ITEMS)


class AnswerSheet(models.Model):
    """One filling-in of the survey; a person has one current sheet and may keep older ones."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="answer_sheets")
    is_current = models.BooleanField(default=True)
    answers = models.BinaryField(max_length=N_ITEMS, default=no_answers)
    n_answered = models.PositiveSmallIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0, help_text="Spent on answering, added up.")
    revision = models.PositiveIntegerField(
        default=0, help_text="Counts the changes; a placement remembers which it saw."
    )
    started_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_current=True), name="surveys_answer_sheet_one_current"
            ),
            models.CheckConstraint(name="surveys_answer_sheet_count", condition=models.Q(n_answered__lte=N_ITEMS)),
        ]

    def __str__(self) -> str:
        return f"Answer sheet {self.pk}, {self.n_answered} answered"

    @property
    def is_complete(self) -> bool:
        """Whether every item is answered."""
        return self.n_answered == N_ITEMS
