"""First words: what two people share, as far as the one who reads it was shown it before."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import languages
from accounts.models import Circle, CircleMembership, ProfileLanguage, Purpose, User
from conversations import texts
from recommendations.models import Impression, Match

MOST = 3


@dataclass(frozen=True)
class Opener:
    """A suggestion: what it is about, and the words that the box is filled with."""

    key: str
    text: str


def of_match(*, match: Match, user: User) -> list[Opener]:
    """Return at most three suggestions, the most personal first; three queries."""
    agreed = list(_from_agreements(match, user))
    # One about oneself is enough where there is more in common: three of them are an interview.
    found = [*agreed[:1], *_from_circles(match, user), *_from_languages(match), *agreed[1:2], _from_purpose(match)]
    return found[:MOST]


def _from_agreements(match: Match, user: User) -> Iterator[Opener]:
    """Speak of what the last list said that the two agree on; nothing is computed anew."""
    shown = Impression.objects.filter(viewer=user, shown=match.other_id(user.pk), purpose=match.purpose)
    last = shown.order_by("-shown_at", "-pk").first()
    keys = [(str(said["scale"]), int(said["side"])) for said in last.agreements] if last else []
    for scale, side in keys:
        if (scale, side) in texts.OPENERS:
            yield Opener(f"{scale}{'+' if side > 0 else '-'}", str(texts.OPENERS[scale, side]))


def _from_circles(match: Match, user: User) -> Iterator[Opener]:
    """Speak of a circle in which the other lets the members see them."""
    theirs = CircleMembership.objects.filter(user=match.other_id(user.pk), is_listed=True)
    shared = Circle.objects.filter(memberships__user=user, pk__in=theirs.values("circle"))
    for name in shared.order_by("name").values_list("name", flat=True)[:1]:
        yield Opener("circle", _("We are both in %(circle)s. How did you get there?") % {"circle": name})


def _from_languages(match: Match) -> Iterator[Opener]:
    """Speak of a language that both speak and this page is not written in; languages stand on each one's page."""
    spoken = ProfileLanguage.objects.filter(profile__user__in=(match.low_id, match.high_id))
    both = spoken.values("code").annotate(n=Count("pk")).filter(n=2).exclude(code=(get_language() or "en")[:2])
    for name in languages.names(both.order_by("code").values_list("code", flat=True))[:1]:
        yield Opener("language", _("You speak %(language)s too. Shall we write in it?") % {"language": name})


def _from_purpose(match: Match) -> Opener:
    return Opener("purpose", str(texts.BY_PURPOSE[Purpose(match.purpose)]))
