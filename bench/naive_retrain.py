"""The recipe that a notebook would follow, straight from the libraries: what our own retraining is measured against.

`python -m bench.naive_retrain --data data.csv --output outcome.npz [--rows N]`
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from factor_analyzer import FactorAnalyzer
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors

from bench.recipe import KS, N_FACTORS, N_NEIGHBOURS, Outcome

N_ITEMS = 163


def follow(path: Path, rows: int | None) -> Outcome:
    """Read, drop who missed something, take sixteen factors, cluster, and find everybody's neighbours."""
    outcome = Outcome()
    with outcome.step("read"):
        table = pd.read_csv(path, sep="\t").iloc[:, :N_ITEMS].replace(0, np.nan).dropna()
        answers = table if rows is None else table.head(rows)
    with outcome.step("factors"):
        analyzer = FactorAnalyzer(n_factors=N_FACTORS, rotation="oblimin")
        analyzer.fit(answers)
        outcome.loadings = analyzer.loadings_
    with outcome.step("scores"):
        outcome.scores = analyzer.transform(answers)
    with outcome.step("clusters"):
        for k in KS:
            fit = KMeans(n_clusters=k, n_init=10, random_state=0).fit(outcome.scores)
            outcome.sse.append(float(fit.inertia_))
            outcome.silhouette.append(float(silhouette_score(outcome.scores, fit.labels_)))
    with outcome.step("neighbours"):
        search = NearestNeighbors(n_neighbors=N_NEIGHBOURS + 1).fit(outcome.scores)
        # The nearest is oneself.
        outcome.neighbours = search.kneighbors(outcome.scores)[1][:, 1:]
    return outcome


def main() -> None:
    """Follow the recipe once and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the published data.csv")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--rows", type=int, help="only so many complete rows")
    options = parser.parse_args()
    with warnings.catch_warnings():
        # factor_analyzer calls scikit-learn by a name that is going away.
        warnings.simplefilter("ignore", FutureWarning)
        follow(options.data, options.rows).save(options.output)


if __name__ == "__main__":
    main()
