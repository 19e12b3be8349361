"""That something about a person changed which decides who may be shown to whom, or where they stand."""

from django.db import models
from django.utils import timezone


class Change(models.Model):
    """One change of one person; whoever keeps facts about people in memory reads anew whom it names."""

    # No foreign key: the row outlives the person, and so says that they are gone.
    user_id = models.BigIntegerField()
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"Change of {self.user_id}"
