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
        return self.ever_of(user_id).filter(ended_at__isnull=True)

    def ever_of(self, user_id: int) -> "MatchQuerySet":
        """Return the matches of one person, those that ended as well."""
        return self.filter(models.Q(low_id=user_id) | models.Q(high_id=user_id))

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
    low_met = models.BooleanField(null=True, blank=True, help_text="Whether the two met, as this one says.")
    high_met = models.BooleanField(null=True, blank=True, help_text="Whether the two met, as this one says.")
    low_is_unasked = models.BooleanField(
        default=False, db_default=False, help_text="Does not want to be asked how it went."
    )
    high_is_unasked = models.BooleanField(
        default=False, db_default=False, help_text="Does not want to be asked how it went."
    )
    is_left = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Ended because one of the two deleted the account; the other may go on reading.",
    )
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

    def side(self, user_id: int) -> str:
        """Return with what the columns of one of the two begin."""
        return "low" if user_id == self.low_id else "high"

    def other_id(self, user_id: int) -> int:
        """Return the id of the one whom a person was matched with."""
        return self.high_id if user_id == self.low_id else self.low_id

    def other(self, user_id: int) -> User:
        """Return the one whom a person was matched with."""
        return self.high if user_id == self.low_id else self.low

    def shares_contact(self, user_id: int) -> bool:
        """Whether one of the two lets the other know how to reach them."""
        return bool(self._of_side(user_id, "shares_contact"))

    def contact_for(self, user_id: int) -> str:
        """Return how one of the two can reach the other: nothing before both agree."""
        return self.other(user_id).profile.contact if self.both_share_contact else ""

    def opens(self, user_id: int) -> bool:
        """Whether one of the two lets the other see their picture, once both do."""
        return bool(self._of_side(user_id, "opens"))

    def met(self, user_id: int) -> bool | None:
        """Whether one of the two said that they met; None before an answer."""
        return self._of_side(user_id, "met")

    def again(self, user_id: int) -> bool | None:
        """Whether one of the two would meet the other again; None before an answer."""
        return self._of_side(user_id, "again")

    def is_unasked(self, user_id: int) -> bool:
        """Whether one of the two does not want to be asked how it went."""
        return bool(self._of_side(user_id, "is_unasked"))

    def open_picture(self, user_id: int, *, opens: bool) -> None:
        """Write down whether one of the two lets the other see their picture."""
        self._write(user_id, opens=opens)

    def share_contact(self, user_id: int, *, shares: bool) -> None:
        """Write down whether one of the two lets the other know how to reach them."""
        self._write(user_id, shares_contact=shares)

    def say_how_it_went(self, user_id: int, *, met: bool | None, again: bool | None, is_unasked: bool) -> None:
        """Write down what one of the two tells of how it went; the other never sees it."""
        self._write(user_id, met=met, again=again, is_unasked=is_unasked)

    def note_message(self, user_id: int, *, at: datetime.datetime) -> None:
        """Write down that one of the two wrote to the other."""
        wrote = f"{self.side(user_id)}_wrote"
        setattr(self, wrote, True)
        self.last_message_at = at
        self.save(update_fields=[wrote, "last_message_at"])

    def _of_side(self, user_id: int, what: str) -> bool | None:
        value: bool | None = getattr(self, f"{self.side(user_id)}_{what}")
        return value

    def _write(self, user_id: int, **said: bool | None) -> None:
        columns = {f"{self.side(user_id)}_{what}": value for what, value in said.items()}
        for column, value in columns.items():
            setattr(self, column, value)
        self.save(update_fields=list(columns))
