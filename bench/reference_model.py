"""Make the reference model that ships with the project: `SEED_DATASET=16PF.zip python -m bench.reference_model`.

Deterministic for given versions of NumPy, SciPy and scikit-learn; writes aggregates only. The report's part
`held_out` says how well a model of the other people does for people it has never seen.
"""

import json
import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ml import artifacts, correlations, pipeline, placement, reliability, responses, retrieval
from ml.correlations import Floats
from ml.items import N_ITEMS, scoring_weights
from ml.measurement import MeasurementModel

REFERENCE = Path(artifacts.__file__).parent / "reference"
HOW = (
    "Computed by bench/reference_model.py from the published 16PF dataset of openpsychometrics.org: rows cleaned by "
    "ml.responses.training_mask, people known to be under 18 left out, norms from people known to be 18 or older."
)
N_HELD_OUT = 5_000
SHORTENED = (16, 32, 64, 96)


def main() -> None:
    """Train on the published dataset and write the model and its report."""
    source = os.environ.get("SEED_DATASET")
    if not source or not Path(source).is_file():
        sys.exit("SEED_DATASET must name the published dataset as a local file.")
    published = responses.read_published(source)
    choose = partial(
        responses.training_mask,
        published.answers,
        age=published.age,
        accuracy=published.accuracy,
        elapsed=published.elapsed,
    )
    mask, counts = choose()
    answers, is_adult = published.answers[mask], responses.is_adult(published.age)[mask]
    model = pipeline.train_measurement(answers, norm_rows=is_adult, random_state=0)
    with_minors = int(choose(include_minors=True)[0].sum())
    # Timings differ from run to run and would make equal models unequal files.
    timings = model.report["timings"]
    country = [code for code, is_kept in zip(published.country, mask, strict=True) if is_kept]
    groups = reliability.groups_of(age=published.age[mask], gender=published.gender[mask], country=country)
    added: dict[str, Any] = {
        "how": HOW,
        "cleaning": {"published": len(published), "left_out": counts, "left": len(answers), "with_minors": with_minors},
        "differential_functioning": reliability.differential_functioning(answers, groups),
        "held_out": held_out_figures(answers, is_adult, model.n_axes),
        "timings": {},
    }
    model = replace(model, report=model.report | added)
    REFERENCE.mkdir(exist_ok=True)
    checksum = artifacts.save(model, REFERENCE / "model.npz")
    report = json.dumps(model.report | {"sha256": checksum}, indent=1)
    (REFERENCE / "report.json").write_text(report + "\n", encoding="utf-8")
    print(f"Reference model {checksum[:12]} from {len(answers):,} of {len(published):,} rows; seconds: {timings}")
    print(json.dumps(model.report["held_out"], indent=1))


def held_out_figures(answers: NDArray[np.int8], is_adult: NDArray[np.bool_], n_axes: int) -> dict[str, Any]:
    """Return how well people are found again and placed by a model that has not seen them."""
    rng = np.random.default_rng(1)
    test = rng.permutation(np.flatnonzero((answers > 0).all(axis=1)))[:N_HELD_OUT]
    others = np.ones(len(answers), dtype=bool)
    others[test] = False
    # The types do not matter here, so little is spent on them.
    config = pipeline.TrainingConfig(n_axes=(n_axes,), n_types_fit=2_000, n_silhouette=200, n_bootstraps=1, halves=())
    model = pipeline.train_measurement(answers[others], norm_rows=is_adult[others], config=config)
    found = correlations.moments(answers[others])
    return {
        "people": len(test),
        "half_retrieval": half_retrieval(model, found.correlations, answers[test], rng),
        "shortened": [shortened(model, answers[test], n, rng) for n in SHORTENED],
        "ranking_with_36_answers": ranking(model, answers[test], 36, rng),
    }


