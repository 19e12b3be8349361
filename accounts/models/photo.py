"""A person's photo: three sizes of one picture, shown to others after an operator has looked at it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Photo(models.Model):
    """One picture of one person, re-encoded; the file that was sent is not kept."""

    class State(models.TextChoices):
        """What operators said of it."""

        WAITING = "waiting", _("Waiting to be looked at")
        PASSED = "passed", _("Shown")
        REFUSED = "refused", _("Not shown")

    class Audience(models.TextChoices):
        """Who sees it, among those who see the person's card."""

        DATES = "dates", _("People I could date")
        EVERYBODY = "everybody", _("Everybody who is shown me")
        NOBODY = "nobody", _("Nobody but me")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="photo")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    small = models.FileField(upload_to="photos/", max_length=200, help_text="64 x 64 pixels.")
    middle = models.FileField(upload_to="photos/", max_length=200, help_text="192 x 192 pixels.")
    large = models.FileField(upload_to="photos/", max_length=200, help_text="640 x 640 pixels.")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    audience = models.CharField(max_length=9, choices=Audience, default=Audience.DATES)
    uploaded_at = models.DateTimeField(default=timezone.now)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "uploaded_at"], name="accounts_photo_queue")]

    def __str__(self) -> str:
        return f"Photo {self.public_id}"

    def is_shown_for(self, purpose: str) -> bool:
        """Whether others see it on a card of a purpose."""
        if self.state != self.State.PASSED:
            return False
        return self.audience == self.Audience.EVERYBODY or (self.audience == self.Audience.DATES and purpose == "date")
