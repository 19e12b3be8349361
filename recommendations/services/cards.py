"""What a card says of a person: the words that an impression froze, and what their profile tells."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts import places
from accounts.models import CircleMembership, User
from ml.items import N_ITEMS
from recommendations import texts
from recommendations.models import Impression
from surveys.models import AnswerSheet


@dataclass(frozen=True)
class Card:
    """One person as a list shows them."""

    person: User
    place: places.City | None
    label: str
    step: int
    reasons: list[str]
    interest: str
    interest_sentence: str
    completeness: str
    shared_circles: list[str]


def of_impressions(*, viewer: User, impressions: Sequence[Impression]) -> list[Card]:
    """Return the cards of a list in two queries; nothing is scored here."""
    ids = {impression.shown_id for impression in impressions}
    shared = _shared_circles(viewer, ids)
    complete = _who_answered_everything({viewer.pk, *ids})
    return [
        Card(
            person=impression.shown,
            place=places.city(impression.shown.profile.city),
            label=impression.get_label_display(),
            step=impression.label,
            reasons=texts.sentences(impression.agreements),
            interest=impression.interest,
            interest_sentence=texts.interest(name=impression.shown.profile.display_name, word=impression.interest),
            completeness=texts.completeness(
                name=impression.shown.profile.display_name,
                is_mine_complete=viewer.pk in complete,
                is_theirs_complete=impression.shown_id in complete,
            ),
            shared_circles=shared.get(impression.shown_id, []),
        )
        for impression in impressions
    ]


def _shared_circles(viewer: User, ids: set[int]) -> dict[int, list[str]]:
    """Return the names of the circles that each of several people shares with the viewer."""
    shared: dict[int, list[str]] = {}
    memberships = CircleMembership.objects.filter(
        user__in=ids, circle__in=CircleMembership.objects.filter(user=viewer).values("circle")
    )
    for user_id, name in memberships.order_by("circle__name").values_list("user_id", "circle__name"):
        shared.setdefault(user_id, []).append(name)
    return shared


def _who_answered_everything(ids: set[int]) -> set[int]:
    """Return who of several people has answered the whole survey."""
    sheets = AnswerSheet.objects.filter(user__in=ids, is_current=True, n_answered=N_ITEMS)
    return set(sheets.values_list("user_id", flat=True))
