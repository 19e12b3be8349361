"""What operators said to the person who looks at a page."""

from django import template

from accounts.models import Notice, User
from accounts.services import notices

register = template.Library()


@register.simple_tag
def unread_notices(user: User) -> list[Notice]:
    """Return what a person has not read yet."""
    return notices.unread(user=user)
