"""Deleting a person: everything at once, in one transaction, as the inventory says."""

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Circle, User
from accounts.services import changes, circles, photos
from privacy.inventory import INVENTORY, Entry, Fate
from privacy.services import exports
from recommendations.services import matches


@transaction.atomic
def delete(*, user: User) -> None:
    """Delete everything about a person; an empty account row stays. Nothing of it can be undone."""
    # Held, so that a click of theirs on its way finds either everything or nothing.
    held = User.objects.select_for_update().get(pk=user.pk)
    for circle in Circle.objects.filter(memberships__user=held):
        circles.leave(user=held, circle=circle)
    partners = matches.leave(user=held)
    exports.remove(user=held)
    photos.remove(user=held)
    for entry in INVENTORY:
        if entry.fate is Fate.DELETED:
            _delete(entry, held)
        elif entry.fate is Fate.LET_GO:
            _let_go(entry, held)
    held.bury()
    changes.note(held.pk, *partners)
    transaction.on_commit(lambda: _end_sessions(held))


def _delete(entry: Entry, user: User) -> None:
    """Delete the rows of a person and those in which somebody else mentions them."""
    mentions = Q()
    for path in (*entry.owners, *entry.others):
        mentions |= Q(**{path: user.pk})
    entry.model._default_manager.filter(mentions).delete()


def _let_go(entry: Entry, user: User) -> None:
    """Take the mention of a person out of rows that stay."""
    for owner in entry.owners:
        entry.model._default_manager.filter(**{owner: user.pk}).update(**{owner: None})


def _end_sessions(user: User) -> None:
    """Delete the sessions of a person on every device; none of them opens anything any more, the password is gone."""
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    sessions = store.get_model_class().objects.filter(expire_date__gt=timezone.now())  # type: ignore[attr-defined]
    keys = [row.session_key for row in sessions.iterator() if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    sessions.filter(session_key__in=keys).delete()
