"""Two people with a history together."""

import uuid
from typing import Any, NamedTuple

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.utils import timezone

from accounts.models import Block, Consent, Gender, Notification, Photo, Purpose, Report, User
from accounts.services import tokens
from conversations.services import reading, writing
from privacy.models import Dormancy
from privacy.services import exports
from recommendations.models import Match, Taste, Verdict
from recommendations.services import deferrals, exposure, matches, publishing, verdicts
from surveys.models import TrainingRun
from surveys.services import sharing
from tests.builders import make_circle, make_member
from tests.population import make_active_versions, make_placed_member
from tests.recommendations.builders import show_each_other

SECRETS = ("ada@example.org", "Ada", "A line that is me", "Ask me about moths", "ada on the wire", "Words to one")


class Pair(NamedTuple):
    """Who leaves, and who stays."""

    leaver: User
    other: User


def _use_the_account(user: User) -> None:
    """Leave what signing in leaves, and what long absence does."""
    UserSession.objects.create(user=user, ip="192.0.2.1", session_key="of-the-leaver", user_agent="A browser")
    tokens.issue(user=user)
    Dormancy.objects.create(user=user, told_at=timezone.now())
    user.notices.create(text="Mind your words")
    user.flags.create(kind="burst", n=20, newest_at=timezone.now())


@pytest.fixture
def pair(db: None) -> Pair:
    """Return two matched people, of whom the first has a row of every kind."""
    make_active_versions()
    leaver = make_placed_member(seed=1, email=SECRETS[0], display_name=SECRETS[1])
    other = make_placed_member(seed=2)
    profile = leaver.profile
    profile.headline, profile.bio, profile.contact, profile.gender = *SECRETS[2:5], Gender.WOMAN
    profile.save()
    profile.languages.create(code="en")
    Photo.objects.create(user=leaver, **dict.fromkeys(("small", "middle", "large"), "photos/none.webp"))
    leaver.preferences.create(purpose=Purpose.DATE).wanted_genders.create(gender=Gender.WOMAN)
    show_each_other(leaver, other)
    for actor, target in ((leaver, other), (other, leaver)):
        verdicts.record(actor=actor, target=target, purpose=Purpose.FRIEND, value="like")
    Verdict.objects.filter(actor=leaver).update(note=SECRETS[5])
    for viewer, later in ((leaver, other), (other, leaver)):
        deferrals.defer(viewer=viewer, other=later, purpose=Purpose.FRIEND)
    make_circle(leaver, other)
    match = Match.objects.get()
    for sender, text in ((leaver, SECRETS[5]), (other, "What the other wrote")):
        writing.send(user=sender, public_id=match.public_id, text=text, token=uuid.uuid4())
        reading.mark_read(match=match, user=sender, up_to=2)
        matches.say_how_it_went(user=sender, public_id=match.public_id, met=sender == leaver, again=None)
    EmailAddress.objects.create(user=leaver, email=leaver.email, verified=True, primary=True)
    leaver.visits.create()
    leaver.notification_choices.create(kind="match", frequency="now")
    _use_the_account(leaver)
    blocked = make_member()
    Block.objects.create(blocker=leaver, blocked=blocked)
    Block.objects.create(blocker=make_member(), blocked=leaver)
    Report.objects.create(reporter=leaver, subject_public_id=other.public_id, frozen_copy={}, reason="rude")
    Consent.objects.create(user=leaver, kind=Consent.Kind.TRAINING, is_given=True)
    TrainingRun.objects.create(kind="measurement", asked_by=leaver, status="succeeded")
    version = publishing.active_preference_version()
    assert version is not None
    values: dict[str, Any] = {
        "generosity_variance": 1.0,
        "appeal_variance": 1.0,
        "taste_variance": 1.0,
        "taste": bytes(64),
    }
    Taste.objects.create(version=version, user=leaver, purpose=Purpose.FRIEND, **values)
    sharing.share(user=leaver)
    sharing.join(user=other, token=sharing.begin(user=leaver).token)
    exposure.tend(now=timezone.now())
    exports.make(user=leaver)
    assert Match.objects.of(leaver.pk).exists()
    assert Notification.objects.filter(user=leaver).exists()
    return Pair(leaver, other)