def half_retrieval(
    model: MeasurementModel, matrix: Floats, people: NDArray[np.int8], rng: np.random.Generator
) -> dict[str, dict[str, float]]:
    """Return how often people's own other half is found among everybody's, by several similarities."""
    half = retrieval.balanced_half(rng)
    first, second = (model.place(np.where(observed, people, 0)) for observed in (half, ~half))
    standardised = (people - model.item_means) / model.item_sds
    scores = [standardised[:, part] @ scoring_weights()[:, part].T for part in (half, ~half)]
    a, b = (score / score.std(axis=0) for score in scores)
    similarities = {
        "keyed scales, Euclid": -cdist(a, b),
        "keyed scales, cosine": -cdist(a, b, "cosine"),
        "all correlations of the items (linear ceiling)": linear_ceiling(matrix, standardised, half),
        "likeness": placement.likeness(first, second),
        "expected likeness": placement.expected_likeness(first, second, model.full_reliability),
    }
    found = {name: retrieval.score_retrieval(similarity) for name, similarity in similarities.items()}
    return {name: {"top_1": round(score.top_1, 4), "top_10": round(score.top_10, 4)} for name, score in found.items()}


def linear_ceiling(matrix: Floats, standardised: Floats, half: NDArray[np.bool_]) -> Floats:
    """Return the log-likelihood ratios of a normal model that has every correlation of the items as a parameter."""
    a, b = (np.linalg.cholesky(matrix[np.ix_(part, part)]) for part in (half, ~half))
    crossed = np.linalg.solve(a, matrix[np.ix_(half, ~half)])
    left, kept, right = np.linalg.svd(np.linalg.solve(b, crossed.T).T, full_matrices=False)
    x = np.linalg.solve(a, standardised[:, half].T).T @ left
    y = np.linalg.solve(b, standardised[:, ~half].T).T @ right.T
    rest = 1 - kept**2
    own = kept**2 / rest / 2
    return np.asarray((x * (kept / rest)) @ y.T - (x**2 @ own)[:, np.newaxis] - y**2 @ own)


def shortened(model: MeasurementModel, people: NDArray[np.int8], n: int, rng: np.random.Generator) -> dict[str, float]:
    """Return how well n random answers tell the scales of the full survey, and how often the interval holds them."""
    observed = np.zeros(N_ITEMS, dtype=bool)
    observed[rng.permutation(N_ITEMS)[:n]] = True
    part, full = model.place(np.where(observed, people, 0)), model.place(people)
    covered = ((part.low <= full.percentile) & (full.percentile <= part.high)).mean(axis=0)
    correlation = [np.corrcoef(a, b)[0, 1] for a, b in zip(part.scales.T, full.scales.T, strict=True)]
    return {
        "answers": n,
        "mean_r": round(float(np.mean(correlation)), 4),
        "covered": round(float(covered.mean()), 4),
        "covered_least": round(float(covered.min()), 4),
        "covered_most": round(float(covered.max()), 4),
    }


def ranking(model: MeasurementModel, people: NDArray[np.int8], n: int, rng: np.random.Generator) -> dict[str, Any]:
    """Return whom lists of eleven favour when half of the people have answered only the n most telling items."""
    viewers, shown = people[:500], people[500:]
    unasked = np.ones(N_ITEMS, dtype=bool)
    unasked[model.next_items(~unasked, n)] = False
    partial_rows = rng.permutation(len(shown))[: len(shown) // 2]
    answered = shown.copy()
    answered[np.ix_(partial_rows, unasked)] = 0
    here, there = model.place(viewers), model.place(answered)
    complete = placement.likeness(here, model.place(shown))
    is_partial = np.isin(np.arange(len(shown)), partial_rows)
    figures = {}
    for name, score in (
        ("likeness", placement.likeness(here, there)),
        ("expected likeness", placement.expected_likeness(here, there, model.full_reliability)),
    ):
        top = np.argsort(-score, axis=1)[:, :11]
        figures[name] = {
            "share_of_partial_sheets": round(float(is_partial[top].mean()), 4),
            "mean_complete_likeness": round(float(np.take_along_axis(complete, top, axis=1).mean()), 2),
        }
    return figures


if __name__ == "__main__":
    main()
