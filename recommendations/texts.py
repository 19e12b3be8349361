"""What the pages say in words: why two people are alike, how sure that is, and why nobody is shown."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# Only scales that people do not mind being known for; the key is the scale's letter and the side.
AGREEMENTS: Mapping[tuple[str, int], Text] = {
    ("A", 1): _("You both take an interest in other people's lives"),
    ("A", -1): _("You both leave others their space"),
    ("B", 1): _("You both like to think things through"),
    ("B", -1): _("You both wear what you know lightly"),
    ("D", 1): _("You both speak up and take the lead"),
    ("D", -1): _("You both gladly let others go first"),
    ("E", 1): _("You both enjoy lively company"),
    ("E", -1): _("You both prefer a quiet evening to a crowd"),
    ("F", 1): _("You both keep to what was agreed"),
    ("F", -1): _("You both make your own rules"),
    ("G", 1): _("You are both at ease with people you have just met"),
    ("G", -1): _("You both take your time with new people"),
    ("H", 1): _("You are both moved by art and stories"),
    ("H", -1): _("You both like things plain and matter-of-fact"),
    ("J", 1): _("You both get lost in ideas"),
    ("J", -1): _("You both keep your feet on the ground"),
    ("K", 1): _("You both keep private things private"),
    ("K", -1): _("You both talk openly about yourselves"),
    ("M", 1): _("You are both curious about new ideas"),
    ("M", -1): _("You both hold on to what has proved itself"),
    ("N", 1): _("You both like time on your own"),
    ("N", -1): _("You both would rather do things together"),
    ("O", 1): _("You both like things in order"),
    ("O", -1): _("You both live well with a little disorder"),
}

# How somebody may see the viewer. There is no cool word: open is said where too little is known as well.
INTERESTS: Mapping[str, Text] = {
    "strong": _("{name} may well be interested in meeting you."),
    "fair": _("{name} could be interested in meeting you."),
    "open": _("Whether {name} would be interested is open."),
}
# The same, told to whom it was said of.
OWN_INTERESTS: Mapping[str, Text] = {
    "strong": _("you may well be interested in meeting them"),
    "fair": _("you could be interested in meeting them"),
    "open": _("it is open whether you would be interested"),
}

# What each rule keeps away, after "one or two people" or a number of them, three at least.
KEPT_AWAY: Mapping[str, Text] = {
    "seen_age": _("%(people)s outside the ages you look for here."),
    "seen_place": _("%(people)s living farther away than you look here."),
    "language": _("%(people)s who do not speak the language you look for here."),
    "circle": _("%(people)s who are not in this circle."),
    "age": _("%(people)s outside your age range, or you outside theirs."),
    "gender": _("%(people)s whom you do not want to date, or who do not want to date you, by gender."),
    "place": _("%(people)s living farther away than one of you wants."),
    "visibility": _("%(people)s of whom one is to be seen only inside circles that you do not share."),
    "room": _("%(people)s without room for another conversation now."),
    "judged": _("%(people)s who have had your answer already."),
    "deferred": _("%(people)s whom you put off for now."),
}
FEW = 3


def sentences(agreements: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the sentences of the agreements that an impression holds."""
    keys = [(str(agreement["scale"]), int(str(agreement["side"]))) for agreement in agreements]
    return [str(AGREEMENTS[key]) for key in keys if key in AGREEMENTS]


def interest(*, name: str, word: str) -> str:
    """Return how somebody may see the viewer, as a sentence."""
    return str(INTERESTS[word]).format(name=name)


def introduction(*, name: str, label: str, word: str) -> str:
    """Return what was said of somebody when a list showed them to the viewer."""
    said = gettext("When you were shown %(name)s, Kindred said: %(label)s.") % {"name": name, "label": label.lower()}
    return f"{said} {interest(name=name, word=word)}"


def own_introduction(*, name: str, label: str, word: str) -> str:
    """Return what was said of the viewer when a list showed them to somebody."""
    words = {"name": name, "label": label.lower(), "interest": OWN_INTERESTS[word]}
    return gettext("When %(name)s was shown you, Kindred said: %(label)s, and %(interest)s.") % words


def completeness(*, name: str, is_mine_complete: bool, is_theirs_complete: bool) -> str:
    """Return how much the label of two people rests on."""
    if is_mine_complete and is_theirs_complete:
        return gettext("You both answered everything.")
    if is_theirs_complete:
        return gettext("You have not answered everything yet, so this may still change.")
    if is_mine_complete:
        return gettext("%(name)s has not answered everything yet, so this may still change.") % {"name": name}
    return gettext("You both have not answered everything yet, so this may still change.")


def people(n: int) -> str:
    """Return how many people, without telling one from two: who knows a few could tell who it is."""
    if n < FEW:
        return gettext("one or two people")
    return ngettext("%(n)d person", "%(n)d people", n) % {"n": n}


def kept_away(counts: Mapping[str, int]) -> list[str]:
    """Return one sentence for each rule that keeps somebody away whom nothing else does."""
    found = [str(KEPT_AWAY[rule]) % {"people": people(n)} for rule, n in counts.items() if n and rule in KEPT_AWAY]
    return [sentence[:1].upper() + sentence[1:] for sentence in found]
