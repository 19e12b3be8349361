"""Gates: whether a candidate may follow the measurement model in use, judged without any feedback of people."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import pipeline, retrieval
from ml.correlations import Floats
from ml.items import N_ITEMS, scoring_weights
from ml.measurement import MeasurementModel
from ml.pipeline import TrainingConfig
from ml.placement import likeness

MOST_JUDGES = 2_000
SHARE_OF_JUDGES = 0.2
FEWEST_JUDGES = 30
# People compared with all judges for stability, and placed from few answers.
N_CLOSELY = 400
FEW_ANSWERS = 36
# Who is known less well than this on the main axis after few answers is not placed.
KNOWN = 0.5
N_BOOTSTRAPS = 400
# Of an interval that holds 95 of 100 draws.
LOWER_END = 0.025
# What any model must reach, whatever is in use.
LEAST_RELIABILITY = 0.5
TIMES_CHANCE = 5.0
LEAST_STABILITY = 0.5


@dataclass(frozen=True)
class Gate:
    """One demand on a candidate and how it was met; all figures lie between 0 and 1, more is better.

    Attributes
    ----------
    name : str
        What is measured.
    candidate : float
        Of the candidate.
    in_use : float or None
        Of the model in use; None without one, or where the two are compared with each other.
    needed : float
        The lower end of the bootstrap interval of the model in use, or what any model must reach.
    """

    name: str
    candidate: float
    in_use: float | None
    needed: float

    @property
    def is_passed(self) -> bool:
        """Whether the candidate may follow as far as this gate is concerned; never with a figure that is not one."""
        return self.candidate >= self.needed

    @property
    def reason(self) -> str:
        """One sentence for whoever reads why a candidate was refused."""
        asks = "any model needs" if self.in_use is None else "the model in use asks for"
        return f"The candidate's {self.name} is {self.candidate:.3f}; {asks} {self.needed:.3f}."

    def as_dict(self) -> dict[str, Any]:
        """Return the gate for a report, JSON-able.

        Returns
        -------
        dict
            The attributes, rounded, and ``is_passed``.
        """
        figures = {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}
        return figures | {"is_passed": self.is_passed}


def judge(
    candidate: MeasurementModel,
    in_use: MeasurementModel | None,
    answers: NDArray[np.int8],
    *,
    weights: Floats | None = None,
    random_state: int = 0,
) -> tuple[Gate, ...]:
    """Measure a candidate, and the model in use beside it, on the same people.

    Half-retrieval and the share placed are those of a twin: a model trained like the candidate, but without the people
    who judge. Stability is how alike both models rank the same people; reliability comes from all answers.

    Parameters
    ----------
    candidate : MeasurementModel
        Just trained on these answers.
    in_use : MeasurementModel or None
        What serves now.
    answers : ndarray of int8, shape (n, 163)
        What the candidate was trained on, 1 to 5; 0 = missed.
    weights : ndarray of float64, shape (n,), optional
        One a row.
    random_state : int, default 0
        Draws the judges, their halves and the bootstrap.

    Returns
    -------
    tuple of Gate
        With too few complete sheets to judge on only the reliability.

    Raises
    ------
    ValueError
        When the twin cannot be trained: an item that a handful of people answer differently is constant without them.

    Notes
    -----
    A training without the search for axes and types, and O(m^2) for at most 2,000 judges.
    """
    rng = np.random.default_rng(random_state)
    complete = rng.permutation(np.flatnonzero((answers > 0).all(axis=1)))
    n_judges = min(MOST_JUDGES, int(SHARE_OF_JUDGES * len(complete)), len(answers) - N_ITEMS - 1)
    gates = [_reliability(candidate, in_use, answers[complete[: max(n_judges, 0)]], rng)]
    if n_judges < FEWEST_JUDGES:
        return tuple(gates)
    judges = answers[complete[:n_judges]]
    others = np.ones(len(answers), dtype=bool)
    others[complete[:n_judges]] = False
    cheap = TrainingConfig(
        n_axes=(candidate.n_axes,), n_types_fit=200, n_silhouette=50, n_bootstraps=1, n_label_pairs=200, halves=()
    )
    twin = pipeline.train_measurement(
        answers[others], weights=None if weights is None else weights[others], config=cheap, random_state=random_state
    )
    gates += [_half_retrieval(twin, in_use, judges, rng), _share_placed(twin, in_use, judges, rng)]
    if in_use is not None:
        gates.append(_stability(candidate, in_use, judges))
    return tuple(gates)


def _reliability(
    candidate: MeasurementModel, in_use: MeasurementModel | None, judges: NDArray[np.int8], rng: np.random.Generator
) -> Gate:
    name, found = "mean reliability of the scales", float(candidate.scale_alphas.mean())
    if in_use is None:
        return Gate(name, found, None, LEAST_RELIABILITY)
    asked = float(in_use.scale_alphas.mean())
    return Gate(name, found, asked, max(LEAST_RELIABILITY, asked - _alpha_margin(judges, rng)))


def _alpha_margin(judges: NDArray[np.int8], rng: np.random.Generator) -> float:
    # How far below its middle the mean alpha of so many people falls by chance: the lower half of its interval.
    if len(judges) < FEWEST_JUDGES:
        return 1.0
    weights = scoring_weights()
    values = judges - judges.mean(axis=0)
    scores = values @ weights.T
    counts = rng.multinomial(len(judges), np.full(len(judges), 1 / len(judges)), size=N_BOOTSTRAPS) / len(judges)
    own = (counts @ values**2 - (counts @ values) ** 2) @ (weights**2).T
    total = counts @ scores**2 - (counts @ scores) ** 2
    n_items = (weights != 0).sum(axis=1)
    alphas = (n_items / (n_items - 1) * (1 - own / np.maximum(total, np.finfo(float).tiny))).mean(axis=1)
    return float(np.median(alphas) - np.quantile(alphas, LOWER_END))


def _half_retrieval(
    twin: MeasurementModel, in_use: MeasurementModel | None, judges: NDArray[np.int8], rng: np.random.Generator
) -> Gate:
    half = retrieval.balanced_half(rng)

    def found(model: MeasurementModel) -> Floats:
        first, second = (model.place(np.where(part, judges, 0)) for part in (half, ~half))
        between = likeness(first, second)
        ahead = (between >= np.diag(between)[:, np.newaxis]).sum(axis=1) - 1
        return np.asarray(ahead < 10, dtype=np.float64)

    return _compared(
        "share of people found again from half of their answers",
        twin,
        in_use,
        found,
        rng,
        least=min(0.5, TIMES_CHANCE * 10 / len(judges)),
    )


def _share_placed(
    twin: MeasurementModel, in_use: MeasurementModel | None, judges: NDArray[np.int8], rng: np.random.Generator
) -> Gate:
    chosen = judges[:N_CLOSELY]
    asked = rng.permuted(np.tile(np.arange(N_ITEMS), (len(chosen), 1)), axis=1) < FEW_ANSWERS
    sheets = np.where(asked, chosen, 0)

    def placed(model: MeasurementModel) -> Floats:
        places = model.place(sheets)
        known = places.reliability[:, 0] >= KNOWN
        return np.asarray(known & np.isfinite(places.axes).all(axis=1), dtype=np.float64)

    return _compared(f"share of people placed from {FEW_ANSWERS} answers", twin, in_use, placed, rng, least=0.5)


def _compared(
    name: str,
    twin: MeasurementModel,
    in_use: MeasurementModel | None,
    measure: Callable[[MeasurementModel], Floats],
    rng: np.random.Generator,
    *,
    least: float,
) -> Gate:
    found = float(measure(twin).mean())
    if in_use is None:
        return Gate(name, found, None, least)
    own = measure(in_use)
    draws = rng.integers(len(own), size=(N_BOOTSTRAPS, len(own)))
    lowest = float(np.quantile(own[draws].mean(axis=1), LOWER_END))
    # Draws from people who all agree know no chance; then three in so many may be missing (the rule of three).
    return Gate(name, found, float(own.mean()), max(least, min(lowest, 1 - 3 / len(own))))


def _stability(candidate: MeasurementModel, in_use: MeasurementModel, judges: NDArray[np.int8]) -> Gate:
    ranks = []
    for model in (candidate, in_use):
        places = model.place(judges)
        between = likeness(model.place(judges[:N_CLOSELY]), places)
        ranks.append(between.argsort(axis=1).argsort(axis=1).astype(np.float64))
    first, second = (own - own.mean(axis=1, keepdims=True) for own in ranks)
    alike = (first * second).sum(axis=1) / np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return Gate("agreement with the model in use on who is like whom", float(alike.mean()), None, LEAST_STABILITY)
