"""The seed dataset: people who answered the survey elsewhere. They are respondents, never members."""

from typing import ClassVar

from django.db import models


class SeedImport(models.Model):
    """One finished import, with what was counted on the way."""

    class Kind(models.TextChoices):
        """Where the rows come from."""

        PUBLISHED = "published", "The published dataset"
        SYNTHETIC = "synthetic", "Drawn from the reference model"

    kind = models.CharField(max_length=9, choices=Kind)
    source = models.CharField(max_length=500, help_text="Address or file name, without credentials.")
    sha256 = models.CharField(max_length=64)
    n_respondents = models.PositiveIntegerField()
    counts = models.JSONField(help_text="What was found: missed answers, blank countries, rows each rule leaves out.")
    imported_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.n_respondents} respondents"


class Respondent(models.Model):
    """One row of the seed dataset, kept as it was published: impossible ages are the training's to judge."""

    seed_import = models.ForeignKey(SeedImport, on_delete=models.CASCADE, related_name="respondents")
    row = models.PositiveIntegerField(help_text="Position in the file, from 1.")
    answers = models.BinaryField(max_length=163, help_text="One byte an item in item-bank order, 0 = missed.")
    age = models.BigIntegerField()
    gender = models.PositiveSmallIntegerField(help_text="1 male, 2 female, 3 other, 0 missed.")
    accuracy = models.BigIntegerField(help_text="Self-rated, 0 to 100 where it makes sense.")
    country = models.CharField(max_length=8, blank=True)
    source = models.PositiveSmallIntegerField()
    elapsed = models.BigIntegerField(help_text="Seconds.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seed_import", "row"], name="surveys_respondent_once_per_row"),
        ]

    def __str__(self) -> str:
        return f"Respondent {self.row}"
