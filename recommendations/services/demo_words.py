"""Names, towns and lines of the demo population."""

from collections.abc import Mapping

from accounts.models import Purpose

PURPOSES: Mapping[str, float] = {Purpose.FRIEND: 0.85, Purpose.PROJECT: 0.55, Purpose.DATE: 0.4}
CIRCLES: Mapping[str, float] = {"Forecasting cohort": 0.3, "Sunday walkers": 0.2}

TOWNS = (
    "Lisbon", "Bergen", "Evanston", "Leipzig", "Kraków", "Nairobi", "Pune", "Kyoto", "Montréal", "Valparaíso",
    "Ghent", "Ljubljana", "Accra", "Wellington", "Porto", "Turku",
)  # fmt: skip

NAMES = (
    "Ana", "Tom", "Ruth", "Ines", "Jonas", "Amara", "Kofi", "Mei", "Yusuf", "Lena", "Priya", "Arjun", "Sofia", "Mateo",
    "Hana", "Noor", "Elif", "Dmitri", "Zuzana", "Tariq", "Freya", "Olu", "Keiko", "Rafael", "Maren", "Idris", "Bea",
    "Luca", "Samira", "Pavel", "Wanjiru", "Emil", "Chloe", "Farid", "Greta", "Hugo", "Isla", "Jun", "Karin", "Leo",
    "Malik", "Nadia", "Oskar", "Paula", "Quentin", "Rosa", "Sven", "Tala", "Uma", "Vera",
)  # fmt: skip

HEADLINES = (
    "Reads the footnotes first",
    "Data by day, choir by night",
    "Would rather build it twice",
    "Knows where the good bread is",
    "Learning to sail, slowly",
    "Asks one question too many",
    "Grows tomatoes on a north balcony",
    "Writes letters, still",
    "Looking for a third cellist",
    "Walks until the idea comes",
    "Collects maps of places that moved",
    "Cooks for ten, lives alone",
    "Fixes bicycles and sentences",
    "New in town, old in habits",
    "Prefers the slow train",
    "Half botanist, half plumber",
    "Laughs at bad puns, makes worse ones",
    "Has a telescope and cloudy skies",
    "Plays chess badly and often",
    "Keeps a list of good benches",
    "Teaches maths to people who fear it",
    "Swims outdoors until November",
    "Translates poems for nobody yet",
    "Always one book behind",
    "Bakes when thinking",
    "Wants to understand the tides",
    "Draws the people opposite",
    "Runs the smallest film club",
    "Good with spreadsheets and cats",
    "Arrives early, stays late",
    "Remembers birthdays, forgets umbrellas",
    "Building a boat in a garage",
    "Listens more than talks",
    "Sings in the stairwell",
    "Will argue about typefaces",
    "Takes the long way home",
    "Repairs radios older than me",
    "Curious about how cities breathe",
    "Looking for people who finish things",
    "Never met a museum too small",
)
