"""Plain builders of rows for tests; each fills in what a test does not care about."""

import datetime
import itertools
from typing import Any

import numpy as np
from allauth.account.models import EmailAddress

from accounts.models import Circle, CircleMembership, Consent, Preference, Profile, Purpose, User
from ml.items import N_ITEMS
from surveys.models import AnswerSheet

_counter = itertools.count(1)


def make_member(*, display_name: str = "Robin", **fields: Any) -> User:
    """Return a grown-up with a profile and the consent to be matched."""
    fields.setdefault("email", f"member{next(_counter)}@example.org")
    fields.setdefault("birth_date", datetime.date(1990, 5, 17))
    user = User.objects.create_user(**fields)
    Profile.objects.create(user=user, display_name=display_name)
    Consent.objects.create(user=user, kind=Consent.Kind.MATCHING, is_given=True)
    return user


def make_reader(**fields: Any) -> User:
    """Return a member who confirmed their address and wants mail."""
    user = make_member(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Consent.objects.create(user=user, kind=Consent.Kind.MAIL, is_given=True)
    return user


def make_preference(user: User, *, purpose: str = Purpose.FRIEND, **fields: Any) -> Preference:
    """Return one purpose of a person, open to everyone unless said otherwise."""
    return Preference.objects.create(user=user, purpose=purpose, **fields)


def make_circle(*members: User, name: str = "Cohort") -> Circle:
    """Return a circle of the given people, owned by the first."""
    circle = Circle.objects.create(name=name, owner=members[0] if members else None)
    CircleMembership.objects.bulk_create(CircleMembership(circle=circle, user=user) for user in members)
    return circle


def make_answers(*, n_answered: int = N_ITEMS, seed: int = 0) -> bytes:
    """Return a sheet whose first items are answered at random."""
    answers = np.zeros(N_ITEMS, dtype=np.int8)
    answers[:n_answered] = np.random.default_rng(seed).integers(1, 6, size=n_answered)
    return answers.tobytes()


def make_sheet(user: User, *, answers: bytes | None = None, n_answered: int = N_ITEMS, seed: int = 0) -> AnswerSheet:
    """Return a person's current answer sheet, not placed yet."""
    if answers is None:
        answers = make_answers(n_answered=n_answered, seed=seed)
    return AnswerSheet.objects.create(user=user, answers=answers, n_answered=N_ITEMS - answers.count(0), revision=1)
