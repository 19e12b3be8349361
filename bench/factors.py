"""Factor analysis: our extraction against factor_analyzer's, and how stable factors are between trainings.

`SEED_DATASET=16PF.zip python -m bench.factors`
"""

import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.results import record
from ml import correlations, factors, pipeline, placement, responses
from ml.correlations import Floats
from ml.factors import Solution
from ml.measurement import MeasurementModel

Result = TypeVar("Result")

EXTRACTED = (16, 25)
N_STABLE = 20
N_HELD_OUT = 2_000
N_COMPARED = 400
N_SPLITS = 3
TOP = 10
# What "10 % more people" means: the smaller training lacks one in eleven.
LACKING = 1 / 11
AIMS = {
    "likeness_rank_correlation": 0.99,
    "space_top_10_overlap": 0.90,
    "score_r_mean": 0.998,
    "score_top_10_overlap": 0.95,
    "halves_r_mean": 0.995,
    "halves_r_least": 0.98,
    "halves_with_minors_r_mean": 0.995,
    "halves_with_minors_r_least": 0.98,
}


def timed(action: Callable[[], Result]) -> tuple[Result, float]:
    """Return what an action returns, and the seconds of its first call: nothing is warmed up."""
    began = time.perf_counter()
    return action(), time.perf_counter() - began


def extraction(answers: NDArray[np.int8]) -> list[dict[str, Any]]:
    """Return seconds and agreement of minres and maximum likelihood with factor_analyzer, from answers to loadings."""
    from factor_analyzer import FactorAnalyzer

    rows = []
    plain = answers.astype(float)
    for method, extract in (("minres", factors.minres), ("ml", factors.maximum_likelihood)):
        for k in EXTRACTED:
            found, seconds = timed(partial(_extract, extract, answers, k))
            analyzer = FactorAnalyzer(n_factors=k, rotation=None, method=method)
            _, theirs = timed(partial(analyzer.fit, plain))
            rows.append(
                {
                    "method": method,
                    "factors": k,
                    "seconds": round(seconds, 3),
                    "factor_analyzer_seconds": round(theirs, 2),
                    "times_faster": round(theirs / seconds, 1),
                    "least_congruence": round(congruence_of_spaces(found.loadings, analyzer.loadings_), 6),
                    "most_communality_apart": float(
                        np.abs((found.loadings**2).sum(axis=1) - analyzer.get_communalities()).max().round(6)
                    ),
                }
            )
    return rows


def _extract(extract: Callable[[Floats, int], Solution], answers: NDArray[np.int8], k: int) -> Solution:
    """Go from answers to loadings."""
    return extract(correlations.moments(answers).correlations, k)


def congruence_of_spaces(first: Floats, second: Floats) -> float:
    """Return the least congruence after rotation of one solution to the other: single factors turn freely."""
    turned = first @ factors.procrustes(first, second)
    return float(np.diag(factors.congruence(turned, second)).min())


@dataclass(frozen=True)
class Split:
    """Complete sheets held out, and everybody else."""

    held_out: NDArray[np.int8]
    others: NDArray[np.int8]


def split(answers: NDArray[np.int8], rng: np.random.Generator) -> Split:
    """Hold some people out, in random order."""
    chosen = rng.permutation(np.flatnonzero((answers > 0).all(axis=1)))[:N_HELD_OUT]
    is_other = np.ones(len(answers), dtype=bool)
    is_other[chosen] = False
    return Split(answers[chosen], answers[rng.permutation(np.flatnonzero(is_other))])


def with_more_people(people: Split) -> dict[str, float]:
    """Return how alike models are that were trained on some people and on a tenth more."""
    fewer = people.others[: round(len(people.others) * (1 - LACKING))]
    before = pipeline.train_measurement(fewer)
    after = pipeline.train_measurement(people.others, previous=before)
    first, second = (likeness_to_all(model, people.held_out) for model in (before, after))
    places = [model.place(people.held_out).space.astype(np.float64) for model in (before, after)]
    scores = scores_of(fewer, people.held_out), scores_of(people.others, people.held_out)
    return {
        "likeness_rank_correlation": rank_correlation(first, second),
        "likeness_top_10_overlap": overlap(-first, -second),
        "space_top_10_overlap": overlap(distances(places[0]), distances(places[1])),
    } | compared(*scores)


def likeness_to_all(model: MeasurementModel, sheets: NDArray[np.int8]) -> Floats:
    """Return the likeness of some people to everybody else."""
    between = placement.likeness(model.place(sheets[:N_COMPARED]), model.place(sheets)).astype(np.float64)
    between[np.arange(N_COMPARED), np.arange(N_COMPARED)] = -np.inf
    return between


