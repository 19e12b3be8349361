"""What sweeps found, what operators decided, and what they read: the last two are written once and never changed."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models

from accounts.models import Report

SHORTEST_REASON = 10


class AuditError(TypeError):
    """Somebody tried to change what must stay as it was written."""


class AuditQuerySet(models.QuerySet[Any]):
    """Rows that can be added and read."""

    def update(self, **_: Any) -> NoReturn:
        """Refuse."""
        raise AuditError("Audit rows are never changed.")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AuditError("Audit rows are never deleted.")

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise AuditError("Audit rows are never changed.")


class AuditModel(models.Model):
    """A row that is written once."""

    objects = AuditQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row; refuse to write over one.

        Raises
        ------
        AuditError
            When the row is there already.
        """
        if not self._state.adding:
            raise AuditError("Audit rows are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise AuditError("Audit rows are never deleted.")


class Flag(models.Model):
    """Something that a sweep noticed about a person, for people to look at; nothing follows from it by itself."""

    class Kind(models.TextChoices):
        """What was noticed."""

        OPENERS = "openers", "The same first message to many"
        LINKS = "links", "Links in first messages"
        BURST = "burst", "Many likes within minutes"
        MASS_LIKES = "mass_likes", "As many likes in an hour as are let through"
        SAME_ANSWERS = "same_answers", "Answers identical to another account's"

    class Status(models.TextChoices):
        """What became of it."""

        OPEN = "open", "Open"
        CLOSED = "closed", "Decided"

    kind = models.CharField(max_length=12, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="flags")
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    n = models.PositiveIntegerField(help_text="How many messages, likes or accounts.")
    found_at = models.DateTimeField(auto_now_add=True)
    newest_at = models.DateTimeField(help_text="When the newest of what was noticed happened.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "user"], name="operations_flag_one_of_a_kind"),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "found_at"], name="operations_flag_queue")]

    def __str__(self) -> str:
        return f"Flag {self.pk}: {self.get_kind_display().lower()}"


class Decision(AuditModel):
    """What an operator decided about a person, and why."""

    class Action(models.TextChoices):
        """What was done."""

        DISMISS = "dismiss", "Dismiss: nothing is wrong"
        WARN = "warn", "Warn"
        REMOVE = "remove", "Remove what is wrong"
        SUSPEND = "suspend", "Suspend for a time"
        BAN = "ban", "Ban for good"

    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions_made")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    flag_kind = models.CharField(max_length=12, choices=Flag.Kind, blank=True)
    person_public_id = models.UUIDField(db_index=True, help_text="Whom it is about; stays when the account is gone.")
    subject_public_id = models.UUIDField(help_text="What it is about: the person, a photo, a message, a match.")
    action = models.CharField(max_length=8, choices=Action)
    removed = models.CharField(max_length=200, blank=True, help_text="What was removed.")
    until = models.DateTimeField(null=True, blank=True, help_text="When a suspension ends.")
    note = models.TextField(max_length=2000, help_text="Why; for operators alone.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="operations_decision_has_a_note", condition=~models.Q(note="")),
            models.CheckConstraint(
                name="operations_decision_until",
                condition=models.Q(action="suspend", until__isnull=False)
                | (~models.Q(action="suspend") & models.Q(until__isnull=True)),
            ),
            models.CheckConstraint(
                name="operations_decision_removed",
                condition=models.Q(action="remove") & ~models.Q(removed="")
                | ~models.Q(action="remove") & models.Q(removed=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Decision {self.pk}: {self.action}"


class Access(AuditModel):
    """That an operator read what a person answered or wrote, and why."""

    class What(models.TextChoices):
        """What was read."""

        ANSWERS = "answers", "Answers to the survey"
        MESSAGES = "messages", "Messages and notes"

    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="accesses_made")
    person_public_id = models.UUIDField(db_index=True)
    what = models.CharField(max_length=8, choices=What)
    reason = models.TextField(max_length=1000)
    n_read = models.PositiveIntegerField(help_text="How many answers or messages were shown.")

    class Meta:
        verbose_name_plural = "accesses"
        constraints: ClassVar = [
            models.CheckConstraint(name="operations_access_has_a_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"Access {self.pk}: {self.what}"
