"""The places that the model gave people, as arrays."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts import datasets as people
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


def places_of(*, version: MeasurementVersion, user_ids: Collection[int] | None = None) -> Places:
    """Return the places of people's current sheets, in the order of their ids; one query."""
    current = Placement.objects.filter(version=version, sheet__is_current=True)
    placements = people.of_people(current, "sheet__user", user_ids)
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


def _matrix(vectors: list[bytes | memoryview]) -> NDArray[np.float32]:
    """Return stored vectors as the rows of a matrix."""
    if not vectors:
        return np.empty((0, 0), dtype=np.float32)
    return np.frombuffer(b"".join(bytes(vector) for vector in vectors), dtype="<f4").reshape(len(vectors), -1)
