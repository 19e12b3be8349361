"""How figures are written on the scoreboard."""

import datetime
from collections.abc import Mapping

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def named(names: Mapping[str, str], key: str) -> str:
    """Return what something is called, in the reader's language."""
    return names[key]


@register.filter
def percent(share: float | None) -> str:
    """Return a share in whole percent."""
    return "–" if share is None else _("%(n)s %%") % {"n": number_format(100 * share, 0)}


@register.filter
def as_day(written: str) -> datetime.date:
    """Return the day that a text in ISO's form names."""
    return datetime.date.fromisoformat(written)
