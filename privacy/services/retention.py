"""What is kept no longer than it is of use: accounts that nobody uses or finished, and where people signed in."""

import datetime
import logging

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Consent, User, Visit
from accounts.models.user import UserQuerySet
from accounts.services import mails
from privacy.models import Dormancy
from privacy.services import deletion

DORMANT_AFTER = datetime.timedelta(days=2 * 365)
# After the mail, in which a visit keeps the account.
GRACE = datetime.timedelta(days=30)
UNFINISHED_LASTS = datetime.timedelta(days=7)
ADDRESSES_LAST = datetime.timedelta(days=90)
# What is left waits for the next day.
SWEEP_SIZE = 200

logger = logging.getLogger(__name__)


def tell_dormant(*, now: datetime.datetime) -> int:
    """Write to who has not been here for two years that the account will go; return how many were told.

    Raises
    ------
    OSError
        When the mail server is out of reach; the others wait for the next day.
    """
    dormant = _away_since(now - DORMANT_AFTER).filter(dormancy=None).order_by("?").values_list("pk", flat=True)
    return mails.to_each(list(dormant[:SWEEP_SIZE]), lambda user_id, connection: _tell(user_id, now, connection))


def delete_dormant(*, now: datetime.datetime) -> int:
    """Delete who was told a month ago and has not come back since; return how many that were."""
    back = Visit.objects.filter(user=OuterRef("user"), last_seen_at__gt=OuterRef("told_at"))
    Dormancy.objects.filter(Exists(back)).delete()
    return _delete(User.objects.real().filter(is_staff=False, dormancy__told_at__lte=now - GRACE))


def delete_unfinished(*, now: datetime.datetime) -> int:
    """Delete who signed up, never said whether to be matched, and has not been here for a week; return how many."""
    decided = Consent.objects.filter(user=OuterRef("pk"), kind=Consent.Kind.MATCHING)
    return _delete(_away_since(now - UNFINISHED_LASTS).filter(~Exists(decided)))


def forget_addresses(*, now: datetime.datetime) -> int:
    """Forget from which addresses and browsers people signed in long ago, and sessions that have run out."""
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    store.clear_expired()
    return int(UserSession.objects.filter(last_seen_at__lte=now - ADDRESSES_LAST).delete()[0])


def _away_since(moment: datetime.datetime) -> UserQuerySet:
    """Return the members who have not been here since a moment; neither staff nor the demo."""
    here = Visit.objects.filter(user=OuterRef("pk"), last_seen_at__gt=moment)
    return User.objects.real().filter(~Exists(here), is_staff=False, joined_on__lt=timezone.localdate(moment))


@transaction.atomic
def _tell(user_id: int, now: datetime.datetime, connection: BaseEmailBackend) -> bool:
    """Tell one person under their lock, so that two sweeps write once; whom no mail reaches counts as told."""
    untold = User.objects.filter(~Exists(Dormancy.objects.filter(user=OuterRef("pk"))), pk=user_id)
    person = untold.select_for_update(skip_locked=True).first()
    if person is None:
        return False
    Dormancy.objects.create(user=person, told_at=now)
    if not mails.is_confirmed(user=person):
        return False
    context = {"site_url": settings.SITE_URL, "ends_on": timezone.localdate(now + GRACE)}
    is_taken = mails.is_taken(to=person.email, template="privacy/mail/dormant", context=context, connection=connection)
    if not is_taken:
        logger.warning("The mail about a dormant account was refused: person %s.", user_id)
    return is_taken


def _delete(people: UserQuerySet) -> int:
    """Delete people one by one, so that what is done stays done."""
    some = list(people.order_by("pk")[:SWEEP_SIZE])
    for person in some:
        deletion.delete(user=person)
    return len(some)
