"""A person's page: what it says, and whether it is shown."""

from collections.abc import Collection

from django.db import transaction

from accounts.models import Preference, Profile, ProfileLanguage, User, Visibility
from accounts.services import changes

EVERYBODY, IN_CIRCLES, NOBODY = "everybody", "circles", "nobody"


def of(*, user: User) -> Profile:
    """Return a person's profile, or one that is not saved yet."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


@transaction.atomic
def keep(*, profile: Profile, languages: Collection[str] | None = None) -> None:
    """Save a profile; without languages those it has stay."""
    profile.save()
    if languages is not None:
        profile.languages.exclude(code__in=languages).delete()
        known = set(profile.languages.values_list("code", flat=True))
        new = [ProfileLanguage(profile=profile, code=code) for code in languages if code not in known]
        ProfileLanguage.objects.bulk_create(new)
    changes.note(profile.user_id)


@transaction.atomic
def pause(*, user: User, is_paused: bool) -> None:
    """Show a person to nobody, or again."""
    Profile.objects.filter(user=user).update(is_paused=is_paused)
    changes.note(user.pk)


def seen_by(*, user: User) -> str:
    """Return who is shown a person; empty when that differs from purpose to purpose."""
    if Profile.objects.filter(user=user, is_paused=True).exists():
        return NOBODY
    kinds = set(Preference.objects.filter(user=user, is_active=True).values_list("visibility", flat=True))
    if kinds <= {Visibility.EVERYONE}:
        return EVERYBODY
    return IN_CIRCLES if kinds == {Visibility.CIRCLES} else NOBODY if kinds == {Visibility.NOBODY} else ""


@transaction.atomic
def be_seen_by(*, user: User, who: str) -> None:
    """Choose who is shown a person for all purposes; a pause leaves the purposes as they are."""
    Profile.objects.filter(user=user).update(is_paused=who == NOBODY)
    if who != NOBODY:
        visibility = Visibility.CIRCLES if who == IN_CIRCLES else Visibility.EVERYONE
        Preference.objects.filter(user=user).update(visibility=visibility)
    changes.note(user.pk)
