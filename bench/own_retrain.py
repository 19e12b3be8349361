"""The naive recipe's outputs as this project computes them, for the comparison in :mod:`bench.retrain`.

`python -m bench.own_retrain --data data.csv --output outcome.npz [--rows N] [--without-neighbours]`
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.recipe import KS, N_FACTORS, N_NEIGHBOURS, Outcome
from ml import correlations, factors, responses, types

# k-means looks at so many people from several starts, then at everybody from the best of them.
N_FIT = 4_000
STARTS = 6
N_SILHOUETTE = 2_000


def follow(path: Path, rows: int | None, *, with_neighbours: bool) -> Outcome:
    """Do what the naive recipe does, with the same people."""
    outcome = Outcome()
    with outcome.step("read"):
        answers = responses.read_published(path).answers
        answers = answers[(answers > 0).all(axis=1)][:rows]
    with outcome.step("factors"):
        found = correlations.moments(answers)
        pattern, phi = factors.oblimin(factors.minres(found.correlations, N_FACTORS).loadings)
        outcome.loadings = pattern
    with outcome.step("scores"):
        weights = np.linalg.solve(found.correlations, pattern @ phi) / found.sds[:, np.newaxis]
        scores = answers.astype(np.float32) @ weights.astype(np.float32)
        scores -= (found.means @ weights).astype(np.float32)
        outcome.scores = scores.astype(np.float64)
    with outcome.step("clusters"):
        outcome.sse, outcome.silhouette = clusters(scores)
    if with_neighbours:
        with outcome.step("neighbours"):
            outcome.neighbours = neighbours(scores)
    return outcome


def clusters(scores: NDArray[np.float32]) -> tuple[list[float], list[float]]:
    """Return sum of squares and sampled silhouette for each number of clusters."""
    from sklearn.cluster import KMeans

    sample = np.random.default_rng(0).permutation(len(scores))[:N_FIT]
    sse, labels = [], {}
    for k in KS:
        start = KMeans(n_clusters=k, n_init=STARTS, random_state=0).fit(scores[sample]).cluster_centers_
        fit = KMeans(n_clusters=k, init=start, n_init=1).fit(scores)
        sse.append(float(fit.inertia_))
        labels[k] = fit.labels_[sample[:N_SILHOUETTE]]
    return sse, list(types.silhouettes(scores[sample[:N_SILHOUETTE]], labels).values())


def neighbours(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return everybody's nearest others, exactly: in so many dimensions comparing all pairs beats any tree."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=N_NEIGHBOURS + 1, algorithm="brute").fit(scores)
    return np.asarray(search.kneighbors(scores, return_distance=False)[:, 1:])


def main() -> None:
    """Do it once and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the published data.csv")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rows", type=int, help="only so many complete rows")
    parser.add_argument("--without-neighbours", action="store_true")
    options = parser.parse_args()
    follow(options.data, options.rows, with_neighbours=not options.without_neighbours).save(options.output)


if __name__ == "__main__":
    main()
