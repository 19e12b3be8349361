"""The offer to undo what was just said: it waits in the session for the next page."""

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import MemberRequest

KEY = "said"
LATER = "later"


@dataclass(frozen=True)
class Offer:
    """What was said of whom, and how to take it back."""

    person: User
    purpose: str
    kind: str
    """A value of `VerdictValue`, or later."""

    @property
    def sentence(self) -> str:
        """What was said, in words."""
        name = self.person.profile.display_name
        if self.kind == "like":
            return _("You would like to meet %(name)s.") % {"name": name}
        if self.kind == "pass":
            return _("You passed on %(name)s.") % {"name": name}
        return _("%(name)s stays out of your lists for 30 days.") % {"name": name}


def keep(request: MemberRequest, offer: Offer | None) -> None:
    """Let the next page offer to undo something, or nothing any more."""
    if offer is None:
        request.session.pop(KEY, None)
    else:
        request.session[KEY] = [str(offer.person.public_id), offer.purpose, offer.kind]


def offer(request: MemberRequest) -> Offer | None:
    """Return what can be undone, once; one query where there is something."""
    said = request.session.pop(KEY, None)
    if said is None:
        return None
    public_id, purpose, kind = said
    person = User.objects.members().select_related("profile").filter(public_id=uuid.UUID(public_id)).first()
    return Offer(person, purpose, kind) if person else None
