"""What is kept of how the site is used, day by day and week by week: numbers, no row of a person."""

from typing import ClassVar

from django.db import models


class BusinessDay(models.Model):
    """How many came, stayed and found each other on one day."""

    day = models.DateField(unique=True)
    n_joined = models.PositiveIntegerField()
    n_activated = models.PositiveIntegerField(help_text="Of who joined on this day, shown to others by now.")
    n_visits = models.PositiveIntegerField()
    n_visitors = models.PositiveIntegerField(help_text="Members who were here on this day.")
    seconds = models.PositiveBigIntegerField(help_text="From the first to the last request of the visits.")
    sources = models.JSONField(default=dict, help_text="Who joined on this day, by where they came from.")
    circles = models.JSONField(default=dict, help_text="Who joined on this day, by the circle they came with.")

    def __str__(self) -> str:
        return f"Use on {self.day}"


class BusinessState(models.Model):
    """How the last four weeks looked at the last snapshot of a day."""

    day = models.DateField(unique=True)
    n_active = models.PositiveIntegerField(help_text="Members who were here in the last 28 days.")
    n_before = models.PositiveIntegerField(help_text="Members who were here in the 28 days before these.")
    n_lost = models.PositiveIntegerField(help_text="Of the latter, not here since.")
    seconds = models.PositiveBigIntegerField(help_text="Spent here in the last 28 days.")
    n_matches = models.PositiveIntegerField(help_text="Made in the last 28 days.")
    n_successful = models.PositiveIntegerField(help_text="Of these, with two who would meet again or wrote 3 messages.")
    funnel = models.JSONField(default=list, help_text="Of who joined in the last 28 days, how many came how far.")

    def __str__(self) -> str:
        return f"Four weeks up to {self.day}"


class CohortWeek(models.Model):
    """How many of those who joined in one week were here in another; weeks begin on Monday."""

    joined_in = models.DateField()
    week = models.DateField()
    n_people = models.PositiveIntegerField()
    n_here = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["joined_in", "week"], name="operations_cohortweek_once"),
        ]

    def __str__(self) -> str:
        return f"Joined in the week of {self.joined_in}, here in that of {self.week}"
