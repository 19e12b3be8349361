"""Where answer sheets lie: the result of placing them, and the functions around it under one name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.completion import Completion, canonical_axes, complete, equal_rows, posterior_weights
from ml.correlations import Floats
from ml.likeness import Evidence, Located, Singles, expected_likeness, likeness
from ml.questions import next_items

__all__ = [
    "Completion",
    "Evidence",
    "Located",
    "Placements",
    "canonical_axes",
    "complete",
    "equal_rows",
    "expected_likeness",
    "likeness",
    "next_items",
    "posterior_weights",
]


@dataclass(frozen=True)
class Placements:
    """Where answer sheets lie, row by row.

    Attributes
    ----------
    n_answered : ndarray of int64, shape (n,)
        Items answered.
    space : ndarray of float32, shape (n, k)
        Expected full-survey position in the factor space (neighbours, reports, stability).
    axes : ndarray of float32, shape (n, q)
        Posterior means on the canonical axes, which likeness compares; in the population each axis has mean 0 and
        variance 1.
    reliability : ndarray of float32, shape (n, q)
        Share of each axis' variance that these answers tell; 0 without answers.
    scales : ndarray of float64, shape (n, 16)
        Expected full-survey scale scores, standardised to the norms.
    scale_sd : ndarray of float64, shape (n, 16)
        Standard deviation around them, in the same unit: of the unanswered items and of measurement itself.
    percentile, low, high : ndarray of float64, shape (n, 16)
        Percentile among the norms, 0 to 100, and the 90 % interval for the percentile that the full survey would give;
        once every item of a scale is answered the interval is a point.
    globals_ : ndarray of float64, shape (n, 5)
        The five global factors, standardised to the norms.
    global_percentile, global_low, global_high : ndarray of float64, shape (n, 5)
        As for the scales.
    types : ndarray of int64, shape (n,)
        Index of the nearest type.
    typicality : ndarray of float64, shape (n,)
        Share of the type's people who lie farther from its centre: 1 at the centre, 0 at the edge.
    evidence : Evidence
        Which items each row answered and what they tell about the axes: with it likeness is exact.
    """

    n_answered: NDArray[np.int64]
    space: Singles
    axes: Singles
    reliability: Singles
    scales: Floats
    scale_sd: Floats
    percentile: Floats
    low: Floats
    high: Floats
    globals_: Floats
    global_percentile: Floats
    global_low: Floats
    global_high: Floats
    types: NDArray[np.int64]
    typicality: Floats
    evidence: Evidence

    def __len__(self) -> int:
        return len(self.n_answered)
