"""Who may look at whose page: only who was shown a person, or is matched with them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from accounts import datasets as people
from accounts.models import Block, Purpose, User
from recommendations.models import Impression, Match
from recommendations.services import eligibility, matches


@dataclass(frozen=True)
class Acquaintance:
    """Somebody whom a person knows from here, by the last list that showed them or by a match."""

    person: User
    purpose: str
    impression: Impression | None
    match: Match | None


def find(*, viewer: User, public_id: uuid.UUID, purpose: str | None = None) -> Acquaintance:
    """Return somebody whom a person was shown and may still see, or is matched with; for one purpose or the last one.

    Raises
    ------
    User.DoesNotExist
        When there is nobody who could be seen: a stranger does not exist.
    """
    if purpose is not None and purpose not in Purpose:
        raise User.DoesNotExist
    person = met(viewer=viewer, public_id=public_id)
    if not people.participants().filter(pk=person.pk).exists():
        raise User.DoesNotExist
    shown = Impression.objects.filter(viewer=viewer, shown=person)
    held = matches.of(user=viewer).between(viewer.pk, person.pk)
    if purpose is not None:
        shown, held = shown.filter(purpose=purpose), held.filter(purpose=purpose)
    impression = shown.select_related("shown__profile", "shown__photo").order_by("-shown_at", "-pk").first()
    match = held.filter(purpose=impression.purpose).first() if impression else held.first()
    if match is None and impression is not None and not _may_see(viewer, person, impression.purpose):
        raise User.DoesNotExist
    last = impression or match
    if last is None:
        raise User.DoesNotExist
    return Acquaintance(person=person, purpose=last.purpose, impression=impression, match=match)


def met(*, viewer: User, public_id: uuid.UUID) -> User:
    """Return somebody whom a person was shown or matched with at any time, unless a block keeps the two apart.

    Raises
    ------
    User.DoesNotExist
        When there is nobody like this.
    """
    person = User.objects.members().select_related("profile", "photo").get(public_id=public_id)
    is_known = (
        Impression.objects.filter(viewer=viewer, shown=person).exists()
        or Match.objects.between(viewer.pk, person.pk).exists()
    )
    if not is_known or person.pk in Block.objects.ids_apart_from(viewer.pk):
        raise User.DoesNotExist
    return person


def visible(*, viewer: User, pairs: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return which of several people, each with a purpose, a person may still see; a few queries for each purpose."""
    by_purpose: dict[str, set[int]] = {}
    for user_id, purpose in pairs:
        by_purpose.setdefault(purpose, set()).add(user_id)
    found: set[tuple[int, str]] = set()
    for purpose, others in by_purpose.items():
        seen = eligibility.ids_to_be_seen(viewer_id=viewer.pk, others=others, purpose=purpose, day=timezone.localdate())
        found |= {(user_id, purpose) for user_id in seen}
    return found


def _may_see(viewer: User, person: User, purpose: str) -> bool:
    """Whether the rules of both still let one see the other."""
    seen = eligibility.ids_to_be_seen(
        viewer_id=viewer.pk, others=[person.pk], purpose=purpose, day=timezone.localdate()
    )
    return person.pk in seen
