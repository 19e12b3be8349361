"""The verdicts as a regression on everything that the preference model does not know, and its prior."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from ml.preference_model import Floats, People, Population, Verdicts, row_products

TERMS = ("level_out", "level_in", "product", "difference")
# Nobody knows the intercept beforehand.
INTERCEPT_VARIANCE = 25.0
# One standard deviation more of likeness raises the logit by about so much before anybody has said anything.
LIKENESS_MEAN, LIKENESS_VARIANCE = 0.5, 0.25


@dataclass(frozen=True)
class Penalties:
    """How much each kind of parameter may contribute to a logit, as a variance, before any verdict.

    Attributes
    ----------
    levels : float
        Of all level weights of one side together, for a pair of average people.
    pairs : float
        Of all products together, and of all squared differences together.
    taste : float
        Of one person's taste.
    covariance : ndarray, shape (2, 2)
        Of generosity and appeal.
    """

    levels: float
    pairs: float
    taste: float
    covariance: Floats


class Problem:
    """The linear predictor of m verdicts, without a matrix that has a row for each.

    The parameters form one vector: intercept and weight of likeness, four weights a factor, then each person's
    generosity, appeal and taste. What a verdict sees of them is a number of its actor, a number of its target and an
    inner product of the two, so both directions of the regression cost O((m + n) k) and no memory beyond O(m + n k).
    """

    def __init__(self, people: People, verdicts: Verdicts) -> None:
        order = np.lexsort((verdicts.targets, verdicts.actors))
        self.actors, self.targets = verdicts.actors[order], verdicts.targets[order]
        self.liked, self.weights = verdicts.liked[order].astype(np.float64), verdicts.weights[order]
        self.n, self.k = people.factors.shape
        self.factors = people.factors.astype(np.float64)
        self.squares = self.factors**2
        self.starts = np.searchsorted(self.actors, np.arange(self.n + 1))
        likeness = people.likeness(self.actors, self.targets)
        # Standardised, so that its prior means the same whatever the unit of likeness.
        self.likeness_mean, self.likeness_sd = float(likeness.mean()), float(likeness.std()) or 1.0
        self.likeness = (likeness - self.likeness_mean) / self.likeness_sd
        self.parts = dict(self._parts())
        self.size = self.parts["taste"].stop

    def __len__(self) -> int:
        return len(self.actors)

    def split(self, parameters: Floats) -> dict[str, Floats]:
        """Name the parts of the parameters.

        Returns
        -------
        dict of ndarray
            Views; `taste` is of shape (n, k).
        """
        views = {name: parameters[part] for name, part in self.parts.items()}
        views["taste"] = views["taste"].reshape(self.n, self.k)
        return views

    def predict(self, parameters: Floats) -> Floats:
        """Predict every verdict.

        Returns
        -------
        ndarray, shape (m,)
            Logits, in the order of `actors` and `targets`.
        """
        part = self.split(parameters)
        of_both = self.squares @ part["difference"]
        of_actors = part["generosity"] + self.factors @ part["level_out"] + of_both
        of_targets = part["appeal"] + self.factors @ part["level_in"] + of_both
        wanted = self.factors * (part["product"] - 2 * part["difference"]) + part["taste"]
        logits = row_products(wanted, self.actors, self.factors, self.targets)
        logits += part["shared"][0] + part["shared"][1] * self.likeness
        logits += of_actors[self.actors] + of_targets[self.targets]
        return logits

    def gather(self, values: Floats) -> Floats:
        """Apply the transpose of `predict` to one value a verdict.

        Returns
        -------
        ndarray, shape (size,)
            For every parameter the sum of the values, each times what the verdict sees of the parameter.
        """
        by_actor, by_target = self._sums(values)
        met = self._matrix(values) @ self.factors
        products = (self.factors * met).sum(axis=0)
        gathered = {
            "shared": np.array([values.sum(), values @ self.likeness]),
            "level_out": by_actor @ self.factors,
            "level_in": by_target @ self.factors,
            "product": products,
            "difference": (by_actor + by_target) @ self.squares - 2 * products,
            "generosity": by_actor,
            "appeal": by_target,
            "taste": met.ravel(),
        }
        return np.concatenate([gathered[name] for name in self.parts])

    def diagonal(self, curvature: Floats) -> Floats:
        """Return the diagonal of the likelihood's Hessian.

        Returns
        -------
        ndarray, shape (size,)
            For one curvature a verdict.
        """
        by_actor, by_target = self._sums(curvature)
        weighted = self._matrix(curvature)
        met = weighted @ self.squares
        products = (self.squares * met).sum(axis=0)
        cubes = (self.factors * (weighted @ self.factors**3) + self.factors**3 * (weighted @ self.factors)).sum(axis=0)
        gathered = {
            "shared": np.array([curvature.sum(), curvature @ self.likeness**2]),
            "level_out": by_actor @ self.squares,
            "level_in": by_target @ self.squares,
            "product": products,
            # Of (x - y)**4, written out.
            "difference": (by_actor + by_target) @ self.squares**2 + 6 * products - 4 * cubes,
            "generosity": by_actor,
            "appeal": by_target,
            "taste": met.ravel(),
        }
        return np.concatenate([gathered[name] for name in self.parts])

    def _parts(self) -> Iterator[tuple[str, slice]]:
        start = 0
        sizes = [("shared", 2), *((term, self.k) for term in TERMS)]
        for name, size in [*sizes, ("generosity", self.n), ("appeal", self.n), ("taste", self.n * self.k)]:
            yield name, slice(start, start + size)
            start += size

    def _sums(self, values: Floats) -> tuple[Floats, Floats]:
        by_actor = np.bincount(self.actors, values, minlength=self.n)
        by_target = np.bincount(self.targets, values, minlength=self.n)
        return by_actor.astype(np.float64), by_target.astype(np.float64)

    def _matrix(self, values: Floats) -> csr_matrix:
        return csr_matrix((values, self.targets, self.starts), shape=(self.n, self.n))


class Prior:
    """A normal prior of all parameters; only generosity and appeal of one person depend on each other."""

    def __init__(self, problem: Problem, penalties: Penalties, around: Population | None = None) -> None:
        self.parts = problem.parts
        self.mean, self.diagonal = np.zeros(problem.size), np.empty(problem.size)
        own = np.linalg.inv(penalties.covariance)
        self.cross = own[0, 1]
        self.diagonal[self.parts["shared"]] = 1 / INTERCEPT_VARIANCE, 1 / LIKENESS_VARIANCE
        levels, pairs = penalties.levels / problem.k, penalties.pairs / problem.k
        for term, variance in zip(TERMS, (levels, levels, pairs, pairs), strict=True):
            self.diagonal[self.parts[term]] = 1 / variance
        self.diagonal[self.parts["generosity"]], self.diagonal[self.parts["appeal"]] = own[0, 0], own[1, 1]
        self.diagonal[self.parts["taste"]] = problem.k / penalties.taste
        self._centre(problem, around)

    def product(self, vector: Floats) -> Floats:
        """Multiply the precision matrix by a vector of all parameters.

        Returns
        -------
        ndarray, shape (size,)
            In O(size).
        """
        result = self.diagonal * vector
        generosity, appeal = self.parts["generosity"], self.parts["appeal"]
        result[generosity] += self.cross * vector[appeal]
        result[appeal] += self.cross * vector[generosity]
        return result

    def _centre(self, problem: Problem, around: Population | None) -> None:
        if around is None:
            self.mean[1] = LIKENESS_MEAN
            return
        self.mean[0] = around.intercept + around.likeness * problem.likeness_mean
        self.mean[1] = around.likeness * problem.likeness_sd
        for term in TERMS:
            self.mean[self.parts[term]] = getattr(around, term)


def probabilities(logits: Floats) -> Floats:
    """Return the logistic function of logits.

    Returns
    -------
    ndarray of float64
        For logits of any size without overflow.
    """
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)))


def blocks_inverted(a: Floats, b: float, d: Floats) -> tuple[Floats, Floats]:
    """Invert symmetric matrices [[a, b], [b, d]].

    Returns
    -------
    tuple of ndarray
        The two diagonal entries of each inverse.
    """
    determinant = a * d - b**2
    return d / determinant, a / determinant
