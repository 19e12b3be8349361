"""What a card says of a person: the words that an impression froze, and what their profile tells."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from accounts import languages, places
from accounts.datasets import LANGUAGE_BITS, EligibilityFacts
from accounts.models import Circle, CircleMembership, Preference, ProfileLanguage, Purpose, Reach, User, Visibility
from ml.items import N_ITEMS
from recommendations import texts
from recommendations.models import Impression
from recommendations.services.lists import PeopleList
from surveys.models import AnswerSheet

# Names by the person who shares them with the viewer.
Shared = Mapping[int, list[str]]


@dataclass(frozen=True)
class Card:
    """One person as a list shows them; equal cards look the same, whoever reads the rows."""

    person: User = field(compare=False)
    public_id: uuid.UUID
    name: str
    headline: str
    is_demo: bool
    place: places.City | None
    label: str
    step: int
    reasons: tuple[str, ...]
    interest: str
    interest_sentence: str
    completeness: str
    shared_circles: tuple[str, ...]
    shared_purposes: tuple[str, ...]
    shared_languages: tuple[str, ...]


# Whom somebody wants to date is told where people look for dates, and nowhere else.
TOLD_ELSEWHERE = (Purpose.PROJECT, Purpose.FRIEND)


def of_list(*, viewer: User, found: PeopleList, circles: Iterable[Circle]) -> list[Card]:
    """Return the cards of a list in two queries, four for one that was not read anew; nothing is scored here."""
    if found.facts is None:
        return of_impressions(viewer=viewer, impressions=found.impressions)
    names = {circle.pk: circle.name for circle in circles}
    return _cards(viewer, found.impressions, _circles_of(found.facts, names), _languages_of(found.facts, viewer.pk))


def of_impressions(*, viewer: User, impressions: Sequence[Impression]) -> list[Card]:
    """Return the cards of people in four queries; nothing is scored here."""
    ids = {impression.shown_id for impression in impressions}
    return _cards(viewer, impressions, _shared_circles(viewer, ids), _shared_languages(viewer, ids))


def _cards(viewer: User, impressions: Sequence[Impression], circles: Shared, spoken: Shared) -> list[Card]:
    """Return cards with the circles and languages that each person shares with the viewer."""
    if not impressions:
        return []
    ids = {impression.shown_id for impression in impressions}
    purposes = _shared_purposes(viewer, impressions)
    complete = _who_answered_everything({viewer.pk, *ids})
    return [
        Card(
            person=impression.shown,
            public_id=impression.shown.public_id,
            name=impression.shown.profile.display_name,
            headline=impression.shown.profile.headline,
            is_demo=impression.shown.is_demo,
            place=places.city(impression.shown.profile.city),
            label=impression.get_label_display(),
            step=impression.label,
            reasons=tuple(texts.sentences(impression.agreements)),
            interest=impression.interest,
            interest_sentence=texts.interest(name=impression.shown.profile.display_name, word=impression.interest),
            completeness=texts.completeness(
                name=impression.shown.profile.display_name,
                is_mine_complete=viewer.pk in complete,
                is_theirs_complete=impression.shown_id in complete,
            ),
            shared_circles=tuple(circles.get(impression.shown_id, ())),
            shared_purposes=tuple(purposes.get(impression.shown_id, ())),
            shared_languages=tuple(spoken.get(impression.shown_id, ())),
        )
        for impression in impressions
    ]


def _circles_of(facts: EligibilityFacts, names: Mapping[int, str]) -> dict[int, list[str]]:
    """Return the names of those of the viewer's circles that each person is in."""
    shared: dict[int, list[str]] = {}
    for user_id, circle_id in facts.memberships.tolist():
        if circle_id in names:
            shared.setdefault(user_id, []).append(names[circle_id])
    return {user_id: sorted(found) for user_id, found in shared.items()}


def _languages_of(facts: EligibilityFacts, viewer_id: int) -> dict[int, list[str]]:
    """Return the names of the languages that each person shares with the viewer."""
    position = facts.position_of(viewer_id)
    mine = 0 if position is None else int(facts.languages[position])
    if not mine:
        return {}
    spoken = zip(facts.user_ids.tolist(), facts.languages.tolist(), strict=True)
    return {
        user_id: languages.names(code for code, bit in LANGUAGE_BITS.items() if bits & mine & bit)
        for user_id, bits in spoken
    }


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


def _shared_languages(viewer: User, ids: set[int]) -> dict[int, list[str]]:
    """Return the names of the languages that the viewer and each of several people both speak."""
    spoken: dict[int, set[str]] = {}
    rows = ProfileLanguage.objects.filter(profile__user__in={viewer.pk, *ids})
    for user_id, code in rows.values_list("profile__user_id", "code"):
        spoken.setdefault(user_id, set()).add(code)
    mine = spoken.pop(viewer.pk, set())
    return {user_id: languages.names(codes & mine) for user_id, codes in spoken.items()}


def _shared_purposes(viewer: User, impressions: Sequence[Impression]) -> dict[int, list[str]]:
    """Return what else each of several people is here for as the viewer is, as far as both would be shown for it."""
    people = {impression.shown_id: impression.shown for impression in impressions} | {viewer.pk: viewer}
    others = [purpose for purpose in TOLD_ELSEWHERE if purpose != impressions[0].purpose]
    rows = Preference.objects.filter(
        user__in=people, purpose__in=others, is_active=True, visibility=Visibility.EVERYONE
    ).order_by("purpose")
    mine = {row.purpose: row for row in rows if row.user_id == viewer.pk}
    shared: dict[int, list[str]] = {}
    for row in rows:
        if row.user_id != viewer.pk and row.purpose in mine:
            other = people[row.user_id]
            if _fits(mine[row.purpose], other, viewer) and _fits(row, viewer, other):
                shared.setdefault(other.pk, []).append(row.get_purpose_display())
    return shared


def _fits(preference: Preference, one: User, owner: User) -> bool:
    """Whether somebody is of an age and lives where a person wants it for a purpose."""
    age = one.age_on(timezone.localdate())
    if age is None or not preference.youngest <= age <= preference.oldest:
        return False
    if preference.reach == Reach.ANYWHERE:
        return True
    here, there = places.city(owner.profile.city), places.city(one.profile.city)
    if here is None or there is None:
        return False
    compared = {Reach.CITY: "id", Reach.REGION: "division", Reach.COUNTRY: "country"}[Reach(preference.reach)]
    return bool(getattr(here, compared) == getattr(there, compared))
