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
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from rest_framework.authtoken.models import Token

from accounts.models import (
    Block,
    Circle,
    CircleMembership,
    Consent,
    Notification,
    Preference,
    Profile,
    Report,
    User,
    Visit,
    WantedGender,
)
from ml.items import SCALES
from privacy.models import Export
from recommendations.models import Exposure, Impression, Match, SampleVerdict, Taste, Verdict
from surveys.models import AnswerSheet, Placement, TrainingRun


class Fate(enum.Enum):
    """What deletion does with the rows of a person."""

    DELETED = "Deleted."
    WITH_ITS_OWNER = "Deleted together with the row that it belongs to."
    EMPTIED = "Emptied: a row without name, address or any other trace stays, so that others' history holds together."
    HANDED_ON = "Handed on to another member, or closed with the last one."
    LET_GO = "Stays without any mention of the person."
    ENDED = "Ended; the row stays for the other person, who reads that the account was deleted."
    KEPT = "Stays: a log of what administrators decided must be whole."


@dataclass(frozen=True)
class Entry:
    """How one model treats a person."""

    model: type[Model]
    owners: tuple[str, ...]
    """Fields, or paths, to the person whom a row belongs to: who exports it."""
    fate: Fate
    exported: tuple[str, ...] = ()
    unexported: str = ""
    """Why an export leaves the model out."""
    others: tuple[str, ...] = ()
    """Fields to a person who is only mentioned: the row is none of their export, but goes when they go."""
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


OTHERS = "It says what others think, which belongs to them."

INVENTORY: tuple[Entry, ...] = (
    Entry(
        User, ("pk",), Fate.EMPTIED, ("email", "public_id", "birth_date", "joined_on", "last_login", "signup_source")
    ),
    Entry(EmailAddress, ("user",), Fate.DELETED, ("email", "verified", "primary")),
    Entry(Authenticator, ("user",), Fate.DELETED, ("type", "created_at", "last_used_at")),
    Entry(Token, ("user",), Fate.DELETED, ("created",)),
    Entry(
        Profile,
        ("user",),
        Fate.DELETED,
        ("display_name", "headline", "bio", "gender", "gender_words", "city", "country", "contact", "is_paused"),
    ),
    Entry(
        Preference,
        ("user",),
        Fate.DELETED,
        ("purpose", "is_active", "visibility", "youngest", "oldest", "reach", "room", "updated_at"),
    ),
    Entry(WantedGender, ("preference__user",), Fate.WITH_ITS_OWNER, ("preference__purpose", "gender")),
    Entry(Consent, ("user",), Fate.DELETED, ("kind", "version", "is_given", "decided_at")),
    Entry(Circle, ("owner",), Fate.HANDED_ON, ("name", "description", "code", "created_at")),
    Entry(CircleMembership, ("user",), Fate.DELETED, ("circle__name", "joined_at")),
    Entry(Block, ("blocker",), Fate.DELETED, ("blocked__public_id", "created_at"), others=("blocked",)),
    Entry(
        Report,
        ("reporter",),
        Fate.LET_GO,
        ("kind", "subject_public_id", "reason", "details", "status", "created_at"),
    ),
    Entry(Notification, ("user",), Fate.DELETED, ("kind", "created_at", "read_at", "sent_at")),
    Entry(Visit, ("user",), Fate.DELETED, ("started_at", "last_seen_at", "n_requests")),
    Entry(
        AnswerSheet,
        ("user",),
        Fate.DELETED,
        ("is_current", "answers", "n_answered", "seconds", "started_at", "changed_at"),
        decoded={"answers": _answers},
    ),
    Entry(
        Placement,
        ("sheet__user",),
        Fate.WITH_ITS_OWNER,
        ("version", "n_answered", "scales", "type", "placed_at"),
        decoded={"scales": _scales},
    ),
    Entry(TrainingRun, ("asked_by",), Fate.LET_GO, ("kind", "status", "created_at")),
    Entry(
        Impression,
        ("viewer",),
        Fate.DELETED,
        ("shown__public_id", "purpose", "label", "agreements", "interest", "shown_at"),
        others=("shown",),
    ),
    Entry(Exposure, ("user",), Fate.DELETED, ("purpose", "n_shown", "waits_since")),
    Entry(
        Verdict,
        ("actor",),
        Fate.DELETED,
        ("target__public_id", "purpose", "value", "is_current", "given_at"),
        others=("target",),
    ),
    Entry(SampleVerdict, ("actor",), Fate.DELETED, ("purpose", "value", "is_current", "given_at")),
    Entry(
        Taste,
        ("user",),
        Fate.DELETED,
        ("purpose", "generosity", "taste", "updated_at"),
        decoded={"taste": _scales},
    ),
    Entry(Match, ("low", "high"), Fate.ENDED, ("public_id", "purpose", "matched_at", "ended_at")),
    Entry(Export, ("user",), Fate.DELETED, ("created_at",)),
    Entry(LogEntry, ("user",), Fate.KEPT, unexported="Only administrators have entries, about rows of others."),
)
