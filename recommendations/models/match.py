"""Two people who like each other for the same purpose."""

import datetime
import uuid
from collections import Counter
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Purpose, User


class MatchQuerySet(models.QuerySet["Match"]):
    """Matches in the product's words."""

    def of(self, user_id: int) -> "MatchQuerySet":
        """Return the matches that still hold of one person."""
        return self.filter(models.Q(low_id=user_id) | models.Q(high_id=user_id), ended_at__isnull=True)

    def between(self, one: int, other: int) -> "MatchQuerySet":
        """Return what two people had or have."""
        low, high = sorted((one, other))
        return self.filter(low_id=low, high_id=high)

    def open_counts(self, purpose: str, since: datetime.datetime) -> dict[int, int]:
        """Return in how many conversations people are for a purpose: matches that hold, with a message since a moment.

        Who is in none is left out. One query.
        """
        going_on = self.filter(purpose=purpose, ended_at__isnull=True, last_message_at__gte=since)
        return Counter(user_id for pair in going_on.values_list("low_id", "high_id") for user_id in pair)


class Match(models.Model):
    """A mutual like; the two are kept in the order of their ids so that a pair exists once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    low = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="matches_as_low")
    high = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="matches_as_high")
    purpose = models.CharField(max_length=8, choices=Purpose)
    low_shares_contact = models.BooleanField(default=False)
    high_shares_contact = models.BooleanField(default=False)
    low_opens = models.BooleanField(default=False, db_default=False)
    high_opens = models.BooleanField(default=False, db_default=False)
    last_message_at = models.DateTimeField(
        null=True, blank=True, help_text="When either last wrote; such a match takes room."
    )
    low_wrote = models.BooleanField(default=False, db_default=False)
    high_wrote = models.BooleanField(default=False, db_default=False)
    low_again = models.BooleanField(null=True, blank=True, help_text="Whether this one would meet the other again.")
    high_again = models.BooleanField(null=True, blank=True, help_text="Whether this one would meet the other again.")
    is_demo = models.BooleanField(default=False)
    matched_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When a like was taken back or a block made.")

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "matches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["low", "high", "purpose"], name="recommendations_match_once_per_purpose"),
            models.CheckConstraint(name="recommendations_match_in_order", condition=models.Q(low__lt=models.F("high"))),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["purpose", "last_message_at"],
                name="recommendations_match_going_on",
                condition=models.Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Match {self.public_id}"

    @property
    def both_share_contact(self) -> bool:
        """Whether each may see how to reach the other."""
        return self.low_shares_contact and self.high_shares_contact

    @property
    def both_open(self) -> bool:
        """Whether each may see the other's picture."""
        return self.low_opens and self.high_opens

    def other_id(self, user_id: int) -> int:
        """Return the id of the one whom a person was matched with."""
        return self.high_id if user_id == self.low_id else self.low_id

    def other(self, user_id: int) -> User:
        """Return the one whom a person was matched with."""
        return self.high if user_id == self.low_id else self.low

    def shares_contact(self, user_id: int) -> bool:
        """Whether one of the two lets the other know how to reach them."""
        return self.low_shares_contact if user_id == self.low_id else self.high_shares_contact

    def contact_for(self, user_id: int) -> str:
        """Return how one of the two can reach the other: nothing before both agree."""
        return self.other(user_id).profile.contact if self.both_share_contact else ""

    def opens(self, user_id: int) -> bool:
        """Whether one of the two lets the other see their picture, once both do."""
        return self.low_opens if user_id == self.low_id else self.high_opens

    def open_picture(self, user_id: int, *, opens: bool) -> None:
        """Write down whether one of the two lets the other see their picture."""
        side = "low_opens" if user_id == self.low_id else "high_opens"
        setattr(self, side, opens)
        self.save(update_fields=[side])

    def share_contact(self, user_id: int, *, shares: bool) -> None:
        """Write down whether one of the two lets the other know how to reach them."""
        side = "low_shares_contact" if user_id == self.low_id else "high_shares_contact"
        setattr(self, side, shares)
        self.save(update_fields=[side])
