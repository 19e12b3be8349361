"""Blocks and reports."""

from accounts import places
from accounts.models import Block, Profile, Report, User


def block(*, blocker: User, blocked: User) -> Block:
    """Keep two people apart for good; a second time changes nothing."""
    return Block.objects.get_or_create(blocker=blocker, blocked=blocked)[0]


def unblock(*, blocker: User, blocked: User) -> None:
    """Take a block back; one that the other side made stays."""
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()


def report(*, reporter: User, subject: User, reason: str, details: str) -> Report:
    """Keep a complaint together with what could be seen of the person at that moment."""
    return Report.objects.create(
        subject_public_id=subject.public_id,
        frozen_copy=_what_others_see(subject),
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
