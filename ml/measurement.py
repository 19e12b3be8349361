"""The measurement model: what a training leaves behind, and how it places answer sheets."""

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml import factors, norms, placement, scoring, types
from ml.correlations import Floats
from ml.items import N_ITEMS, SCALES, scoring_weights
from ml.placement import Evidence, Placements
from ml.responses import check_answers

# Half width of a 90 % interval in standard deviations.
NINETY_PERCENT = 1.6448536269514722
CHUNK = 4096
# What a factor of the items counts against a keyed scale where the next question is chosen: with this both are known
# well after about as many answers as either would need alone.
SHARE_OF_FACTORS = 0.9


@dataclass(frozen=True, eq=False)
class MeasurementModel:
    """Everything needed to place an answer sheet; aggregates only, never a row of a person. Immutable.

    Attributes
    ----------
    item_means, item_sds : ndarray of float64, shape (163,)
        Of the answers, 1 to 5.
    item_shares : ndarray of float64, shape (163, 5)
        Share of people who chose each answer.
    loadings : ndarray of float64, shape (163, q)
        On the canonical axes of likeness, most reliable first.
    uniquenesses : ndarray of float64, shape (163,)
        Share of each item's variance that no axis explains.
    space_loadings, space_uniquenesses : ndarray of float64, shapes (163, k) and (163,)
        The factor space.
    scale_means, scale_sds, scale_alphas : ndarray of float64, shape (16,)
        Norms of the keyed averages, and Cronbach's alpha.
    scale_quantiles : ndarray of float64, shape (16, 101)
        The norms' percentiles of the standardised scales.
    global_weights : ndarray of float64, shape (5, 16)
        From standardised scales to standardised global factors.
    global_quantiles : ndarray of float64, shape (5, 101)
        The norms' percentiles of the global factors.
    type_centres : ndarray of float64, shape (n_types, 16)
        In standardised scales.
    type_distances : ndarray of float64, shape (n_types, 101)
        Percentiles of the distance of each type's people from its centre.
    type_names : tuple of (str, str)
        Name and one sentence for each type.
    label_cuts : ndarray of float64, shape (4,)
        Likeness of two strangers at the 50th, 80th, 95th and 99th percentile. What is displayed has cuts of its own.
    report : dict
        What the training found; JSON-able.
    """

    item_means: Floats
    item_sds: Floats
    item_shares: Floats
    loadings: Floats
    uniquenesses: Floats
    space_loadings: Floats
    space_uniquenesses: Floats
    scale_means: Floats
    scale_sds: Floats
    scale_alphas: Floats
    scale_quantiles: Floats
    global_weights: Floats
    global_quantiles: Floats
    type_centres: Floats
    type_distances: Floats
    label_cuts: Floats
    type_names: tuple[tuple[str, str], ...] = ()
    report: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep arrays of one type that nobody can write to."""
        for name in array_names():
            array = np.array(getattr(self, name), dtype=np.float64, order="C")
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def n_axes(self) -> int:
        """Number of canonical axes of likeness."""
        return int(self.loadings.shape[1])

    @property
    def n_space(self) -> int:
        """Number of factors of the space."""
        return int(self.space_loadings.shape[1])

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the standardised items under the model, shape (163, 163)."""
        return self.loadings @ self.loadings.T + np.diag(self.uniquenesses)

    @cached_property
    def precision(self) -> Floats:
        """Inverse of the covariance, shape (163, 163)."""
        return np.asarray(np.linalg.inv(self.covariance))

    @cached_property
    def full_reliability(self) -> Floats:
        """Reliability of a complete sheet on each axis, shape (q,)."""
        information = (self.loadings**2 / self.uniquenesses[:, np.newaxis]).sum(axis=0)
        return np.asarray(information / (1 + information))

    @cached_property
    def scale_weights(self) -> Floats:
        """From standardised items to standardised scales, shape (16, 163)."""
        return scoring_weights() * self.item_sds / self.scale_sds[:, np.newaxis]

    @cached_property
    def _scale_offsets(self) -> Floats:
        return np.asarray((scoring_weights() @ self.item_means - self.scale_means) / self.scale_sds)

    @cached_property
    def _targets(self) -> Floats:
        # What the unanswered items leave uncertain: axes, scales, global factors, in this order.
        return np.vstack([self._axis_weights, self.scale_weights, self.global_weights @ self.scale_weights])

    @cached_property
    def _axis_weights(self) -> Floats:
        return placement.posterior_weights(self.loadings, self.uniquenesses)

    @cached_property
    def _answer_scores(self) -> Floats:
        return scoring.normal_scores(self.item_shares)

    @cached_property
    def _space_weights(self) -> Floats:
        return placement.posterior_weights(self.space_loadings, self.space_uniquenesses)

    def place(self, answers: ArrayLike) -> Placements:
        """Place answer sheets, complete or partial.

        Parameters
        ----------
        answers : array_like, shape (n, 163)
            1 to 5; 0 = not answered.

        Returns
        -------
        Placements
            A sheet without answers lies at the mean of everything, with reliability 0 and intervals from 0 to 100.

        Raises
        ------
        ValueError
            When the answers are malformed.

        Notes
        -----
        Complete sheets cost one matrix product; partial ones a small solve for each distinct set of unanswered items.

        Examples
        --------
        >>> from ml.artifacts import load_reference
        >>> place = load_reference().place(np.zeros((1, 163), dtype=np.int8))
        >>> float(place.reliability.max()), float(place.low.max()), float(place.high.min())
        (0.0, 0.0, 100.0)
        """
        sheets = check_answers(answers)
        starts = range(0, max(len(sheets), 1), CHUNK)
        parts = [self._place_chunk(sheets[start : start + CHUNK]) for start in starts]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def _place_chunk(self, sheets: NDArray[np.int8]) -> Placements:
        observed = sheets > 0
        completion = placement.complete(
            scoring.score(sheets, self._answer_scores), observed, self.precision, self._targets
        )
        lost, scale_variance, global_variance = np.split(
            completion.variances, [self.n_axes, self.n_axes + len(SCALES)], axis=1
        )
        axes = completion.values @ self._axis_weights.T
        # Scales are averages of the answers as they stand; only what was not answered is taken from the scores.
        standardised = np.where(observed, (sheets - self.item_means) / self.item_sds, completion.values)
        scales = standardised @ self.scale_weights.T + self._scale_offsets
        globals_ = scales @ self.global_weights.T
        n_answered = observed.sum(axis=1)
        reliability = np.clip(self.full_reliability - lost, 0, self.full_reliability)
        reliability[n_answered == 0] = 0
        nearest, typicality = types.assign(scales, self.type_centres, self.type_distances)
        low, high = _interval(scales, scale_variance, self.scale_quantiles, n_answered)
        global_low, global_high = _interval(globals_, global_variance, self.global_quantiles, n_answered)
        return Placements(
            n_answered=n_answered,
            space=(completion.values @ self._space_weights.T).astype(np.float32),
            axes=axes.astype(np.float32),
            reliability=reliability.astype(np.float32),
            scales=scales,
            scale_sd=np.sqrt(scale_variance + np.maximum(1 - self.scale_alphas, 0)),
            percentile=norms.percentile_of(scales, self.scale_quantiles),
            low=low,
            high=high,
            globals_=globals_,
            global_percentile=norms.percentile_of(globals_, self.global_quantiles),
            global_low=global_low,
            global_high=global_high,
            types=nearest,
            typicality=typicality,
            evidence=Evidence(observed, self.loadings, self.uniquenesses),
        )

    def next_items(self, answered: ArrayLike, n: int = 1) -> NDArray[np.int64]:
        """Choose what to ask next: the items that most reduce the uncertainty about the full survey's scores.

        Scores are the 16 keyed scales and, because their items leave out part of what the survey tells, the 16 factors
        that the items themselves form.

        Parameters
        ----------
        answered : array_like of bool, shape (163,)
            Which items are answered; what was answered does not matter.
        n : int, default 1
            Items wanted.

        Returns
        -------
        ndarray of int64, shape (at most n,)
            Indices into the item bank, most informative first; empty when everything is answered.

        Raises
        ------
        ValueError
            When ``answered`` has another length.

        Examples
        --------
        >>> from ml.artifacts import load_reference
        >>> len(load_reference().next_items(np.zeros(163, dtype=bool), n=5))
        5
        """
        return placement.next_items(_checked_mask(answered), self.precision, self._asked_about, n)

    def sharpness(self, answered: ArrayLike) -> float:
        """Return how much of what the full survey would tell about the scales is told by some of its items.

        Parameters
        ----------
        answered : array_like of bool, shape (163,)
            Which items are answered.

        Returns
        -------
        float
            0 without answers, 1 with all; the share of the scales' variance that is known, averaged over the scales.

        Raises
        ------
        ValueError
            When ``answered`` has another length.

        Examples
        --------
        >>> from ml.artifacts import load_reference
        >>> load_reference().sharpness(np.ones(163, dtype=bool))
        1.0
        """
        mask = _checked_mask(answered)
        if not mask.any():
            return 0.0
        targets = self.scale_weights
        left = placement.complete(np.zeros((1, N_ITEMS)), mask[np.newaxis], self.precision, targets).variances[0]
        prior = np.einsum("tp,pq,tq->t", targets, self.covariance, targets)
        return float(np.clip(1 - (left / prior).mean(), 0, 1))

    @cached_property
    def _asked_about(self) -> Floats:
        # Both as the full survey scores them: a factor counts by how well it can be known.
        solution = factors.minres(self.covariance, len(SCALES))
        pattern, phi = factors.oblimin(solution.loadings)
        return np.vstack([self.scale_weights, SHARE_OF_FACTORS * (pattern @ phi).T @ self.precision])


def array_names() -> tuple[str, ...]:
    """Return the model's fields that are arrays.

    Returns
    -------
    tuple of str
        In the order of the class.
    """
    return tuple(item.name for item in fields(MeasurementModel) if item.name not in {"type_names", "report"})


def _checked_mask(answered: ArrayLike) -> NDArray[np.bool_]:
    mask = np.asarray(answered).astype(bool)
    if mask.shape != (N_ITEMS,):
        raise ValueError(f"Which items are answered must be {N_ITEMS} values, not of shape {mask.shape}.")
    return mask


def _interval(
    values: Floats, variance: Floats, quantiles: Floats, n_answered: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    half = NINETY_PERCENT * np.sqrt(variance)
    low = norms.percentile_of(values - half, quantiles)
    high = norms.percentile_of(values + half, quantiles)
    nothing = (n_answered == 0)[:, np.newaxis]
    return np.where(nothing, 0.0, low), np.where(nothing, 100.0, high)


def _joined(parts: list[Placements]) -> Placements:
    names = [item.name for item in fields(Placements) if item.name != "evidence"]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    answered = np.concatenate([part.evidence.answered for part in parts])
    return Placements(**columns, evidence=replace(parts[0].evidence, answered=answered))
