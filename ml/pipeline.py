"""The training of a measurement model, from cleaned answers to a model that can be published."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml import correlations, factors, norms, placement, reliability, retention, retrieval, types
from ml.correlations import Floats, Moments
from ml.items import GLOBAL_FACTORS, N_ITEMS, SCALES, scoring_weights
from ml.measurement import MeasurementModel
from ml.responses import HIGHEST_ANSWER, check_answers

PLACED_AT_A_TIME = 16_384
LABEL_SHARES = (0.5, 0.8, 0.95, 0.99)


@dataclass(frozen=True)
class TrainingConfig:
    """What a training may vary; the defaults are what is measured and shipped.

    Attributes
    ----------
    n_axes : tuple of int
        Numbers of canonical axes of likeness to choose from, rising; a single one is taken as it is.
    common_share : float
        Share of the common variance that the factor space must hold.
    n_held_out : int
        People whose halves choose the number of axes.
    n_types_fit : int
        Most people that one fit of the types looks at.
    n_silhouette : int
        People whose pairwise distances give the silhouette.
    n_bootstraps : int
        Draws for the stability of the types.
    halves : tuple of int
        Numbers of factors whose reproducibility in two halves of the people the report shows, rising.
    n_random : int
        Random matrices of the parallel analysis.
    n_label_pairs : int
        Strangers, half of them against the other half, whose likeness gives the cuts of the labels.
    """

    n_axes: tuple[int, ...] = (10, 20, 30, 40, 50, 60, 70, 80, 90)
    common_share: float = 0.95
    n_held_out: int = 2_000
    n_types_fit: int = 20_000
    n_silhouette: int = 2_000
    n_bootstraps: int = 8
    halves: tuple[int, ...] = (5, 10, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25, 28, 31)
    n_random: int = 40
    n_label_pairs: int = 4_000


class _Stopwatch:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)


def train_measurement(
    answers: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    norm_rows: ArrayLike | None = None,
    config: TrainingConfig | None = None,
    previous: MeasurementModel | None = None,
    random_state: int = 0,
) -> MeasurementModel:
    """Train a measurement model.

    Parameters
    ----------
    answers : array_like, shape (n, 163)
        Cleaned rows (:func:`ml.responses.training_mask`), 1 to 5; 0 = missed.
    weights : array_like, shape (n,), optional
        What each row counts, above 0; default 1.
    norm_rows : array_like of bool or int, optional
        The rows (mask or indices) whose distribution gives the percentiles: adults. Default all.
    config : TrainingConfig, optional
        Default ``TrainingConfig()``.
    previous : MeasurementModel, optional
        The model in use: the space is turned towards its space, types keep its names.
    random_state : int, default 0
        Seed of every random choice.

    Returns
    -------
    MeasurementModel
        With its report; apart from the timings there, the same for the same input.

    Raises
    ------
    ValueError
        When answers are malformed, nobody answered anything, there are fewer people than items, an item is constant,
        or weights or norm rows do not fit.

    Notes
    -----
    O(n p^2 + p^3), and the fits of the types, which look at a bounded number of people.

    Examples
    --------
    >>> train_measurement(np.full((500, 163), 3))
    Traceback (most recent call last):
    ...
    ValueError: 163 of 163 items are constant: everybody gave the same answer.
    """
    config = config or TrainingConfig()
    people = _checked_people(answers, weights, norm_rows)
    rng = np.random.default_rng(random_state)
    watch = _Stopwatch()
    with watch.step("correlations"):
        found = correlations.moments(people.answers, people.weights)
    with watch.step("number of axes"):
        n_axes, tried = _number_of_axes(people, config, rng)
    with watch.step("factors"):
        model, report = _factor_model(found, n_axes, config, previous)
        model = replace(model, item_shares=_answer_shares(people))
    with watch.step("norms"):
        model, scales, norm_report = _with_norms(model, people, found)
    with watch.step("types"):
        model, type_report = _with_types(model, scales, people, config, previous, rng)
    with watch.step("label cuts"):
        model = replace(model, label_cuts=_label_cuts(model, people, config, rng))
    with watch.step("number of factors"):
        report["retention"] = _retention(found, people, config, random_state)
    report["likeness"]["tried"] = tried
    report |= {"data": _data_report(people), "types": type_report, "timings": watch.seconds}
    return replace(model, report=report | norm_report)


@dataclass(frozen=True)
class _People:
    """Checked rows to learn from; `weights` is None when all count one."""

    answers: NDArray[np.int8]
    weights: Floats | None
    is_norm: NDArray[np.bool_]

    @property
    def weight(self) -> Floats:
        return np.ones(len(self.answers)) if self.weights is None else self.weights


def _checked_people(answers: ArrayLike, weights: ArrayLike | None, norm_rows: ArrayLike | None) -> _People:
    sheets = check_answers(answers)
    if len(sheets) and not (sheets > 0).any():
        raise ValueError("Nobody answered anything: every answer is missed.")
    if len(sheets) <= N_ITEMS:
        raise ValueError(f"{len(sheets)} people are too few: {N_ITEMS} items need at least {N_ITEMS + 1}.")
    is_norm = _checked_norms(norm_rows, len(sheets))
    return _People(sheets, None if weights is None else _checked_weights(weights, len(sheets)), is_norm)


def _checked_weights(weights: ArrayLike, n: int) -> Floats:
    checked = np.asarray(weights, dtype=np.float64)
    if checked.shape != (n,):
        raise ValueError(f"There must be one weight a row: {n}, not {checked.shape}.")
    if not np.isfinite(checked).all() or (checked <= 0).any():
        raise ValueError("Weights must be finite and above 0.")
    return checked


def _checked_norms(norm_rows: ArrayLike | None, n: int) -> NDArray[np.bool_]:
    if norm_rows is None:
        return np.ones(n, dtype=bool)
    rows = np.asarray(norm_rows)
    is_mask = rows.dtype == bool
    if rows.ndim != 1 or rows.dtype.kind not in "iub" or (is_mask and len(rows) != n):
        raise ValueError(f"Norm rows must be a mask of {n} values or indices of rows.")
    if not is_mask and rows.size and (rows.min() < 0 or rows.max() >= n):
        raise ValueError(f"Norm rows must be indices from 0 to {n - 1}.")
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    if mask.sum() < 2:
        raise ValueError("Norms need at least two people.")
    return mask


def _number_of_axes(
    people: _People, config: TrainingConfig, rng: np.random.Generator
) -> tuple[int, list[dict[str, float]]]:
    if len(config.n_axes) == 1:
        return config.n_axes[0], []
    return retrieval.choose_axes(
        people.answers, weights=people.weights, candidates=config.n_axes, n_held_out=config.n_held_out, rng=rng
    )


def _factor_model(
    found: Moments, n_axes: int, config: TrainingConfig, previous: MeasurementModel | None
) -> tuple[MeasurementModel, dict[str, Any]]:
    matrix = found.correlations
    shares = factors.common_variance_shares(matrix)
    kaiser = factors.kaiser_number(matrix)
    n_space = min(max(kaiser, int((shares < config.common_share).sum()) + 1), N_ITEMS - 1)
    axes = factors.minres(matrix, n_axes)
    loadings, certainty = placement.canonical_axes(axes.loadings, axes.uniquenesses)
    space = factors.minres(matrix, n_space)
    aligned = previous is not None and previous.n_space == n_space
    eigenvalues = np.asarray(np.linalg.eigvalsh(matrix))[::-1]
    report = {
        "correlations": {
            "kmo": correlations.kaiser_meyer_olkin(matrix),
            "bartlett": correlations.bartlett(matrix, found.n_people),
        },
        "eigenvalues": eigenvalues.round(4).tolist(),
        "kaiser": kaiser,
        "variance_retained": _variance_retained(eigenvalues, shares),
        "space": {
            "k": n_space,
            "common_variance": float(shares[n_space - 1]),
            "total_variance": float((space.loadings**2).sum() / N_ITEMS),
            "aligned_to_previous": aligned,
        },
        "likeness": {"axes": n_axes, "reliability": certainty.round(4).tolist()},
    }
    turned = _turned(space.loadings, previous if aligned else None)
    return _unfinished_model(found, (loadings, axes.uniquenesses), (turned, space.uniquenesses)), report


def _retention(found: Moments, people: _People, config: TrainingConfig, random_state: int) -> dict[str, Any]:
    # A generator of its own: whether this part is left out changes nothing else.
    rng = np.random.default_rng([random_state, N_ITEMS])
    halves = retention.halves_in_common(people.answers, weights=people.weights, numbers=config.halves, rng=rng)
    # As many equal people as say as much as these say with their weights.
    effective = people.weight.sum() ** 2 / (people.weight**2).sum()
    n_people = max(float(effective), N_ITEMS + 1.0)
    return retention.retention(found.correlations, n_people, halves=halves, n_draws=config.n_random, rng=rng)


def _turned(loadings: Floats, previous: MeasurementModel | None) -> Floats:
    if previous is None:
        return factors.varimax(loadings)
    return np.asarray(loadings @ factors.procrustes(loadings, previous.space_loadings))


def _unfinished_model(found: Moments, axes: tuple[Floats, Floats], space: tuple[Floats, Floats]) -> MeasurementModel:
    # Norms of mean 0 and spread 1: until its norms are known the model places on the raw scales.
    n_scales, n_globals = len(SCALES), len(GLOBAL_FACTORS)
    scoring = scoring_weights() * found.sds
    return MeasurementModel(
        item_means=found.means,
        item_sds=found.sds,
        item_shares=np.full((N_ITEMS, HIGHEST_ANSWER), 1 / HIGHEST_ANSWER),
        loadings=axes[0],
        uniquenesses=axes[1],
        space_loadings=space[0],
        space_uniquenesses=space[1],
        scale_means=np.zeros(n_scales),
        scale_sds=np.ones(n_scales),
        scale_alphas=np.array([correlations.alpha(found.correlations, row) for row in scoring]),
        scale_quantiles=np.tile(norms.PERCENTILES, (n_scales, 1)),
        global_weights=np.zeros((n_globals, n_scales)),
        global_quantiles=np.tile(norms.PERCENTILES, (n_globals, 1)),
        type_centres=np.zeros((1, n_scales)),
        type_distances=np.tile(norms.PERCENTILES, (1, 1)),
        label_cuts=np.zeros(len(LABEL_SHARES)),
    )


def _variance_retained(eigenvalues: Floats, common_shares: Floats) -> list[dict[str, float]]:
    total = np.cumsum(eigenvalues) / eigenvalues.sum()
    return [
        {"k": k + 1, "common": round(float(common), 4), "total": round(float(share), 4)}
        for k, (common, share) in enumerate(zip(common_shares, total, strict=True))
    ]


def _answer_shares(people: _People) -> Floats:
    chosen = [people.weight @ (people.answers == answer) for answer in range(1, HIGHEST_ANSWER + 1)]
    shares = np.stack(chosen, axis=1)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _with_norms(
    model: MeasurementModel, people: _People, found: Moments
) -> tuple[MeasurementModel, Floats, dict[str, Any]]:
    # Of everybody's placement only the scales are kept: the rest would be ten times as large.
    starts = range(0, len(people.answers), PLACED_AT_A_TIME)
    raw = np.concatenate([model.place(people.answers[start : start + PLACED_AT_A_TIME]).scales for start in starts])
    own, weight = raw[people.is_norm], people.weight[people.is_norm]
    means = np.average(own, axis=0, weights=weight)
    sds = np.sqrt(np.average((own - means) ** 2, axis=0, weights=weight))
    if sds.min() <= 0:
        raise ValueError("The people of the norms do not differ on some scale.")
    own = (own - means) / sds
    global_weights, global_loadings = norms.global_factors(own, weight)
    model = replace(
        model,
        scale_means=means,
        scale_sds=sds,
        scale_quantiles=norms.quantile_tables(own, weight),
        global_weights=global_weights,
        global_quantiles=norms.quantile_tables(own @ global_weights.T, weight),
    )
    return model, (raw - means) / sds, _norm_report(model, global_loadings, found)


def _norm_report(model: MeasurementModel, global_loadings: Floats, found: Moments) -> dict[str, Any]:
    scales = [
        {
            "letter": scale.letter,
            "name": scale.name,
            "alpha": round(float(alpha), 4),
            "omega": round(reliability.omega_total(found.correlations, weights), 4),
        }
        for scale, alpha, weights in zip(SCALES, model.scale_alphas, scoring_weights() * found.sds, strict=True)
    ]
    fit = np.diag(factors.congruence(global_loadings, norms.global_pattern()))
    globals_ = [
        {
            "name": factor.name,
            "congruence": round(float(fit[i]), 4),
            "loadings": global_loadings[:, i].round(3).tolist(),
        }
        for i, factor in enumerate(GLOBAL_FACTORS)
    ]
    return {"scales": scales, "globals": globals_}


def _with_types(
    model: MeasurementModel,
    scales: Floats,
    people: _People,
    config: TrainingConfig,
    previous: MeasurementModel | None,
    rng: np.random.Generator,
) -> tuple[MeasurementModel, dict[str, Any]]:
    found = types.find_types(
        scales,
        weights=people.weight,
        rng=rng,
        effort=types.Effort(config.n_types_fit, config.n_silhouette, config.n_bootstraps),
        previous=None if previous is None else (previous.type_centres, previous.type_names),
    )
    model = replace(model, type_centres=found.centres, type_distances=found.distances, type_names=found.names)
    return model, found.report


def _label_cuts(model: MeasurementModel, people: _People, config: TrainingConfig, rng: np.random.Generator) -> Floats:
    own = people.answers[people.is_norm]
    complete = own[(own > 0).all(axis=1)]
    strangers = complete if len(complete) > 1 else own
    chosen = rng.permutation(len(strangers))[: config.n_label_pairs]
    half = len(chosen) // 2
    between = placement.likeness(model.place(strangers[chosen[:half]]), model.place(strangers[chosen[half:]]))
    return np.quantile(between.astype(np.float64), LABEL_SHARES)


def _data_report(people: _People) -> dict[str, Any]:
    missed = people.answers == 0
    return {
        "people": len(people.answers),
        "weight": float(people.weight.sum()),
        "norms": int(people.is_norm.sum()),
        "complete": int((~missed.any(axis=1)).sum()),
        "missed_answers": int(missed.sum()),
    }
