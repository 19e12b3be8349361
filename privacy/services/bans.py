"""Deleting the accounts of people whom operators banned; the decision is a row that this finds."""

from accounts.models import User
from operations.models import Decision
from privacy.services import deletion


def delete_banned() -> int:
    """Delete who was banned and is still closed; return how many. An account that was opened again stays."""
    banned = Decision.objects.filter(action=Decision.Action.BAN).values("person_public_id")
    people = list(User.objects.filter(public_id__in=banned, is_active=False, deleted_at=None))
    for person in people:
        deletion.delete(user=person)
    return len(people)
