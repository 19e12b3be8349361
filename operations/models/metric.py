"""What is kept of how good the recommender was, day by day: counts and histograms, no row of a person."""

import zlib
from typing import ClassVar

import numpy as np
from django.db import models
from numpy.typing import NDArray

from accounts.models import Purpose
from recommendations.models import PreferenceVersion


class Slot(models.TextChoices):
    """Who chose the people of a slice: the ranking, which includes who was lifted, or chance."""

    RANKED = "ranked", "Ranked"
    EXPLORED = "explored", "Drawn at random"


class MetricDay(models.Model):
    """What became of the impressions of one day, purpose, model version, kind of viewer and kind of slot."""

    day = models.DateField()
    purpose = models.CharField(max_length=8, choices=Purpose)
    version = models.ForeignKey(PreferenceVersion, on_delete=models.PROTECT, related_name="metric_days")
    is_warm = models.BooleanField(help_text="Whether the viewer had given a verdict before.")
    slot = models.CharField(max_length=8, choices=Slot)
    n_impressions = models.PositiveIntegerField()
    n_likes = models.PositiveIntegerField(help_text="Liked within 7 days of the impression.")
    n_passes = models.PositiveIntegerField(help_text="Passed within 7 days of the impression.")
    n_mutual = models.PositiveIntegerField(help_text="Both liked each other by 7 days after the impression.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "purpose", "version", "is_warm", "slot"], name="operations_metricday_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}, {self.get_purpose_display()}, {self.get_slot_display().lower()}"


class Histogram(models.Model):
    """How the scores of one slice were spread over a thousand bins."""

    class Of(models.TextChoices):
        """Which scores, and what became of the impression."""

        LIKES = "likes", "Scores of likes"
        PASSES = "passes", "Scores of passes"
        MUTUAL = "mutual", "Scores of mutual likes"
        NOT_MUTUAL = "not_mutual", "Scores of pairs of whom one passed"
        APPEAL_LIKES = "appeal_likes", "Appeal x generosity of likes"
        APPEAL_PASSES = "appeal_passes", "Appeal x generosity of passes"
        LIKENESS_LIKES = "likeness_likes", "Likeness of likes"
        LIKENESS_PASSES = "likeness_passes", "Likeness of passes"

    metric_day = models.ForeignKey(MetricDay, on_delete=models.CASCADE, related_name="histograms")
    of = models.CharField(max_length=16, choices=Of)
    stored = models.BinaryField(help_text="Counts as unsigned 32-bit numbers, packed.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["metric_day", "of"], name="operations_histogram_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_of_display()}: {self.metric_day_id}"

    @staticmethod
    def packed(counts: NDArray[np.integer]) -> bytes:
        """Return counts as they are stored: most bins of a day are empty and cost nothing."""
        return zlib.compress(counts.astype("<u4").tobytes(), level=1)

    @staticmethod
    def unpacked(stored: bytes | memoryview) -> NDArray[np.uint32]:
        """Return stored counts as an array."""
        return np.frombuffer(zlib.decompress(bytes(stored)), dtype="<u4")


class ListDay(models.Model):
    """How many lists of a day had no like, one like, and so on; precision at twelve comes from these."""

    day = models.DateField()
    purpose = models.CharField(max_length=8, choices=Purpose)
    version = models.ForeignKey(PreferenceVersion, on_delete=models.PROTECT, related_name="list_days")
    is_warm = models.BooleanField(help_text="Whether the viewer had given a verdict before.")
    by_likes = models.JSONField(help_text="Number of lists with 0, 1, ... 12 likes.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "purpose", "version", "is_warm"], name="operations_listday_once"),
        ]

    def __str__(self) -> str:
        return f"Lists of {self.day}, {self.get_purpose_display()}"


class PeopleDay(models.Model):
    """How attention was spread over the members open for a purpose, as it stood at the last snapshot of a day."""

    day = models.DateField()
    purpose = models.CharField(max_length=8, choices=Purpose)
    n_people = models.PositiveIntegerField(help_text="Members whom others can be shown.")
    n_shown = models.PositiveIntegerField(help_text="Of these, shown at least once in the last day.")
    n_never = models.PositiveIntegerField(help_text="Of these, not shown in the last 7 days.")
    gini = models.FloatField(null=True, help_text="Of the impressions of the last 7 days.")
    gini_low = models.FloatField(null=True)
    gini_high = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "purpose"], name="operations_peopleday_once"),
        ]

    def __str__(self) -> str:
        return f"People on {self.day}, {self.get_purpose_display()}"


class GroupDay(models.Model):
    """How much attention a group of at least 50 members got, as it stood at the last snapshot of a day."""

    class Kind(models.TextChoices):
        """What makes people a group."""

        GENDER = "gender", "Gender"
        AGE = "age", "Age"

    day = models.DateField()
    purpose = models.CharField(max_length=8, choices=Purpose)
    kind = models.CharField(max_length=6, choices=Kind)
    group = models.CharField(max_length=12)
    n_people = models.PositiveIntegerField()
    n_impressions = models.PositiveIntegerField(help_text="Of people of the group, in the last 28 days.")
    n_matches = models.PositiveIntegerField(help_text="Made in the last 28 days.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "purpose", "kind", "group"], name="operations_groupday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.group} on {self.day}"
