"""A person's page: what it says, and whether it is shown."""

from django.db import transaction

from accounts.models import Profile, User
from accounts.services import changes


def of(*, user: User) -> Profile:
    """Return a person's profile, or one that is not saved yet."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


@transaction.atomic
def keep(*, profile: Profile) -> None:
    """Save a profile."""
    profile.save()
    changes.note(profile.user_id)


@transaction.atomic
def pause(*, user: User, is_paused: bool) -> None:
    """Show a person to nobody, or again."""
    Profile.objects.filter(user=user).update(is_paused=is_paused)
    changes.note(user.pk)
