"""Filters of the list of people: those in force, and which one to let go of where hardly anybody is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import languages
from accounts.models import Reach
from recommendations import texts
from recommendations.services.narrowing import Narrowing
from recommendations.services.relaxing import SAID, Reasons, Relaxation
from recommendations.texts import Text

# What letting go of a rule is called on a button, and the field of one's preferences that it is about.
OFFERS: Mapping[str, tuple[Text, str]] = {
    "seen_age": (_("Look at all ages"), ""),
    "seen_place": (_("Look anywhere"), ""),
    "language": (_("Look at all languages"), ""),
    "circle": (_("Look beyond this circle"), ""),
    "age": (_("Widen your age range"), "oldest"),
    "place": (_("Look farther away"), "reach"),
    "gender": (_("Change whom you want to date"), "wanted"),
    "visibility": (_("Change who may see you"), "visibility"),
    "judged": (_("Look at your likes and passes again"), ""),
    "deferred": (_("Look at whom you put off"), ""),
}


@dataclass(frozen=True)
class Few:
    """What an empty or short list says of why it is so."""

    n_others: int
    sentences: list[str]
    offer: str
    address: str
    more: str


@dataclass(frozen=True)
class Chip:
    """One filter in force, and the address of the view without it."""

    name: str
    query: str


def few(reasons: Reasons, *, purpose: str) -> Few:
    """Return why there are so few people, and the one thing that would bring most."""
    best = reasons.best
    return Few(
        n_others=reasons.n_others,
        sentences=texts.kept_away(reasons.n_kept),
        offer=str(OFFERS[best.rule][0]) if best else "",
        address=_address(best, purpose) if best else "",
        more=texts.people(best.n_more) if best else "",
    )


def _address(best: Relaxation, purpose: str) -> str:
    """Return where a rule is let go of: the same view without it, or the field where it is kept."""
    if best.narrowing is not None:
        return f"{reverse('recommendations:people')}?{urlencode({'purpose': purpose, **best.narrowing.query})}"
    if best.rule in SAID:
        return reverse("recommendations:judged")
    return f"{reverse('accounts:purposes')}#id_{purpose}-{OFFERS[best.rule][1]}"


def chips(narrowing: Narrowing, *, purpose: str) -> list[Chip]:
    """Return the filters in force, each with what is left of the view without it."""
    names = {
        "circle": narrowing.circle.name if narrowing.circle else "",
        "seen_age": _ages(narrowing),
        "seen_place": str(Reach(narrowing.place).label) if narrowing.place else "",
        "language": str(languages.OFFERED.get(narrowing.language, "")),
    }
    return [
        Chip(name, urlencode({"purpose": purpose, **narrowing.without(rule).query}))
        for rule, name in names.items()
        if name
    ]


def _ages(narrowing: Narrowing) -> str:
    """Return the ages of a view in words."""
    youngest, oldest = narrowing.youngest, narrowing.oldest
    if youngest and oldest:
        return gettext("%(youngest)d to %(oldest)d years") % {"youngest": youngest, "oldest": oldest}
    if youngest:
        return gettext("%(youngest)d years and older") % {"youngest": youngest}
    return gettext("Up to %(oldest)d years") % {"oldest": oldest} if oldest else ""
