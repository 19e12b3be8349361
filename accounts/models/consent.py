"""What a person agreed to, when, and to which wording."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Decisions in the product's words."""

    def in_force(self) -> "ConsentQuerySet":
        """Return each person's newest decision of each kind, where it is a yes."""
        newer = Consent.objects.filter(user=models.OuterRef("user"), kind=models.OuterRef("kind"))
        return self.filter(is_given=True).exclude(models.Exists(newer.filter(pk__gt=models.OuterRef("pk"))))


class Consent(models.Model):
    """One decision of one person; the newest of a kind holds, none means no."""

    class Kind(models.TextChoices):
        """Decisions that are asked for separately."""

        MATCHING = "matching", "Answer the survey and be matched by it"
        TRAINING = "training", "Let my answers help to train the model"
        MAIL = "mail", "Receive e-mail about matches"
        WANTED_GENDERS = "wanted_genders", "Keep which genders I want to date"

    # Raised whenever the wording changes in meaning; the wordings lie in templates/accounts/consent/.
    CURRENT_VERSION = 1

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=16, choices=Kind)
    version = models.PositiveSmallIntegerField(default=CURRENT_VERSION)
    is_given = models.BooleanField()
    decided_at = models.DateTimeField(default=timezone.now)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "kind", "-id"], name="accounts_consent_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {'given' if self.is_given else 'refused'} by {self.user_id}"
