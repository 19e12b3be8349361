"""The account: an e-mail address, a public id and the proof of being grown up."""

import datetime
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

ADULT_AGE = 18


def adult_on(birth_date: datetime.date) -> datetime.date:
    """Return the day on which a person comes of age; who was born on 29 February does so on 1 March."""
    try:
        return birth_date.replace(year=birth_date.year + ADULT_AGE)
    except ValueError:
        return datetime.date(birth_date.year + ADULT_AGE, 3, 1)


class UserQuerySet(models.QuerySet["User"]):
    """Sets of accounts in the product's words."""

    def members(self) -> "UserQuerySet":
        """Return the people who are here to meet others: active, and not staff without a birth date."""
        return self.filter(is_active=True, birth_date__isnull=False)

    def real(self) -> "UserQuerySet":
        """Return members who are not part of the demo population."""
        return self.members().filter(is_demo=False)


class UserManager(BaseUserManager["User"]):
    """Creates accounts by e-mail address."""

    def get_queryset(self) -> UserQuerySet:
        """Return the query set in the product's words."""
        return UserQuerySet(self.model, using=self._db)

    def members(self) -> UserQuerySet:
        """Return the people who are here to meet others."""
        return self.get_queryset().members()

    def real(self) -> UserQuerySet:
        """Return members who are not part of the demo population."""
        return self.get_queryset().real()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a member; the day of coming of age follows from the birth date."""
        if fields.get("birth_date") is not None:
            fields.setdefault("adult_on", adult_on(fields["birth_date"]))
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator, who needs no birth date and is nobody's match."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Only who was 18 or older on the day of sign-up has one; staff may leave the birth date out."""

    email = models.EmailField("e-mail address", unique=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    birth_date = models.DateField(null=True, blank=True)
    adult_on = models.DateField(null=True, blank=True, editable=False)
    joined_on = models.DateField(default=timezone.localdate, editable=False)
    signup_source = models.CharField(max_length=64, blank=True, help_text="Where the sign-up came from.")
    is_demo = models.BooleanField(default=False, help_text="Part of the demo population.")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the person deleted the account; nothing else is left of it.",
    )
    suspended_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="While it is not active: when a sweep opens it again. Empty for an account that stays closed.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="accounts_user_is_adult_at_sign_up",
                condition=models.Q(
                    birth_date__isnull=False, adult_on__isnull=False, adult_on__lte=models.F("joined_on")
                )
                | models.Q(is_staff=True, birth_date__isnull=True, adult_on__isnull=True)
                | models.Q(deleted_at__isnull=False, birth_date__isnull=True, adult_on__isnull=True),
            ),
            models.CheckConstraint(
                name="accounts_user_suspended_is_not_active",
                condition=models.Q(suspended_until__isnull=True) | models.Q(is_active=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the day of coming of age in step with the birth date, and no end of a suspension that is over."""
        self.adult_on = adult_on(self.birth_date) if self.birth_date else None
        if self.is_active:
            self.suspended_until = None
        super().save(*args, **kwargs)

    def bury(self) -> None:
        """Leave nothing of a person but an empty row, so that what others keep still points to somebody."""
        self.email = f"{self.public_id}@deleted.invalid"
        self.birth_date = self.last_login = self.suspended_until = None
        self.signup_source = ""
        self.is_active = self.is_staff = self.is_superuser = False
        self.deleted_at = timezone.now()
        self.set_unusable_password()
        self.save()

    @property
    def is_member(self) -> bool:
        """Whether this account is here to meet others."""
        return self.is_active and self.birth_date is not None

    def age_on(self, day: datetime.date) -> int | None:
        """Return the age in whole years on a day."""
        if self.birth_date is None:
            return None
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)
