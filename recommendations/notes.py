"""What a note that goes with a like may not hold."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Addresses of the web and of mail, also without what they begin with.
LINK = re.compile(
    r"\w://|\bwww\.|\S@\S+\.\w|\w\.\w{2,}/"
    r"|\b[\w-]+\.(?:app|biz|com|dev|de|eu|fr|gg|info|io|link|me|net|org|page|site|uk|xyz)\b",
    re.IGNORECASE,
)


def without_links(note: str) -> None:
    """Refuse a note with a link or an address in it.

    Raises
    ------
    ValidationError
        Which says why.
    """
    if LINK.search(note):
        raise ValidationError(
            _("Leave links and addresses out: a note is for words. You can exchange them after the match."), code="link"
        )
