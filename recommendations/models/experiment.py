"""Two versions of the preference model side by side: a share of the viewers gets lists of the one that is tried."""

import datetime
import hashlib
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from recommendations.models.preference_version import PreferenceVersion

LARGEST_SHARE, MOST_DAYS = 50, 60


class Arm(models.TextChoices):
    """By which version somebody's lists are ranked; everybody's alike while there is no experiment."""

    CHAMPION = "champion", "Champion"
    CHALLENGER = "challenger", "Challenger"
    ALL = "all", "Everybody"


class Experiment(models.Model):
    """A version that challenges the one in use, for a share of the viewers and a stated time.

    It waits until the challenger knows what everybody said by now, then it gives lists until its time is over, and
    then it waits for a decision. Only a publication of other models ends it without one.
    """

    class Outcome(models.TextChoices):
        """How it ended."""

        OPEN = "", "Not decided yet"
        KEPT = "kept", "Champion kept"
        PUBLISHED = "published", "Challenger published"
        STOPPED = "stopped", "Stopped"
        OVERTAKEN = "overtaken", "Ended by another publication"

    champion = models.ForeignKey(PreferenceVersion, on_delete=models.PROTECT, related_name="championed")
    challenger = models.ForeignKey(PreferenceVersion, on_delete=models.PROTECT, related_name="challenged")
    share = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_SHARE)],
        help_text="Of the viewers, in percent, whose lists the challenger ranks.",
    )
    n_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)])
    salt = models.CharField(max_length=64, default=secrets.token_hex, editable=False)
    note = models.TextField(max_length=1000, help_text="What is to be found out.")
    asked_at = models.DateTimeField(auto_now_add=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="experiments_started"
    )
    started_at = models.DateTimeField(null=True, blank=True, help_text="Empty while the challenger is brought in step.")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="From then on everybody gets the champion.")
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True, default=Outcome.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="experiments_decided"
    )
    reason = models.TextField(max_length=1000, blank=True, help_text="Why it ended as it did.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["outcome"], condition=Q(outcome=""), name="recommendations_experiment_one_open"
            ),
            models.CheckConstraint(
                name="recommendations_experiment_ended",
                condition=Q(outcome="", ended_at=None) | (~Q(outcome="") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="recommendations_experiment_limits",
                condition=Q(share__range=(1, LARGEST_SHARE), n_days__range=(1, MOST_DAYS)),
            ),
            models.CheckConstraint(
                name="recommendations_experiment_two_versions", condition=~Q(champion=models.F("challenger"))
            ),
        ]

    def __str__(self) -> str:
        return f"Experiment {self.pk}: version {self.challenger_id} against {self.champion_id}"

    @property
    def is_open(self) -> bool:
        """Whether nothing has ended it yet."""
        return self.outcome == self.Outcome.OPEN

    def assigns_at(self, now: datetime.datetime) -> bool:
        """Whether the challenger ranks the lists of some at a moment."""
        return self.is_open and self.ends_at is not None and now < self.ends_at

    def is_over_at(self, now: datetime.datetime) -> bool:
        """Whether its time has passed and somebody should decide."""
        return self.is_open and self.ends_at is not None and now >= self.ends_at

    def arm_of(self, public_id: uuid.UUID) -> Arm:
        """Return the arm of a viewer: always the same one, and unrelated to that in any other experiment."""
        digest = hashlib.blake2b(public_id.bytes, key=self.salt.encode(), digest_size=8).digest()
        return Arm.CHALLENGER if 100 * int.from_bytes(digest) < self.share * 2**64 else Arm.CHAMPION
