"""What a person agreed to, when, and to which wording."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Decisions in the product's words."""

    def in_force(self) -> "ConsentQuerySet":
        """Return each person's newest decision of each kind, where it is a yes."""
        return self.filter(is_newest=True, is_given=True)


class Consent(models.Model):
    """One decision of one person; the newest of a kind holds, none means no."""

    class Kind(models.TextChoices):
        """Decisions that are asked for separately."""

        MATCHING = "matching", _("Answer the survey and be matched by it")
        TRAINING = "training", _("Let my answers help to train the model")
        MAIL = "mail", _("Receive e-mail about what is new")
        WANTED_GENDERS = "wanted_genders", _("Keep which genders I want to date")

    # Raised whenever the wording changes in meaning; the wordings lie in templates/accounts/consent/.
    CURRENT_VERSION = 2

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=16, choices=Kind)
    version = models.PositiveSmallIntegerField(default=CURRENT_VERSION)
    is_given = models.BooleanField()
    is_newest = models.BooleanField(
        default=True, db_default=True, editable=False, help_text="Nothing was decided since."
    )
    decided_at = models.DateTimeField(default=timezone.now)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Kind first: whoever reads all who agree to something reads one stretch of it.
            models.UniqueConstraint(
                fields=["kind", "user"], condition=models.Q(is_newest=True), name="accounts_consent_one_newest"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "kind", "-id"], name="accounts_consent_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {'given' if self.is_given else 'refused'} by {self.user_id}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Take the place of the decision before: rows are added, so what is saved first is the newest."""
        if self._state.adding and self.is_newest:
            former = Consent.objects.filter(user_id=self.user_id, kind=self.kind, is_newest=True)
            former.update(is_newest=False)
        super().save(*args, **kwargs)
