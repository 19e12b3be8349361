"""What two people see of each other after a match, if both of them want it: pictures, and where they differ."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from recommendations import texts
from recommendations.models import Impression, Match
from surveys.models import AnswerSheet
from surveys.services import picture
from surveys.services.picture import Factor, Picture

MOST_DIFFERENCES = 5


@dataclass(frozen=True)
class Difference:
    """A factor on which two people clearly differ, and what either of them is nearer to."""

    name: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Opened:
    """Two pictures side by side, as one of the two sees them."""

    mine: Picture | None
    theirs: Picture | None
    differences: list[Difference]
    introductions: list[str]
    """What was said to either of the two of the other, when lists showed them."""


def of_match(*, match: Match, user: User) -> Opened | None:
    """Return what one of a match's two people sees of the other; nothing unless both have said yes and still do."""
    if not match.both_open or match.ended_at is not None:
        return None
    other = match.other(user.pk)
    sheets = AnswerSheet.objects.filter(user__in=(user, other), is_current=True)
    pictures = {sheet.user_id: picture.picture_of(sheet=sheet) for sheet in sheets}
    mine, theirs = pictures.get(user.pk), pictures.get(other.pk)
    return Opened(
        mine=mine,
        theirs=theirs,
        differences=differences(mine.factors, theirs.factors) if mine and theirs else [],
        introductions=_introductions(match, user, other),
    )


def differences(mine: list[Factor], theirs: list[Factor]) -> list[Difference]:
    """Return the factors on which two people differ beyond what the survey leaves uncertain, the widest apart first."""
    pairs = [
        (abs(one.percentile - other.percentile), one, other)
        for one, other in zip(mine, theirs, strict=True)
        if one.low > other.high or one.high < other.low
    ]
    widest = sorted(pairs, key=lambda pair: -pair[0])[:MOST_DIFFERENCES]
    return [
        Difference(one.name, one.high_end, other.low_end)
        if one.percentile > other.percentile
        else Difference(one.name, one.low_end, other.high_end)
        for _, one, other in widest
    ]


def _introductions(match: Match, user: User, other: User) -> list[str]:
    """Return what the last lists said to either of the two; nothing is computed anew."""
    shown = Impression.objects.filter(
        Q(viewer=user, shown=other) | Q(viewer=other, shown=user), purpose=match.purpose
    ).order_by("shown_at", "pk")
    last = {row.viewer_id: row for row in shown.only("viewer_id", "label", "interest")}
    told = ((user, texts.introduction), (other, texts.own_introduction))
    return [
        say(
            name=other.profile.display_name,
            label=last[viewer.pk].get_label_display(),
            word=last[viewer.pk].interest,
        )
        for viewer, say in told
        if viewer.pk in last
    ]
