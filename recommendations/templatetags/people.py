"""The cards of a list."""

import functools
import secrets

from django import template
from django.middleware.csrf import get_token
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import Purpose
from accounts.templatetags import avatars
from recommendations.services.cards import Card

register = template.Library()

N_KEPT = 1024
# Where the token of each answer goes; nobody outside can write it.
TOKEN_HERE = secrets.token_hex(16)


@register.simple_tag(takes_context=True)
def person_card(context: Context, card: Card) -> SafeString:
    """Show somebody as a card of the page's purpose and filters.

    A card follows from its values alone, so a process draws it once; only the token of its forms is new each time.
    """
    purpose, narrowing = context["purpose"], context.get("narrowing")
    portrait = avatars.portrait(context, card.person, purpose=purpose.value)
    drawn = _drawn(card, portrait, purpose, narrowing.query_string if narrowing else "", get_language() or "")
    return mark_safe(drawn.replace(TOKEN_HERE, get_token(context["request"])))  # noqa: S308 - drawn by a template


@functools.lru_cache(maxsize=N_KEPT)
def _drawn(card: Card, portrait: SafeString, purpose: Purpose, filters: str, _language: str) -> str:
    values = {"card": card, "portrait": portrait, "purpose": purpose, "filters": filters, "csrf_token": TOKEN_HERE}
    return render_to_string("recommendations/includes/card.html", values)
