"""Who could be met for a purpose, as arrays: the facts of eligibility beside the places that the model gave."""

import datetime
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from accounts import datasets as people
from accounts.datasets import EligibilityFacts
from surveys.models import MeasurementVersion, Placement


@dataclass(frozen=True)
class Places:
    """Places of several people under one measurement version; what `ml.placement.likeness` compares."""

    user_ids: NDArray[np.int64]
    n_answered: NDArray[np.int16]
    axes: NDArray[np.float32]
    reliability: NDArray[np.float32]
    scales: NDArray[np.float32]

    def rows(self, index: NDArray[np.intp] | slice) -> "Places":
        """Return some of the people."""
        return Places(
            self.user_ids[index], self.n_answered[index], self.axes[index], self.reliability[index], self.scales[index]
        )


@dataclass(frozen=True)
class Population:
    """People who are open for a purpose and have a place; both parts in the same order."""

    facts: EligibilityFacts
    places: Places


def places_of(*, version: MeasurementVersion, user_ids: list[int] | None = None) -> Places:
    """Return the places of people's current sheets, in the order of their ids; one query."""
    placements = Placement.objects.filter(version=version, sheet__is_current=True)
    if user_ids is not None:
        placements = placements.filter(sheet__user_id__in=user_ids)
    rows = list(
        placements.order_by("sheet__user_id").values_list(
            "sheet__user_id", "n_answered", "axes", "reliability", "scales"
        )
    )
    return Places(
        user_ids=np.array([row[0] for row in rows], dtype=np.int64),
        n_answered=np.array([row[1] for row in rows], dtype=np.int16),
        axes=_matrix([row[2] for row in rows]),
        reliability=_matrix([row[3] for row in rows]),
        scales=_matrix([row[4] for row in rows]),
    )


def population(*, purpose: str, version: MeasurementVersion, day: datetime.date) -> Population:
    """Return everyone who is open for a purpose and has answered enough to be shown."""
    facts = people.eligibility_facts(purpose=purpose, day=day)
    places = places_of(version=version)
    places = places.rows(np.flatnonzero(places.n_answered >= settings.SHOWN_FROM_ANSWERS))
    _, of_facts, of_places = np.intersect1d(facts.user_ids, places.user_ids, assume_unique=True, return_indices=True)
    return Population(facts=facts.rows(of_facts), places=places.rows(of_places))


def _matrix(vectors: list[bytes | memoryview]) -> NDArray[np.float32]:
    """Return stored vectors as the rows of a matrix."""
    if not vectors:
        return np.empty((0, 0), dtype=np.float32)
    return np.frombuffer(b"".join(bytes(vector) for vector in vectors), dtype="<f4").reshape(len(vectors), -1)
