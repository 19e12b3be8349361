"""What is kept of a person: one entry for each model, with what an export holds and what deletion does.

A model with a person that has no entry here fails a test. Whoever adds such a model decides both here.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import Token

from accounts.models import (
    Block,
    Circle,
    CircleMembership,
    Consent,
    Notice,
    Notification,
    NotificationChoice,
    Photo,
    Preference,
    Profile,
    ProfileLanguage,
    Report,
    User,
    Visit,
    WantedGender,
)
from conversations.models import Message, Reading
from ml.items import SCALES
from operations.models import Access, Decision, Flag
from privacy.models import Dormancy, Export
from recommendations.models import Deferral, Experiment, Exposure, Impression, Match, SampleVerdict, Taste, Verdict
from surveys.models import AnswerSheet, Comparison, Placement, SharedPicture, TrainingRun


class Fate(enum.Enum):
    """What deletion does with the rows of a person."""

    DELETED = _("Deleted.")
    WITH_ITS_OWNER = _("Deleted together with the row that it belongs to.")
    EMPTIED = _(
        "Emptied: a row without name, address or any other trace stays, so that what others keep holds together."
    )
    HANDED_ON = _("Handed on to another member, or closed with the last one.")
    LET_GO = _("Stays without any mention of the person.")
    ENDED = _("Ended; the row stays for the other person, who reads that the account was deleted.")
    KEPT = _("Stays: a log of what administrators decided must be whole.")


@dataclass(frozen=True)
class Entry:
    """How one model treats a person."""

    model: type[Model]
    title: str | Promise
    """What the person is told it is."""
    owners: tuple[str, ...]
    """Fields, or paths, to the person whom a row belongs to: who exports it."""
    fate: Fate
    exported: tuple[str, ...] = ()
    unexported: str | Promise = ""
    """Why an export leaves the model out."""
    others: tuple[str, ...] = ()
    """Fields to a person who is only mentioned: the row is none of their export, but goes when they go."""
    own_side: tuple[str, ...] = ()
    """Columns that a row has for each of its owners, as `low_opens` and `high_opens`: only one's own is exported."""
    decoded: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """How columns that are no text are written down."""

    @property
    def name(self) -> str:
        """The name of the part in an export."""
        return str(self.model._meta.verbose_name_plural).replace(" ", "_").replace("-", "_").lower()


def _answers(stored: Any) -> list[int | None]:
    """Return 163 answers from 1 to 5, None where there is none."""
    return [answer or None for answer in bytes(stored)]


def _scales(stored: Any) -> dict[str, float]:
    """Return the 16 scales by name, in standard deviations."""
    values = np.frombuffer(bytes(stored), dtype="<f4")
    return {scale.name: round(float(value), 3) for scale, value in zip(SCALES, values, strict=True)}


