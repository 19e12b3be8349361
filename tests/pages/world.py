"""The people whom the pages show: enough for each page to show something, and more of them where a test asks."""

import datetime
import uuid
from dataclasses import dataclass

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, Notification, ProfileLanguage, Purpose, User
from accounts.services import circles, notifications
from conversations.models import Message
from ml.items import N_ITEMS
from recommendations.models import Match
from recommendations.services import verdicts
from surveys.models import AnswerSheet, MeasurementVersion
from surveys.services import sharing
from tests.builders import make_answers, make_member, make_preference
from tests.population import make_active_versions
from tests.recommendations.builders import make_people, show_each_other

PASSWORD = "a long enough phrase 42"
# Long enough ago for the question how it went.
MATCHED = datetime.timedelta(days=20)


@dataclass(frozen=True)
class World:
    """Two who matched, one whom the first was shown, and what links to them need."""

    ada: User
    version: MeasurementVersion
    match: Match
    message: uuid.UUID
    other: User
    circle: uuid.UUID
    code: str
    wheel: str
    comparison: uuid.UUID
    invitation: str
    unsubscribe: str
    confirmation: str
    newcomer: User
    guarded: User


def make_world() -> World:
    """Make the people whom the pages show."""
    version = make_active_versions()
    ada, ben, cleo, dana, eli = make_people(version, 5)
    _confirm(ada)
    for other in (ben, cleo, dana):
        show_each_other(ada, other)
    for actor, target in ((ada, ben), (ben, ada), (ada, cleo)):
        verdicts.record(actor=actor, target=target, purpose=Purpose.FRIEND, value="like")
    match = Match.objects.get()
    _write(match, ben, ada)
    Match.objects.update(last_message_at=timezone.now())
    circle = circles.found(user=ada, name="Choir of the harbour", description="We sing on Tuesdays.")
    circles.join(user=ben, code=circle.code)
    Block.objects.create(blocker=ada, blocked=eli)
    comparison = sharing.join(user=ben, token=sharing.begin(user=ada).token)
    sharing.agree(user=ada, public_id=comparison.public_id)
    _answer_before(ada)
    newcomer, guarded = make_member(), make_member()
    _confirm(guarded)
    TOTP.activate(guarded, generate_totp_secret())
    RecoveryCodes.activate(guarded)
    address = EmailAddress.objects.create(user=newcomer, email=newcomer.email, primary=True)
    return World(
        ada=ada,
        version=version,
        match=match,
        message=match.messages.get(sender=ada).public_id,
        other=dana,
        circle=circle.public_id,
        code=circle.code,
        wheel=sharing.share(user=ada).token,
        comparison=comparison.public_id,
        invitation=sharing.begin(user=ben).token,
        unsubscribe=notifications.unsubscribe_token(user=ada, kinds=[Notification.Kind.MATCH]),
        confirmation=EmailConfirmationHMAC(address).key,
        newcomer=newcomer,
        guarded=guarded,
    )


def grow(world: World, n: int) -> None:
    """Let n people come whom Ada knows, all of them in her circle, and twice as many whom she has yet to be shown.

    Ada passed every second one and likes the others; with every fourth she matched, writes and compares pictures, and
    every fourth she blocked.
    """
    ada, people = world.ada, make_people(world.version, 3 * n, seed=n)
    for person in people:
        make_preference(person, purpose=Purpose.PROJECT)
        ProfileLanguage.objects.create(profile=person.profile, code="pt")
    for number, person in enumerate(people[:n]):
        circles.join(user=person, code=world.code)
        show_each_other(ada, person)
        verdicts.record(actor=ada, target=person, purpose=Purpose.FRIEND, value="pass" if number % 2 else "like")
        if number % 4 == 0:
            verdicts.record(actor=person, target=ada, purpose=Purpose.FRIEND, value="like")
            _write(Match.objects.between(ada.pk, person.pk).get(), person, ada, person)
            sharing.join(user=person, token=sharing.begin(user=ada).token)
        if number % 4 == 1:
            Block.objects.create(blocker=ada, blocked=person)
    _write(world.match, *(world.match.low, world.match.high) * n)
    _answer_before(ada)


def visitor(world: World) -> Client:
    """Return the browser of somebody who has no account."""
    return Client()


def member(world: World) -> Client:
    """Return Ada's browser."""
    return signed_in(world.ada)


def newcomer(world: World) -> Client:
    """Return the browser of somebody who has an account and nothing else."""
    return signed_in(world.newcomer)


def guarded(world: World) -> Client:
    """Return the browser of somebody with a second factor."""
    return signed_in(world.guarded)


def halfway(world: World) -> Client:
    """Return the browser of somebody who gave the password and is asked for the second factor."""
    client = Client()
    client.post(reverse("account_login"), {"login": world.guarded.email, "password": PASSWORD})
    return client


def signed_in(user: User) -> Client:
    """Return the browser of somebody who gave the password a moment ago."""
    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, "password", reauthenticated=True)
    request.session.save()
    return client


def _confirm(user: User) -> None:
    """Let somebody have a password and an address that is theirs."""
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def _write(match: Match, *senders: User) -> None:
    """Let people say something in a conversation that is long enough under way to be asked about."""
    first = match.messages.count() + 1
    for number, sender in enumerate(senders, start=first):
        Message.objects.create(
            match=match, sender=sender, text="Have you seen the frog?", number=number, revision=number
        )
    matched = timezone.now() - MATCHED
    Match.objects.filter(pk=match.pk).update(last_message_at=matched, matched_at=matched)


def _answer_before(user: User) -> None:
    """Leave a sheet that somebody filled in before the current one."""
    AnswerSheet.objects.create(user=user, is_current=False, answers=make_answers(), n_answered=N_ITEMS)
