"""A person's page: whether it is shown."""

from accounts.models import Profile, User


def of(*, user: User) -> Profile:
    """Return a person's profile, or one that is not saved yet."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


def pause(*, user: User, is_paused: bool) -> None:
    """Show a person to nobody, or again."""
    Profile.objects.filter(user=user).update(is_paused=is_paused)
