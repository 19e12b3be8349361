"""What pages of other apps show of conversations."""

from django import template

from accounts.models import User
from recommendations.services import matches

register = template.Library()


@register.simple_tag
def n_with_news(user: User) -> int:
    """Return in how many matches something is new for a person; one query."""
    return matches.n_with_news(user=user)
