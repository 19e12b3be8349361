"""Versions of the measurement model, and the places it gives to answer sheets."""

from typing import ClassVar

from django.db import models

from surveys.models.answers import AnswerSheet


class MeasurementVersion(models.Model):
    """A trained measurement model; its artifact holds aggregates only. At most one version is active."""

    training_run = models.OneToOneField(
        "surveys.TrainingRun", on_delete=models.PROTECT, related_name="measurement_version"
    )
    is_reference = models.BooleanField(default=False, help_text="Shipped with the project.")
    is_active = models.BooleanField(default=False)
    artifact = models.FileField(upload_to="models/", max_length=200)
    sha256 = models.CharField(max_length=64)
    respondent_places = models.FileField(
        upload_to="places/", max_length=200, blank=True, help_text="Where the seed respondents lie, as arrays."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_active"], condition=models.Q(is_active=True), name="surveys_measurement_version_one_active"
            ),
        ]

    def __str__(self) -> str:
        return f"Measurement version {self.pk}"


class PlacementQuerySet(models.QuerySet["Placement"]):
    """Placements in the product's words."""

    def active(self) -> "PlacementQuerySet":
        """Return the places that people are ranked by: current sheets under the active version."""
        return self.filter(version__is_active=True, sheet__is_current=True)


class Placement(models.Model):
    """Where a version of the model puts an answer sheet; vectors are little-endian float32."""

    sheet = models.ForeignKey(AnswerSheet, on_delete=models.CASCADE, related_name="placements")
    version = models.ForeignKey(MeasurementVersion, on_delete=models.CASCADE, related_name="placements")
    sheet_revision = models.PositiveIntegerField(help_text="Revision of the sheet that was placed.")
    n_answered = models.PositiveSmallIntegerField()
    space = models.BinaryField(help_text="Position in the factor space.")
    axes = models.BinaryField(help_text="Position on the canonical axes of likeness.")
    reliability = models.BinaryField(help_text="How much the answers say on each canonical axis, 0 to 1.")
    scales = models.BinaryField(help_text="The 16 scales, standardised to the norms.")
    type = models.PositiveSmallIntegerField(help_text="Index of the personality type in the version's list.")
    placed_at = models.DateTimeField(auto_now=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sheet", "version"], name="surveys_placement_once_per_version"),
        ]

    def __str__(self) -> str:
        return f"Placement of sheet {self.sheet_id} by version {self.version_id}"
