"""Telling people what happened: rows first, mail by a sweep that may run twice and misses nothing."""

import datetime
import logging
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Exists, Min, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, Notification, NotificationChoice, User, Visit
from accounts.models.notification import PAUSES, TIME_TO_READ, Frequency
from accounts.services import consents, mails

SWEEP_SIZE = 200
# An address that refuses mail for this long does not exist; trying on would keep others waiting.
GIVEN_UP_AFTER = datetime.timedelta(days=2)
# After the connection was lost over somebody's mail.
PUT_OFF_FOR = datetime.timedelta(minutes=30)
UNSUBSCRIBE = "accounts.unsubscribe"

logger = logging.getLogger(__name__)


def notify(*, user_id: int, kind: str, subject_public_id: uuid.UUID) -> Notification:
    """Note what a person is to be told, one row for each subject; what happens again is told again."""
    now = timezone.now()
    choice = NotificationChoice.objects.filter(user=user_id, kind=kind).first()
    untold = {"created_at": now, "read_at": None, "sent_at": None, "due_at": _due(kind, choice, now)}
    if _frequency(kind, choice) == Frequency.NEVER:
        untold["sent_at"] = now
    return Notification.objects.update_or_create(
        user_id=user_id, kind=kind, subject_public_id=subject_public_id, defaults=untold
    )[0]


def unread(*, user_id: int) -> int:
    """Return how many notifications a person has not seen yet."""
    return Notification.objects.filter(user_id=user_id, read_at=None).count()


def mark_read(*, user_id: int, kind: str) -> None:
    """Note that a person has seen everything of a kind."""
    Notification.objects.filter(user_id=user_id, kind=kind, read_at=None).update(read_at=timezone.now())


def frequencies(*, user: User) -> dict[str, str]:
    """Return how often a person wants mails about each kind."""
    chosen = dict(NotificationChoice.objects.filter(user=user).values_list("kind", "frequency"))
    return {kind: chosen.get(kind, default) for kind, default in NotificationChoice.DEFAULTS.items()}


@transaction.atomic
def choose(*, user: User, kind: str, frequency: str) -> None:
    """Choose how often mails about a kind come; what waits goes by the new choice."""
    choice, _ = NotificationChoice.objects.update_or_create(
        user=user, kind=Notification.Kind(kind), defaults={"frequency": Frequency(frequency)}
    )
    now, waiting = timezone.now(), Notification.objects.filter(user=user, kind=kind, sent_at=None)
    if frequency == Frequency.NEVER:
        waiting.update(sent_at=now)
    else:
        waiting.update(due_at=_due(kind, choice, now))


def unsubscribe_token(*, user: User, kinds: Sequence[str]) -> str:
    """Return what a link needs to end mails of some kinds without signing in; it holds as long as the account."""
    return signing.dumps([user.public_id.hex, sorted(kinds)], salt=UNSUBSCRIBE)


def unsubscribed_by(*, token: str) -> tuple[User, list[str]]:
    """Return whose mails of which kinds a link ends.

    Raises
    ------
    User.DoesNotExist
        When there is no such link, or its person has gone.
    """
    try:
        public_id, kinds = signing.loads(token, salt=UNSUBSCRIBE)
    except signing.BadSignature:
        raise User.DoesNotExist from None
    # Links hold for years, in which a kind may have gone.
    left = [kind for kind in kinds if kind in Notification.Kind]
    return User.objects.members().get(public_id=uuid.UUID(public_id)), left


def send_unsent() -> int:
    """Mail what is due, to whom wants mail, and return how many mails went out; one mail tells all that is due.

    Raises
    ------
    OSError
        When the mail server is out of reach; everything unsent waits for the next sweep.
    """
    _note_visits()
    wanting = consents.given_user_ids(kind=Consent.Kind.MAIL)
    now = timezone.now()
    due = Notification.objects.filter(sent_at=None, due_at__lte=now)
    people = due.values("user").annotate(first=Min("due_at")).order_by("first").values_list("user", flat=True)
    return mails.to_each(
        list(people[:SWEEP_SIZE]),
        lambda user_id, connection: _settle(user_id, user_id in wanting, connection),
        lambda user_id: due.filter(user=user_id).update(due_at=now + PUT_OFF_FOR),
    )


