"""How many come, stay and find each other; members of the demo population never count."""

import datetime
from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import CircleMembership, User, Visit
from conversations.models import Message
from operations.models import BusinessDay, BusinessState, CohortWeek
from operations.services import days
from recommendations.models import Impression, Match, Verdict
from surveys.models import AnswerSheet, VisitorSheet

FOUR_WEEKS = datetime.timedelta(days=28)
COHORTS = 12
# Messages that each of two must have written for their match to count as successful.
MESSAGES_OF_SUCCESS = 3
# Who joins a circle so soon after signing up came with it.
CAME_WITH = datetime.timedelta(days=7)
NO_SOURCE, NO_CIRCLE = "not named", "no circle"


def count_day(day: datetime.date) -> BusinessDay:
    """Return who joined on a day and who was here; a visit belongs to the day on which it began."""
    start, end = days.bounds(day)
    joined = User.objects.real().filter(joined_on=day)
    sources = Counter(source or NO_SOURCE for source in joined.values_list("signup_source", flat=True))
    visits = list(
        Visit.objects.filter(user__in=User.objects.real(), started_at__gte=start, started_at__lt=end)
        .values_list("user_id", "started_at", "last_seen_at")
        .iterator()
    )
    return BusinessDay(
        day=day,
        n_joined=sum(sources.values()),
        n_activated=_activated(joined).count(),
        n_visits=len(visits),
        n_visitors=len({user_id for user_id, _, _ in visits}),
        seconds=_seconds((began, last) for _, began, last in visits),
        sources=sources,
        circles=_circles(joined, end),
    )


def measure(now: datetime.datetime) -> BusinessState:
    """Return how the last four weeks look at this moment."""
    before, since = now - 2 * FOUR_WEEKS, now - FOUR_WEEKS
    visits = Visit.objects.filter(user__in=User.objects.real())
    lately = visits.filter(last_seen_at__gt=since, last_seen_at__lte=now)
    here = set(lately.values_list("user_id", flat=True).distinct())
    earlier = visits.filter(last_seen_at__gt=before, last_seen_at__lte=since)
    were_here = set(earlier.values_list("user_id", flat=True).distinct())
    made = Match.objects.filter(is_demo=False, matched_at__gt=since, matched_at__lte=now)
    return BusinessState(
        day=timezone.localdate(now),
        n_active=len(here),
        n_before=len(were_here),
        n_lost=len(were_here - here),
        seconds=_seconds(lately.values_list("started_at", "last_seen_at").iterator()),
        n_matches=made.count(),
        n_successful=_n_successful(made),
        funnel=_funnel(now),
    )


def count_cohorts(since: datetime.date, today: datetime.date) -> list[CohortWeek]:
    """Return who of the last cohorts was here in the weeks from one day to another; one query a week."""
    this_week, rows = days.monday(today), []
    first = this_week - datetime.timedelta(weeks=COHORTS - 1)
    n_weeks = (this_week - max(days.monday(since), first)).days // 7 + 1
    joined = User.objects.real().filter(joined_on__gte=first).values_list("pk", "joined_on")
    cohort_of = {user_id: days.monday(joined_on) for user_id, joined_on in joined}
    sizes = Counter(cohort_of.values())
    for week in (this_week - datetime.timedelta(weeks=number) for number in range(n_weeks)):
        start, end = days.bounds(week, 7)
        visits = Visit.objects.filter(is_demo=False, started_at__lt=end, last_seen_at__gte=start)
        here = Counter(
            cohort_of[user_id]
            for user_id in visits.values_list("user_id", flat=True).distinct()
            if user_id in cohort_of
        )
        rows += [
            CohortWeek(joined_in=cohort, week=week, n_people=size, n_here=here[cohort])
            for cohort, size in sizes.items()
            if cohort <= week
        ]
    return rows


def _activated(users: QuerySet[User]) -> QuerySet[User]:
    """Return who has answered enough to be shown to others."""
    enough = AnswerSheet.objects.filter(
        user=OuterRef("pk"), is_current=True, n_answered__gte=settings.SHOWN_FROM_ANSWERS
    )
    return users.filter(Exists(enough))


def _circles(joined: QuerySet[User], end: datetime.datetime) -> dict[str, int]:
    """Return with which circle people came: the first that they joined within 7 days."""
    memberships = CircleMembership.objects.filter(user__in=joined, joined_at__lt=end + CAME_WITH)
    first: dict[int, str] = {}
    for user_id, name in memberships.order_by("joined_at", "pk").values_list("user_id", "circle__name"):
        first.setdefault(user_id, name)
    counts = Counter(first.values())
    if alone := joined.count() - len(first):
        counts[NO_CIRCLE] += alone
    return dict(counts)


def _seconds(visits: Iterable[tuple[datetime.datetime, datetime.datetime]]) -> int:
    return round(sum((last - began).total_seconds() for began, last in visits))


def _n_successful(made: QuerySet[Match]) -> int:
    """Return how many matches have two who would meet again, or who each wrote three messages."""
    counts = Message.objects.filter(match=OuterRef("pk")).order_by().values("match").annotate(n=Count("pk"))
    wrote = {
        f"wrote_enough_{side}": Exists(counts.filter(sender=OuterRef(side), n__gte=MESSAGES_OF_SUCCESS).values("match"))
        for side in ("low", "high")
    }
    talked = Q(wrote_enough_low=True, wrote_enough_high=True)
    return made.annotate(**wrote).filter(talked | Q(low_again=True, high_again=True)).count()


def _funnel(now: datetime.datetime) -> list[list[str | int]]:
    """Return how many of the last 28 days came how far, each step among those of the one before."""
    people = User.objects.real().filter(joined_on__gt=timezone.localdate(now - FOUR_WEEKS))
    matched = Match.objects.filter(Q(low=OuterRef("pk")) | Q(high=OuterRef("pk")))
    steps: tuple[tuple[str, Exists | None], ...] = (
        ("Signed up", None),
        ("Visited", Exists(Visit.objects.filter(user=OuterRef("pk")))),
        (
            "Can be shown",
            Exists(
                AnswerSheet.objects.filter(
                    user=OuterRef("pk"), is_current=True, n_answered__gte=settings.SHOWN_FROM_ANSWERS
                )
            ),
        ),
        ("Saw people", Exists(Impression.objects.filter(viewer=OuterRef("pk")))),
        ("Liked or passed", Exists(Verdict.objects.filter(actor=OuterRef("pk")))),
        ("Matched", Exists(matched)),
        ("In a conversation", Exists(matched.filter(low_wrote=True, high_wrote=True))),
    )
    # Nobody is followed before they answer. Answers go when an account claims them, so nobody is counted twice.
    tried = VisitorSheet.objects.filter(n_answered__gt=0, started_at__gt=now - FOUR_WEEKS, started_at__lte=now).count()
    funnel: list[list[str | int]] = [["Tried the survey or signed up", tried + people.count()]]
    for name, reached in steps:
        people = people if reached is None else people.filter(reached)
        funnel.append([name, people.count()])
    return funnel
