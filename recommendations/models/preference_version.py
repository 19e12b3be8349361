"""Versions of the preference model, each made for one measurement version."""

from typing import ClassVar

from django.db import models

from surveys.models import MeasurementVersion, TrainingRun


class PreferenceVersion(models.Model):
    """How likes are predicted; without feedback it is likeness only, which is a version too."""

    class Kind(models.TextChoices):
        """What the score is made of."""

        LIKENESS = "likeness", "Likeness only"
        LEARNED = "learned", "Learned from verdicts"

    measurement_version = models.ForeignKey(
        MeasurementVersion, on_delete=models.CASCADE, related_name="preference_versions"
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.LIKENESS)
    weights = models.JSONField(
        default=dict,
        blank=True,
        help_text="What the population shares, by purpose; a purpose without goes by likeness.",
    )
    thresholds = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="By purpose, the probability from which on a like is predicted, in whole thousandths.",
    )
    training_run = models.OneToOneField(
        TrainingRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="preference_version"
    )
    is_active = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_active"],
                condition=models.Q(is_active=True),
                name="recommendations_preference_version_one_active",
            ),
        ]

    def __str__(self) -> str:
        return f"Preference version {self.pk}, {self.get_kind_display().lower()}"
