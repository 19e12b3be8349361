"""Groups that people join by an invitation code: a cohort, a company, friends of friends."""

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models.user import User

# Without characters that are read as others.
CODE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 10


def new_code() -> str:
    """Return an invitation code that cannot be guessed."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


class Circle(models.Model):
    """A group; only its members can see that it exists and who is in it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=200, blank=True)
    code = models.CharField("invitation code", max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="owned_circles"
    )
    members: "models.ManyToManyField[User, CircleMembership]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="CircleMembership", related_name="circles"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class CircleMembership(models.Model):
    """One person in one circle."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="circle_memberships")
    is_listed = models.BooleanField(
        default=True, db_default=True, help_text="Whether the other members see the name of this one."
    )
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["circle", "user"], name="accounts_circle_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.circle_id}"