def _note_visits() -> None:
    """Note that who was here since has seen for themselves that there are new people."""
    here = Visit.objects.filter(user=OuterRef("user"), last_seen_at__gt=OuterRef("created_at"))
    unsent = Notification.objects.filter(Exists(here), kind=Notification.Kind.PEOPLE, sent_at=None, read_at=None)
    unsent.update(read_at=timezone.now())


@transaction.atomic
def _settle(user_id: int, is_wanted: bool, connection: BaseEmailBackend) -> bool:
    """Send one person's mail under the locks of its rows, so that two sweeps never send it twice."""
    # Without a join: the person stays free, and MariaDB can lock nothing but all that it reads.
    waiting = Notification.objects.select_for_update(skip_locked=True)
    now = timezone.now()
    # What is not due waits: whoever wants news of people once a week gets them no sooner beside other news.
    rows = list(waiting.filter(user=user_id, sent_at=None, due_at__lte=now))
    if not rows:
        return False
    person = rows[0].user
    news = [row for row in rows if row.read_at is None]
    is_mailed = is_wanted and bool(news) and _is_reached(person)
    is_settled = not is_mailed or _is_taken(person, news, connection)
    old = [row for row in rows if is_settled or now - row.created_at > GIVEN_UP_AFTER]
    Notification.objects.filter(pk__in=[row.pk for row in old]).update(sent_at=now)
    if not is_settled:
        logger.warning("The mail of notification %s was refused.", news[0].pk)
    elif is_mailed:
        _remember_mailed(person, {row.kind for row in news}, now)
    return is_mailed and is_settled


def _is_reached(person: User) -> bool:
    """Whether there is somebody whom a mail comes to, and nobody else."""
    return person.is_active and not person.is_demo and mails.is_confirmed(user=person)


def _is_taken(person: User, news: Sequence[Notification], connection: BaseEmailBackend) -> bool:
    """Send a mail that names nobody, and return whether the server took it; a lost connection is the sweep's affair."""
    context = _context(person, news)
    # One click in the mail program ends these mails: RFC 8058.
    headers = {
        "List-Unsubscribe": f"<{context['unsubscribe_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return mails.is_taken(
        to=person.email, template="accounts/mail/news", context=context, connection=connection, headers=headers
    )


def _context(person: User, news: Sequence[Notification]) -> Mapping[str, Any]:
    """Return what a mail says: how many of which kind, and never of whom."""
    counts = Counter(row.kind for row in news)
    token = unsubscribe_token(user=person, kinds=list(counts))
    return {
        "site_url": settings.SITE_URL,
        "n_matches": counts[Notification.Kind.MATCH],
        "n_conversations": counts[Notification.Kind.MESSAGE],
        "has_new_people": bool(counts[Notification.Kind.PEOPLE]),
        "unsubscribe_url": settings.SITE_URL + reverse("accounts:unsubscribe", args=[token]),
    }


def _remember_mailed(person: User, kinds: set[str], now: datetime.datetime) -> None:
    """Keep when mails went out, so that the next one keeps its distance."""
    for kind in sorted(kinds):
        NotificationChoice.objects.update_or_create(
            user=person,
            kind=kind,
            defaults={"mailed_at": now},
            create_defaults={"mailed_at": now, "frequency": NotificationChoice.DEFAULTS[kind]},
        )


def _frequency(kind: str, choice: NotificationChoice | None) -> str:
    """Return how often mails of a kind come."""
    return choice.frequency if choice else NotificationChoice.DEFAULTS[kind]


def _due(kind: str, choice: NotificationChoice | None, now: datetime.datetime) -> datetime.datetime:
    """Return when a mail about something that happened now may go out."""
    frequency = _frequency(kind, choice)
    if frequency in {Frequency.NOW, Frequency.NEVER}:
        return now
    earliest = now + TIME_TO_READ
    last = choice.mailed_at if choice else None
    return max(earliest, last + PAUSES[frequency]) if last else earliest
