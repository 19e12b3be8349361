"""Types: regions of a continuum with names."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from ml import types
from ml.types import Effort

Floats = NDArray[np.float64]
QUICK = Effort(n_fit=900, n_silhouette=300, n_bootstraps=2)


def clustered(n: int, rng: np.random.Generator, *, k: int = 4) -> tuple[Floats, NDArray[np.int64]]:
    centres = np.zeros((k, 16))
    centres[np.arange(k), np.arange(k) * 3] = 6.0
    labels = rng.integers(k, size=n)
    return centres[labels] + rng.standard_normal((n, 16)), labels


@pytest.fixture(scope="module")
def people() -> tuple[Floats, NDArray[np.int64]]:
    return clustered(900, np.random.default_rng(0))


@pytest.fixture(scope="module")
def found(people: tuple[Floats, NDArray[np.int64]]) -> types.Types:
    return types.find_types(people[0], weights=np.ones(900), rng=np.random.default_rng(1), effort=QUICK)


def test_planted_groups_are_found(people: tuple[Floats, NDArray[np.int64]], found: types.Types) -> None:
    nearest, _ = types.assign(people[0], found.centres, found.distances)
    assert found.report["k"] == found.report["k_by_silhouette"] == 4
    assert adjusted_rand_score(people[1], nearest) > 0.99
    real = {row["k"]: row["silhouette"] - row["silhouette_of_one_cloud"] for row in found.report["per_k"]}
    assert real[4] > 0.2


def test_report_says_what_was_tried(found: types.Types) -> None:
    rows = found.report["per_k"]
    assert [row["k"] for row in rows] == list(range(2, 13))
    assert (np.diff([row["sse"] for row in rows]) < 0).all()
    assert sum(found.report["shares"]) == pytest.approx(1, abs=1e-3)
    assert "continuum" in found.report["sentence"]


def test_same_seed_gives_the_same_types(people: tuple[Floats, NDArray[np.int64]], found: types.Types) -> None:
    again = types.find_types(people[0], weights=np.ones(900), rng=np.random.default_rng(1), effort=QUICK)
    np.testing.assert_array_equal(again.centres, found.centres)
    assert again.report == found.report


def test_names_go_to_the_nearest_new_types(people: tuple[Floats, NDArray[np.int64]], found: types.Types) -> None:
    order = np.array([2, 0, 3, 1])
    names = tuple((f"The {word}", "A sentence.") for word in "abcd")
    previous = (found.centres[order] + 0.1, names)
    again = types.find_types(
        people[0], weights=np.ones(900), rng=np.random.default_rng(9), effort=QUICK, previous=previous
    )
    assert again.names == names
    np.testing.assert_allclose(again.centres, found.centres[order], atol=0.05)


def test_typicality_is_the_share_of_people_farther_out(
    people: tuple[Floats, NDArray[np.int64]], found: types.Types
) -> None:
    nearest, typicality = types.assign(people[0], found.centres, found.distances)
    for index in range(4):
        own = np.sort(typicality[nearest == index])
        np.testing.assert_allclose(own, np.linspace(0, 1, len(own)), atol=0.02)
    _, at_centre = types.assign(found.centres, found.centres, found.distances)
    assert (at_centre == 1).all()
    _, far = types.assign(found.centres[:1] - 50, found.centres, found.distances)
    assert far[0] == 0


@pytest.mark.parametrize(
    ("stability", "in_use", "k"),
    [
        ([0.9, 0.9, 0.9, 0.9, 0.5], None, 5),
        ([0.9, 0.9, 0.9, 0.5, 0.9], None, 4),
        ([0.9, 0.9, 0.5, 0.9, 0.9], None, 6),
        ([0.5, 0.5, 0.9, 0.5, 0.9], None, 4),
        ([0.9, 0.9, 0.5, 0.5, 0.5], None, 4),
        ([0.9, 0.9, 0.9, 0.9, 0.9], 4, 4),
        ([0.9, 0.9, 0.9, 0.5, 0.5], 5, 4),
    ],
)
def test_number_is_the_last_stable_one_from_four(stability: list[float], in_use: int | None, k: int) -> None:
    rows = [{"k": number + 2, "stability": value} for number, value in enumerate(stability)]
    assert types.choose_k(rows, in_use) == k


def test_names_are_unique_and_fit_the_centres() -> None:
    centres = np.random.default_rng(3).standard_normal((8, 16))
    names = types.name_types(centres)
    words = [word for name, _ in names for word in name.removeprefix("The ").split(" ", 1)]
    assert len(set(words)) == len(words)
    assert all(sentence.startswith("Compared with most people: ") for _, sentence in names)


def test_equal_centres_still_get_names_of_their_own() -> None:
    names = [name for name, _ in types.name_types(np.tile(np.arange(16.0), (3, 1)))]
    assert len(set(names)) == 3


def test_shares_count_people_by_their_weight() -> None:
    rng = np.random.default_rng(5)
    people, labels = clustered(600, rng, k=4)
    weights = np.where(labels == 0, 5.0, 1.0)
    found = types.find_types(people, weights=weights, rng=rng, effort=Effort(600, 200, 1))
    nearest, _ = types.assign(people, found.centres, found.distances)
    share = sum(found.report["shares"][index] for index in np.unique(nearest[labels == 0]))
    assert share == pytest.approx(weights[labels == 0].sum() / weights.sum(), abs=0.01)
