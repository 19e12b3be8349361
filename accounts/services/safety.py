"""Blocks and reports."""

import base64
import uuid
from collections.abc import Mapping, Sequence

from accounts import places
from accounts.models import Block, Photo, Profile, Report, User
from accounts.services import photos


def block(*, blocker: User, blocked: User) -> Block:
    """Keep two people apart for good; a second time changes nothing."""
    return Block.objects.get_or_create(blocker=blocker, blocked=blocked)[0]


def unblock(*, blocker: User, blocked: User) -> None:
    """Take a block back; one that the other side made stays."""
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()


def report(
    *,
    reporter: User,
    subject: User,
    reason: str,
    details: str,
    kind: str = "person",
    subject_public_id: uuid.UUID | None = None,
    words: Sequence[Mapping[str, str]] = (),
) -> Report:
    """Keep a complaint together with what could be seen of the person at that moment.

    What is reported may be something of the person, with a public id of its own and the words that were exchanged.
    """
    frozen: dict[str, object] = dict(_what_others_see(subject))
    photo = Photo.objects.filter(user=subject, state=Photo.State.PASSED).first() if kind == "photo" else None
    if kind == "photo" and photo is None:
        # Taken away meanwhile: what is left to look at is the profile.
        kind = "person"
    if kind != "person":
        frozen |= {"person": str(subject.public_id), "words": list(words)}
    if photo is not None:
        subject_public_id = photo.public_id
        frozen["photo"] = base64.b64encode(photos.content(photo=photo, size="middle")).decode()
    return Report.objects.create(
        kind=kind,
        subject_public_id=subject_public_id or subject.public_id,
        frozen_copy=frozen,
        reporter=reporter,
        reason=Report.Reason(reason),
        details=details,
        is_demo=reporter.is_demo or subject.is_demo,
    )


def _what_others_see(person: User) -> dict[str, str]:
    """Return what a profile tells others, read anew: what the request holds may be older."""
    profile = Profile.objects.filter(user=person).first()
    if profile is None:
        return {}
    return {
        "display_name": profile.display_name,
        "headline": profile.headline,
        "bio": profile.bio,
        "city": str(places.city(profile.city) or ""),
    }
