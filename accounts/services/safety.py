"""Blocks and reports."""

from accounts.models import Block, Report, User


def block(*, blocker: User, blocked: User) -> Block:
    """Keep two people apart for good; a second time changes nothing."""
    return Block.objects.get_or_create(blocker=blocker, blocked=blocked)[0]


def unblock(*, blocker: User, blocked: User) -> None:
    """Take a block back; one that the other side made stays."""
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()


def report(*, reporter: User, subject: User, reason: str, details: str) -> Report:
    """Keep a complaint together with what could be seen of the person at that moment."""
    profile = subject.profile
    seen = {
        "display_name": profile.display_name,
        "headline": profile.headline,
        "bio": profile.bio,
        "gender": profile.gender,
        "gender_words": profile.gender_words,
        "city": profile.city,
        "country": profile.country,
    }
    return Report.objects.create(
        subject_public_id=subject.public_id,
        frozen_copy=seen,
        reporter=reporter,
        reason=Report.Reason(reason),
        details=details,
        is_demo=reporter.is_demo or subject.is_demo,
    )
