"""Small worlds whose people have a hidden preference: to see what a recommender would find out, and what it is worth.

People answer the survey as the reference model's people do and are placed by it, so that their likeness is real
likeness. Whom they like follows a hidden preference that no recommender sees. Both kinds and their constants are
explained in docs/algorithms/exposure-and-simulation.md.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml import likeness, synthetic
from ml.likeness import Singles
from ml.measurement import MeasurementModel
from ml.preferences import People

Floats = NDArray[np.float64]
Kind = Literal["simple", "misspecified"]
KINDS: tuple[Kind, ...] = ("simple", "misspecified")

# The hidden preference, in logits.
BASE = -1.5
GENEROSITY_SD, APPEAL_SD, TASTE_SD, LIKENESS_WEIGHT = 0.8, 0.7, 0.8, 0.35
# Where tastes are thresholds: so many scales count for a person, each beyond a cut of its own; likeness is one of them.
N_THRESHOLDS = 3
CUT_SD, STEP_SD = 0.5, 1.0
LIKENESS_CUT, LIKENESS_STEP = 0.8, 0.8
# There generosity, appeal and a smaller linear taste move: after 60 days they correlate with what they were by 0.54.
TURNS_A_DAY, TURNING_TASTE_SD = 1 / 60, 0.4

# How people come by: shares of the days, drawn from a beta distribution with mean 0.3.
COMES_BY = (1.5, 3.5)
SHARE_THERE = 0.6
YOUNGEST, OLDEST = 19, 60
AGE_RANGE = (6, 20)
ROOM = (3, 9)
JUDGES = 0.7


@dataclass(frozen=True)
class Moving:
    """A property of people that turns from one drawn value to another, so that its spread stays what it is.

    Attributes
    ----------
    first, second : ndarray of float64, shape (n, ...)
        Values at the beginning and a quarter turn later.
    a_day : float
        Part of the circle that passes in a day, in radians; 0 where nothing moves.
    """

    first: Floats
    second: Floats
    a_day: float

    def on(self, day: float) -> Floats:
        """Turn from the first values towards the second.

        Returns
        -------
        ndarray of float64, shape (n, ...)
            The values on that day.
        """
        angle = self.a_day * day
        return np.asarray(np.cos(angle) * self.first + np.sin(angle) * self.second)


@dataclass(frozen=True, eq=False)
class World:
    """People, the rules that admit them to each other, and what they would say of each other; n people in one order.

    Attributes
    ----------
    people : People
        What any recommender may know: standardised scales, and vectors of expected likeness.
    admits : ndarray of bool, shape (n, n)
        Whether a and b may be shown to each other: symmetric, False on the diagonal.
    joined : ndarray of float64, shape (n,)
        Day on which each joins; 0 for who is there from the beginning.
    comes_by : ndarray of float64, shape (n,)
        Chance that a person opens a list on a day.
    room : ndarray of int64, shape (n,)
        Conversations that a person can have at a time.
    draws : ndarray of float32, shape (n, n)
        Uniform: a likes b when it lies below their probability, whoever shows b to a and why.
    pairs : ndarray of float32, shape (n, n)
        The part of the logit of "a likes b" that is about the two together and stays.
    generosity, appeal, taste : Moving
        Of each person, shapes (n,), (n,) and (n, k): the rest of the logit is
        ``generosity[a] + appeal[b] + taste[a] @ factors[b]``.
    """

    people: People
    admits: NDArray[np.bool_]
    joined: Floats
    comes_by: Floats
    room: NDArray[np.int64]
    draws: Singles
    pairs: Singles
    generosity: Moving
    appeal: Moving
    taste: Moving

    def __len__(self) -> int:
        return len(self.people)

    def logits(self, day: float) -> Singles:
        """Return the logits of the true probabilities that each likes each other on a day.

        Parameters
        ----------
        day : float
            From 0.

        Returns
        -------
        ndarray of float32, shape (n, n)
            Row: actor; column: target.
        """
        single = self.generosity.on(day)[:, np.newaxis] + self.appeal.on(day)
        tastes = self.taste.on(day).astype(np.float32) @ self.people.factors.T
        return self.pairs + single.astype(np.float32) + tastes


def make(kind: Kind, n: int, days: int, model: MeasurementModel, rng: np.random.Generator) -> World:
    """Draw a world.

    Parameters
    ----------
    kind : {"simple", "misspecified"}
        Simple: generosity + appeal + likeness + a linear taste, all constant. Misspecified: tastes and likeness count
        by thresholds, and generosity, appeal and tastes drift.
    n : int
        People, at least 2.
    days : int
        Days over which those who are not there from the beginning join.
    model : MeasurementModel
        Draws and places their answers.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    World
        The same for the same arguments and state of `rng`.

    Raises
    ------
    ValueError
        When the kind is unknown or there are fewer than two people.

    Notes
    -----
    O(n^2) memory: six numbers for each pair.

    Examples
    --------
    >>> from ml.artifacts import load_reference
    >>> world = make("simple", 20, 10, load_reference(), np.random.default_rng(0))
    >>> world.logits(0).shape
    (20, 20)
    """
    if kind not in KINDS:
        raise ValueError(f"There is no world called {kind!r}.")
    if n < 2:
        raise ValueError(f"A world needs two people or more, not {n}.")
    placed = model.place(synthetic.sample_answers(model, n, rng))
    people = People(placed.scales.astype(np.float32), *likeness.likeness_vectors(placed, model.full_reliability))
    alike = people.likeness_out @ people.likeness_in.T
    strangers = alike[~np.eye(n, dtype=bool)]
    standard = (alike - strangers.mean()) / strangers.std()
    is_simple = kind == "simple"
    pairs = LIKENESS_WEIGHT * standard if is_simple else _by_thresholds(people.factors, standard, rng)
    turns = 0.0 if is_simple else TURNS_A_DAY
    tastes_sd = (TASTE_SD if is_simple else TURNING_TASTE_SD) / np.sqrt(people.factors.shape[1])
    return World(
        people,
        admits=_admits(rng.integers(YOUNGEST, OLDEST + 1, n), rng.integers(*AGE_RANGE, n, endpoint=True)),
        joined=np.where(rng.random(n) < SHARE_THERE, 0.0, rng.uniform(0, days, n)),
        comes_by=rng.beta(*COMES_BY, n),
        room=rng.integers(*ROOM, n),
        draws=rng.random((n, n), dtype=np.float32),
        pairs=(BASE + pairs).astype(np.float32),
        generosity=_moving((n,), GENEROSITY_SD, turns, rng),
        appeal=_moving((n,), APPEAL_SD, turns, rng),
        taste=_moving(people.factors.shape, tastes_sd, turns, rng),
    )


def _admits(ages: NDArray[np.int64], ranges: NDArray[np.int64]) -> NDArray[np.bool_]:
    # Each wants people at most so many years younger or older; both must want it.
    wants = np.abs(ages[:, np.newaxis] - ages) <= ranges[:, np.newaxis]
    return np.asarray(wants & wants.T & ~np.eye(len(ages), dtype=bool))


def _moving(shape: tuple[int, ...], spread: float, a_day: float, rng: np.random.Generator) -> Moving:
    return Moving(rng.normal(0, spread, shape), rng.normal(0, spread, shape), a_day)


def _by_thresholds(factors: Singles, alike: Singles, rng: np.random.Generator) -> Floats:
    # Likeness that counts from a threshold on, and for each person a few scales that do.
    n, k = factors.shape
    scales = rng.integers(0, k, (N_THRESHOLDS, n))
    cuts = rng.normal(0, CUT_SD, (N_THRESHOLDS, n))
    steps = rng.normal(0, STEP_SD, (N_THRESHOLDS, n))
    result = LIKENESS_STEP * (alike > LIKENESS_CUT)
    for scale, cut, step in zip(scales, cuts, steps, strict=True):
        is_beyond = cut[:, np.newaxis] < factors[:, scale].T
        result = result + step[:, np.newaxis] * (is_beyond - 0.5)
    return np.asarray(result, dtype=np.float64)