INVENTORY: tuple[Entry, ...] = (
    Entry(
        User,
        _("Your account"),
        ("pk",),
        Fate.EMPTIED,
        ("email", "public_id", "birth_date", "joined_on", "last_login", "signup_source"),
    ),
    Entry(EmailAddress, _("Your e-mail addresses"), ("user",), Fate.DELETED, ("email", "verified", "primary")),
    Entry(
        Authenticator,
        _("Second factors of your sign-in"),
        ("user",),
        Fate.DELETED,
        ("type", "created_at", "last_used_at"),
    ),
    Entry(
        UserSession,
        _("Where you are signed in"),
        ("user",),
        Fate.DELETED,
        ("created_at", "last_seen_at", "ip", "user_agent"),
    ),
    Entry(Token, _("Access of your own programs"), ("user",), Fate.DELETED, ("created",)),
    Entry(
        Profile,
        _("Your profile"),
        ("user",),
        Fate.DELETED,
        (
            *("display_name", "headline", "bio", "gender", "gender_words", "city", "country", "contact"),
            *("is_paused", "is_learned_from", "tastes_since"),
        ),
    ),
    Entry(
        Photo,
        _("Your photo"),
        ("user",),
        Fate.DELETED,
        ("state", "audience", "uploaded_at", "reviewed_at"),
    ),
    Entry(ProfileLanguage, _("Languages you speak"), ("profile__user",), Fate.WITH_ITS_OWNER, ("code",)),
    Entry(
        Preference,
        _("What you are here for"),
        ("user",),
        Fate.DELETED,
        ("purpose", "is_active", "visibility", "youngest", "oldest", "reach", "room", "updated_at"),
    ),
    Entry(
        WantedGender,
        _("Whom you want to date"),
        ("preference__user",),
        Fate.WITH_ITS_OWNER,
        ("preference__purpose", "gender"),
    ),
    Entry(
        Consent,
        _("What you agreed to, and when"),
        ("user",),
        Fate.DELETED,
        ("kind", "version", "is_given", "decided_at"),
    ),
    Entry(Circle, _("Circles you own"), ("owner",), Fate.HANDED_ON, ("name", "description", "code", "created_at")),
    Entry(
        CircleMembership, _("Circles you are in"), ("user",), Fate.DELETED, ("circle__name", "is_listed", "joined_at")
    ),
    Entry(
        Block,
        _("People you blocked"),
        ("blocker",),
        Fate.DELETED,
        ("blocked__public_id", "created_at"),
        others=("blocked",),
    ),
    Entry(
        Report,
        _("What you reported"),
        ("reporter",),
        Fate.LET_GO,
        ("kind", "subject_public_id", "reason", "details", "status", "created_at"),
    ),
    Entry(Notification, _("What you were told"), ("user",), Fate.DELETED, ("kind", "created_at", "read_at", "sent_at")),
    Entry(
        NotificationChoice,
        _("Which mails you want"),
        ("user",),
        Fate.DELETED,
        ("kind", "frequency", "mailed_at"),
    ),
    Entry(Notice, _("What operators told you"), ("user",), Fate.DELETED, ("text", "made_at", "read_at", "sent_at")),
    Entry(Visit, _("When you were here"), ("user",), Fate.DELETED, ("started_at", "last_seen_at", "n_requests")),
    Entry(
        AnswerSheet,
        _("Your answers"),
        ("user",),
        Fate.DELETED,
        ("is_current", "answers", "n_answered", "seconds", "started_at", "changed_at"),
        decoded={"answers": _answers},
    ),
    Entry(
        Placement,
        _("Places computed from them"),
        ("sheet__user",),
        Fate.WITH_ITS_OWNER,
        ("version", "n_answered", "scales", "type", "placed_at"),
        decoded={"scales": _scales},
    ),
    Entry(SharedPicture, _("The link to the image of your wheel"), ("user",), Fate.DELETED, ("token", "made_at")),
    Entry(
        Comparison,
        _("With whom you compare your picture"),
        ("inviter", "friend"),
        Fate.DELETED,
        ("public_id", "made_at", "inviter_agreed_at", "ended_at"),
    ),
    Entry(TrainingRun, _("Trainings you asked for"), ("asked_by",), Fate.LET_GO, ("kind", "status", "created_at")),
    Entry(
        Impression,
        _("Whom you were shown"),
        ("viewer",),
        Fate.DELETED,
        ("shown__public_id", "purpose", "label", "agreements", "interest", "shown_at"),
        others=("shown",),
    ),
    Entry(Exposure, _("How often you were shown"), ("user",), Fate.DELETED, ("purpose", "n_shown", "waits_since")),
    Entry(
        Verdict,
        _("Your likes and passes"),
        ("actor",),
        Fate.DELETED,
        ("target__public_id", "purpose", "value", "note", "is_current", "given_at"),
        others=("target",),
    ),
    Entry(
        Deferral,
        _("Whom you put off for now"),
        ("viewer",),
        Fate.DELETED,
        ("other__public_id", "purpose", "until", "made_at"),
        others=("other",),
    ),
    Entry(
        SampleVerdict,
        _("Your likes and passes of sample people"),
        ("actor",),
        Fate.DELETED,
        ("purpose", "value", "is_current", "given_at"),
    ),
    Entry(
        Taste,
        _("What was learned of your taste"),
        ("user",),
        Fate.DELETED,
        ("purpose", "generosity", "taste", "updated_at"),
        decoded={"taste": _scales},
    ),
    Entry(
        Match,
        _("Your matches"),
        ("low", "high"),
        Fate.ENDED,
        ("public_id", "purpose", "matched_at", "ended_at"),
        own_side=("opens", "shares_contact", "met", "again", "is_unasked"),
    ),
    Entry(
        Message,
        _("What you wrote to your matches"),
        ("sender",),
        Fate.DELETED,
        ("match__public_id", "text", "written_at", "edited_at", "deleted_at"),
    ),
    Entry(Reading, _("How far you read your conversations"), ("user",), Fate.DELETED, ("match__public_id", "read_at")),
    Entry(Dormancy, _("When you were told that your account will go"), ("user",), Fate.DELETED, ("told_at",)),
    Entry(Export, _("Copies you asked for"), ("user",), Fate.DELETED, ("created_at",)),
    Entry(
        Flag,
        _("What a sweep noticed about how you use the site"),
        ("user",),
        Fate.DELETED,
        ("kind", "status", "n", "found_at", "newest_at"),
    ),
    Entry(
        Decision,
        _("What you decided as an administrator"),
        ("made_by",),
        Fate.KEPT,
        unexported=_("Only administrators have entries, about rows of others."),
    ),
    Entry(
        Access,
        _("What you read as an administrator"),
        ("made_by",),
        Fate.KEPT,
        unexported=_("Only administrators have entries, about rows of others."),
    ),
    Entry(
        Experiment,
        _("What you tried as an administrator"),
        ("started_by", "decided_by"),
        Fate.KEPT,
        unexported=_("Only administrators have entries, about versions of a model."),
    ),
    Entry(
        LogEntry,
        _("What you did as an administrator"),
        ("user",),
        Fate.KEPT,
        unexported=_("Only administrators have entries, about rows of others."),
    ),
)
