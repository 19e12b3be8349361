"""What the pages say in words: why two people are alike, how sure that is, and why nobody is shown."""

from collections.abc import Mapping, Sequence

# Only scales that people do not mind being known for; the key is the scale's letter and the side.
AGREEMENTS: Mapping[tuple[str, int], str] = {
    ("A", 1): "You both take an interest in other people's lives",
    ("A", -1): "You both leave others their space",
    ("B", 1): "You both like to think things through",
    ("B", -1): "You both wear what you know lightly",
    ("D", 1): "You both speak up and take the lead",
    ("D", -1): "You both gladly let others go first",
    ("E", 1): "You both enjoy lively company",
    ("E", -1): "You both prefer a quiet evening to a crowd",
    ("F", 1): "You both keep to what was agreed",
    ("F", -1): "You both make your own rules",
    ("G", 1): "You are both at ease with people you have just met",
    ("G", -1): "You both take your time with new people",
    ("H", 1): "You are both moved by art and stories",
    ("H", -1): "You both like things plain and matter-of-fact",
    ("J", 1): "You both get lost in ideas",
    ("J", -1): "You both keep your feet on the ground",
    ("K", 1): "You both keep private things private",
    ("K", -1): "You both talk openly about yourselves",
    ("M", 1): "You are both curious about new ideas",
    ("M", -1): "You both hold on to what has proved itself",
    ("N", 1): "You both like time on your own",
    ("N", -1): "You both would rather do things together",
    ("O", 1): "You both like things in order",
    ("O", -1): "You both live well with a little disorder",
}

# How somebody may see the viewer. There is no cool word: open is said where too little is known as well.
INTERESTS: Mapping[str, str] = {
    "strong": "{name} may well be interested in meeting you.",
    "fair": "{name} could be interested in meeting you.",
    "open": "Whether {name} would be interested is open.",
}
# The same, told to whom it was said of.
OWN_INTERESTS: Mapping[str, str] = {
    "strong": "you may well be interested in meeting them",
    "fair": "you could be interested in meeting them",
    "open": "it is open whether you would be interested",
}

# What each rule of eligibility took away. Blocks are left out: nobody is told that somebody blocked them.
REMOVED: Mapping[str, tuple[str, str]] = {
    "age": ("is outside your age range, or you outside theirs", "are outside your age range, or you outside theirs"),
    "gender": (
        "does not fit whom you want to date, or you not whom they want to",
        "do not fit whom you want to date, or you not whom they want to",
    ),
    "place": (
        "lives farther away than one of you wants",
        "live farther away than one of you wants",
    ),
    "visibility": (
        "is to be seen only inside circles that you do not share",
        "are to be seen only inside circles that you do not share",
    ),
    "circle": ("is not in this circle", "are not in this circle"),
    "room": ("has no room for another conversation now", "have no room for another conversation now"),
    "judged": ("has had your answer already", "have had your answer already"),
}


def sentences(agreements: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the sentences of the agreements that an impression holds."""
    keys = [(str(agreement["scale"]), int(str(agreement["side"]))) for agreement in agreements]
    return [AGREEMENTS[key] for key in keys if key in AGREEMENTS]


def interest(*, name: str, word: str) -> str:
    """Return how somebody may see the viewer, as a sentence."""
    return INTERESTS[word].format(name=name)


def introduction(*, name: str, label: str, word: str) -> str:
    """Return what was said of somebody when a list showed them to the viewer."""
    return f"When you were shown {name}, Kindred said: {label.lower()}. {interest(name=name, word=word)}"


def own_introduction(*, name: str, label: str, word: str) -> str:
    """Return what was said of the viewer when a list showed them to somebody."""
    return f"When {name} was shown you, Kindred said: {label.lower()}, and {OWN_INTERESTS[word]}."


def completeness(*, name: str, is_mine_complete: bool, is_theirs_complete: bool) -> str:
    """Return how much the label of two people rests on."""
    if is_mine_complete and is_theirs_complete:
        return "You both answered everything."
    who = "You have" if is_theirs_complete else f"{name} has" if is_mine_complete else "You both have"
    return f"{who} not answered everything yet, so this may still change."


def removed(counts: Mapping[str, int]) -> list[str]:
    """Return one sentence for each rule that took somebody away."""
    return [
        f"{n} {'person' if n == 1 else 'people'} {REMOVED[rule][n != 1]}."
        for rule, n in counts.items()
        if n and rule in REMOVED
    ]
