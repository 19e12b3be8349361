"""Which item to ask next."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.correlations import Floats

# What is left of an item that has been chosen is rounding.
LEAST_VARIANCE = 1e-12


def next_items(observed: ArrayLike, precision: Floats, targets: Floats, n: int = 1) -> NDArray[np.int64]:
    """Choose the items whose answers would most reduce what is still uncertain about the targets.

    Greedy: each choice takes the item that leaves the least uncertainty, the sum over the targets of their variance to
    the power 3/4. Between variance (1), which keeps asking about what is already the least certain, and standard
    deviation (1/2), which finishes one target after the other, this knows the targets well with the fewest items. Under
    a normal model the choice depends on which items are answered, not on the answers.

    Parameters
    ----------
    observed : array_like of bool, shape (p,)
        Which items are answered.
    precision : ndarray of float64, shape (p, p)
        Inverse of the items' covariance.
    targets : ndarray of float64, shape (t, p)
        Weights of the linear functions to learn about.
    n : int, default 1
        Items wanted.

    Returns
    -------
    ndarray of int64, shape (at most n,)
        Indices of unanswered items in the order to ask them; fewer than n when fewer are left.

    Notes
    -----
    O(p^3 + p t) for the first, O(p^2 + p t) for each further one.

    Examples
    --------
    >>> covariance = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> targets = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> next_items([False, False, False], np.linalg.inv(covariance), targets, n=3).tolist()
    [0, 2, 1]
    """
    left = np.flatnonzero(~np.asarray(observed, dtype=bool))
    if not len(left) or n < 1:
        return np.empty(0, dtype=np.int64)
    covariance = np.linalg.inv(precision[np.ix_(left, left)])
    influence = targets[:, left] @ covariance
    variance = (influence * targets[:, left]).sum(axis=1)
    chosen: list[int] = []
    for _ in range(min(n, len(left))):
        spread = np.maximum(np.diag(covariance), LEAST_VARIANCE)
        after = np.maximum(variance[:, np.newaxis] - influence**2 / spread, 0)
        # To the power 3/4, by roots because they are fast.
        uncertainty = np.sqrt(after * np.sqrt(after)).sum(axis=0)
        uncertainty[chosen] = np.inf
        best = int(uncertainty.argmin())
        chosen.append(best)
        variance = after[:, best]
        # Knowing this answer takes its part out of everything that is still uncertain.
        column = covariance[:, best] / spread[best]
        influence = influence - np.outer(influence[:, best], column)
        covariance = covariance - np.outer(covariance[:, best], column)
    return left[chosen]
