"""How far the members of a circle are with the survey, as counts and of nobody in particular."""

from typing import Any

from django import template
from django.conf import settings

from accounts.models import Circle
from surveys.models import AnswerSheet

register = template.Library()

# With so many ready a circle has lists that are worth opening.
ENOUGH = 8
# In a circle of two or three a count tells of single persons, who joined for the others to see.
COUNTED_FROM = 4


@register.inclusion_tag("surveys/includes/circle_progress.html")
def circle_progress(circle: Circle) -> dict[str, Any]:
    """Say how many of a circle have answered enough to be shown to each other, if it has several; two queries."""
    members = circle.memberships.filter(user__is_active=True)
    ready = AnswerSheet.objects.filter(
        user__in=members.values("user"), is_current=True, n_answered__gte=settings.SHOWN_FROM_ANSWERS
    )
    n_ready, n_members = ready.count(), members.count()
    return {
        "circle": circle,
        "n_ready": n_ready,
        "n_members": n_members,
        "is_counted": n_members >= COUNTED_FROM,
        "counted_from": COUNTED_FROM,
        "n_enough": ENOUGH,
        "is_enough": n_ready >= ENOUGH,
        "from_answers": settings.SHOWN_FROM_ANSWERS,
    }
