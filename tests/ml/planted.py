"""Populations whose factors are known, to see whether they are found again."""

import numpy as np
from numpy.typing import NDArray

from ml.items import KEYED, N_ITEMS, N_SCALES, SCALE_OF
from ml.pipeline import TrainingConfig

LOADING = 0.75
QUICK = TrainingConfig(
    n_axes=(16,), n_held_out=300, n_types_fit=1_500, n_silhouette=300, n_bootstraps=2, n_label_pairs=600
)


def planted_answers(
    n: int, rng: np.random.Generator, *, missing: float = 0.0
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return answers of people with sixteen independent factors, one a scale, and the factors."""
    traits = rng.standard_normal((n, N_SCALES))
    noise = rng.standard_normal((n, N_ITEMS))
    latent = LOADING * KEYED * traits[:, SCALE_OF] + np.sqrt(1 - LOADING**2) * noise
    answers = (1 + np.digitize(latent, [-1.3, -0.45, 0.45, 1.3])).astype(np.int8)
    answers[rng.random(answers.shape) < missing] = 0
    return answers, traits