def distances(points: Floats) -> Floats:
    """Return the squared distances of some people to everybody else."""
    squares = (points**2).sum(axis=1)
    apart = squares[:N_COMPARED, np.newaxis] + squares - 2 * points[:N_COMPARED] @ points.T
    apart[np.arange(N_COMPARED), np.arange(N_COMPARED)] = np.inf
    return np.asarray(apart)


def overlap(first: Floats, second: Floats) -> float:
    """Return the mean share of the ten nearest that two matrices of distances have in common."""
    nearest = [np.argsort(apart, axis=1)[:, :TOP] for apart in (first, second)]
    together = np.sort(np.hstack(nearest), axis=1)
    return round(float((np.diff(together, axis=1) == 0).sum() / nearest[0].size), 4)


def rank_correlation(first: Floats, second: Floats) -> float:
    """Return the mean of the rank correlations of rows."""
    a, b = (matrix.argsort(axis=1).argsort(axis=1).astype(float) for matrix in (first, second))
    return round(float(np.mean([np.corrcoef(x, y)[0, 1] for x, y in zip(a, b, strict=True)])), 5)


def scores_of(answers: NDArray[np.int8], sheets: NDArray[np.int8]) -> tuple[Floats, Floats]:
    """Return varimax loadings of twenty factors, and the scores of sheets up to the rotation of these loadings."""
    found = correlations.moments(answers)
    solution = factors.minres(found.correlations, N_STABLE)
    loadings = factors.varimax(solution.loadings)
    weights = placement.posterior_weights(loadings, solution.uniquenesses)
    return loadings, np.asarray((sheets - found.means) / found.sds @ weights.T)


def compared(first: tuple[Floats, Floats], second: tuple[Floats, Floats], prefix: str = "score") -> dict[str, float]:
    """Return how alike the scores of two solutions are once the second is turned towards the first."""
    (loadings, scores), (others, other_scores) = first, second
    turned = other_scores @ factors.procrustes(others, loadings)
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(scores.T, turned.T, strict=True)]
    return {
        f"{prefix}_r_mean": round(float(np.mean(r)), 5),
        f"{prefix}_r_least": round(float(np.min(r)), 5),
        f"{prefix}_top_10_overlap": overlap(distances(scores), distances(turned)),
    }


def independent_halves(answers: NDArray[np.int8], prefix: str) -> dict[str, float]:
    """Return how alike the scores are that two halves of the people, alone, give to the same others.

    Over several splits: the mean of the means, the least of the least.
    """
    rows = []
    for seed in range(N_SPLITS):
        people = split(answers, np.random.default_rng(seed))
        half = len(people.others) // 2
        first, second = (scores_of(part, people.held_out) for part in (people.others[:half], people.others[half:]))
        rows.append(compared(first, second, prefix))
    return {
        name: round(float((np.min if name.endswith("least") else np.mean)([row[name] for row in rows])), 5)
        for name in rows[0]
    }


def measure(answers: NDArray[np.int8], with_minors: NDArray[np.int8]) -> dict[str, Any]:
    """Return all figures, and whether the aims are reached."""
    stability = with_more_people(split(answers, np.random.default_rng(0)))
    # A third more people say how much of what is missing is the number of people.
    stability |= independent_halves(answers, "halves") | independent_halves(with_minors, "halves_with_minors")
    reached = {name: stability[name] >= aim for name, aim in AIMS.items()}
    complete = answers[(answers > 0).all(axis=1)]
    return {
        "people": len(answers),
        "people_with_minors": len(with_minors),
        "extraction": extraction(complete),
        **stability,
        "aims": AIMS,
        "reached": reached,
    }


def main() -> None:
    """Measure and write down."""
    source = os.environ.get("SEED_DATASET")
    if not source or not os.path.isfile(source):
        sys.exit("SEED_DATASET must name the published dataset as a local file.")
    published = responses.read_published(source)
    facts = {"age": published.age, "accuracy": published.accuracy, "elapsed": published.elapsed}
    adults, everybody = (
        published.answers[responses.training_mask(published.answers, **facts, include_minors=include)[0]]
        for include in (False, True)
    )
    with warnings.catch_warnings():
        # factor_analyzer calls scikit-learn by a name that is going away.
        warnings.simplefilter("ignore", FutureWarning)
        record("factors", measure(adults, everybody))


if __name__ == "__main__":
    main()
