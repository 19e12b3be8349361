"""What the displayed score gives away, and what the noise costs: on the published dataset, pair by pair.

`SEED_DATASET=16PF.zip python -m bench.displayed_score`
"""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bench.results import record
from ml import artifacts, displayed, responses
from ml.correlations import Floats
from ml.displayed import SAYABLE
from ml.items import SCALES
from ml.measurement import MeasurementModel
from ml.placement import Placements

NOISES = (0.0, 0.25, 0.4, 0.5, 0.6, 0.75, 1.0)
ALLOWED = list(SAYABLE)
FORBIDDEN = [index for index in range(len(SCALES)) if index not in SAYABLE]
N_LEARNT_FROM, N_TARGETS = 20_000, 4_000
ACCOUNTS = (1, 3, 10, 30, 100)
RIDGE = 10.0
N_LIST, N_LISTED_OF, N_VIEWERS = 11, 1_000, 300


def complete_adults(source: str) -> NDArray[np.int8]:
    """Return the complete sheets of adults that the cleaning rules keep, in random order."""
    published = responses.read_published(source)
    kept, _ = responses.training_mask(
        published.answers, age=published.age, accuracy=published.accuracy, elapsed=published.elapsed
    )
    kept &= (published.answers > 0).all(axis=1) & responses.is_adult(published.age)
    return np.random.default_rng(0).permutation(published.answers[kept])


def pair_scores(model: MeasurementModel, viewers: Floats, others: Floats, noise_sd: float) -> Floats:
    """Return the contributions of pairs, one viewer each, shape (n, 12)."""
    variance = 1 + noise_sd**2
    c = displayed.reliability_of(model)[ALLOWED] / np.sqrt(variance)
    product, squares = c * viewers * others / np.sqrt(variance), viewers**2 + others**2 / variance
    return np.asarray(-np.log1p(-(c**2)) / 2 + (product - c**2 * squares / 2) / (1 - c**2))


def quality(model: MeasurementModel, placed: Placements) -> list[dict[str, Any]]:
    """Return what each size of noise does to labels and reasons of random pairs."""
    half = len(placed) // 2
    viewers, others = placed.scales[:half, ALLOWED], placed.scales[half : 2 * half, ALLOWED]
    exact = exact_likeness(model, placed.axes[:half], placed.axes[half : 2 * half])
    plain = pair_scores(model, viewers, others, 0.0).sum(axis=1)
    plain_labels = displayed.labels_of(plain, displayed.label_cuts(model, 0.0))
    drawn = np.random.default_rng(1).standard_normal(others.shape)
    rows = []
    for noise_sd in NOISES:
        blurred = others + noise_sd * drawn
        added = pair_scores(model, viewers, blurred, noise_sd)
        scores = added.sum(axis=1)
        labels = displayed.labels_of(scores, displayed.label_cuts(model, noise_sd))
        named = np.concatenate(
            [others_named(*pair, noise_sd) for pair in zip(viewers, others, blurred, added, strict=True)]
        )
        rows.append(
            {
                "noise_sd": noise_sd,
                "label_shares": shares(labels),
                "same_label_as_without_noise": rounded((labels == plain_labels).mean()),
                "two_labels_off": rounded((np.abs(labels - plain_labels) > 1).mean(), 4),
                "rank_correlation_with_exact_likeness": rounded(stats.spearmanr(scores, exact).statistic),
                "reasons_a_pair": rounded(len(named) / half, 2),
                "reasons_on_the_wrong_side": rounded((named < 0).mean()),
                "mean_z_of_a_reason": rounded(named.mean(), 2),
            }
        )
    return rows


def others_named(viewer: Floats, other: Floats, blurred: Floats, added: Floats, noise_sd: float) -> Floats:
    """Return where the other really stands on the scales that are named, towards the viewer's side."""
    full = np.zeros(len(SCALES))
    full[ALLOWED] = viewer
    (reasons,) = displayed.reasons_of(full, blurred[np.newaxis], added[np.newaxis], noise_sd)
    return np.array([other[ALLOWED.index(scale)] * side for scale, side in reasons])


def full_information(placed: Placements) -> list[dict[str, Any]]:
    """Return what is left to hide from somebody who has found out the blurred scales exactly."""
    correlations = np.asarray(np.corrcoef(placed.scales.T))
    inside = correlations[np.ix_(ALLOWED, ALLOWED)]
    rows = []
    for noise_sd in NOISES:
        seen = inside + noise_sd**2 * np.eye(len(ALLOWED))
        left = np.diag(inside - inside @ np.linalg.solve(seen, inside))
        row: dict[str, Any] = {
            "noise_sd": noise_sd,
            "sd_left_a_scale": rounded(np.sqrt(np.maximum(left, 0)).mean()),
            "explained_of_forbidden": {
                SCALES[scale].name: rounded(
                    correlations[ALLOWED, scale] @ np.linalg.solve(seen, correlations[ALLOWED, scale])
                )
                for scale in FORBIDDEN
            },
        }
        if noise_sd:
            row["bits"] = rounded(np.linalg.slogdet(np.eye(len(ALLOWED)) + inside / noise_sd**2)[1] / np.log(4), 1)
        rows.append(row)
    return rows


def answers_guessed(answers: NDArray[np.int8], placed: Placements) -> dict[str, float]:
    """Return how often an answer is guessed right from the blurred scales, found out exactly, and from nothing."""
    drawn = np.random.default_rng(2).standard_normal((len(placed), len(ALLOWED)))
    half = len(placed) // 2
    found = {}
    for name, noise_sd in (("from_blurred", displayed.NOISE_SD), ("from_exact", 0.0)):
        known = np.column_stack([np.ones(len(placed)), placed.scales[:, ALLOWED] + noise_sd * drawn])
        weights = np.linalg.lstsq(known[:half], answers[:half].astype(float), rcond=None)[0]
        guessed = known @ weights
        found[name] = float(
            np.mean([_hits(guessed[:, item], answers[:, item], half) for item in range(answers.shape[1])])
        )
    usual = [np.bincount(column[:half]).argmax() for column in answers.T]
    return {name: rounded(value) for name, value in (found | {"most_usual": (answers[half:] == usual).mean()}).items()}


def _hits(guessed: Floats, said: NDArray[np.int8], half: int) -> float:
    edges = np.quantile(guessed[:half], np.linspace(0, 1, 21)[1:-1])
    bins = np.searchsorted(edges, guessed)
    usual = np.array([np.bincount(said[:half][bins[:half] == step]).argmax() for step in range(20)])
    return float((usual[bins[half:]] == said[half:]).mean())


def accounts_needed(model: MeasurementModel, placed: Placements) -> list[dict[str, Any]]:
    """Return how well several accounts together place a person, by label and reasons alone.

    The accounts hold sheets of respondents. Whoever is behind them learns by ridge regression on 20,000 other people,
    blurred, how everything that is shown goes with where they stand; all accounts were shown everybody.
    """
    rng = np.random.default_rng(3)
    cuts, most = displayed.label_cuts(model), max(ACCOUNTS)
    people = placed.scales[most : most + N_LEARNT_FROM + N_TARGETS]
    blurred = people[:, ALLOWED] + displayed.NOISE_SD * rng.standard_normal((len(people), len(ALLOWED)))
    seen = [np.ones((len(people), 1), dtype=np.float32)]
    rows = []
    for account in range(most):
        seen.append(_seen(model, placed.scales[account], blurred, cuts))
        if account + 1 in ACCOUNTS:
            known = np.concatenate(seen, axis=1).astype(np.float64)
            learnt, asked = known[:N_LEARNT_FROM], known[N_LEARNT_FROM:]
            squares = learnt.T @ learnt + RIDGE * np.eye(known.shape[1])
            weights = np.linalg.solve(squares, learnt.T @ people[:N_LEARNT_FROM])
            rows.append({"accounts": account + 1, **explained(asked @ weights, people[N_LEARNT_FROM:])})
    return rows


def _seen(model: MeasurementModel, viewer: Floats, blurred: Floats, cuts: Floats) -> NDArray[np.float32]:
    """Return which label several people have and which scales are named, as one account sees them."""
    shown = displayed.displayed(viewer, blurred, model, cuts)
    seen = np.zeros((len(blurred), displayed.N_LABELS + len(SCALES)), dtype=np.float32)
    seen[np.arange(len(blurred)), shown.labels - 1] = 1
    for person, reasons in enumerate(shown.reasons):
        seen[person, [displayed.N_LABELS + scale for scale, _ in reasons]] = 1
    return seen


def by_being_listed(model: MeasurementModel, placed: Placements) -> dict[str, float]:
    """Return what it tells of a person to stand among the eleven likest of a thousand, with no word said."""
    axes, scales = placed.axes[:N_LISTED_OF], placed.scales[:N_LISTED_OF]
    viewers = placed.axes[N_LISTED_OF : N_LISTED_OF + N_VIEWERS]
    listed = [np.argsort(-exact_likeness(model, viewer[np.newaxis], axes))[:N_LIST] for viewer in viewers]
    own = np.repeat(placed.scales[N_LISTED_OF : N_LISTED_OF + N_VIEWERS], N_LIST, axis=0)
    theirs = scales[np.concatenate(listed)]
    r = np.array([np.corrcoef(own[:, scale], theirs[:, scale])[0, 1] for scale in range(len(SCALES))])
    return {
        "explained_of_allowed": rounded((r[ALLOWED] ** 2).mean()),
        "explained_of_forbidden": rounded((r[FORBIDDEN] ** 2).mean()),
    }


def exact_likeness(model: MeasurementModel, one: NDArray[np.float32], other: NDArray[np.float32]) -> Floats:
    """Return the likeness of complete sheets, pair by pair."""
    x, y, full = one.astype(float), other.astype(float), model.full_reliability
    rest = 1 - full**2
    return np.asarray((x * y / rest - full * (x**2 + y**2) / rest / 2 - np.log(rest) / 2).sum(axis=1))


def explained(found: Floats, true: Floats) -> dict[str, float]:
    """Return the share of variance that guesses explain of the scales that are spoken of, and of the others."""
    left = ((found - true) ** 2).mean(axis=0) / true.var(axis=0)
    return {
        "explained_of_allowed": rounded(1 - left[ALLOWED].mean()),
        "explained_of_forbidden": rounded(1 - left[FORBIDDEN].mean()),
    }


def shares(labels: NDArray[np.intp]) -> list[float]:
    """Return the share of each label."""
    counts = np.bincount(labels - 1, minlength=displayed.N_LABELS)
    return [rounded(count / len(labels)) for count in counts]


def rounded(value: Any, digits: int = 3) -> float:
    """Return a figure as it is printed."""
    return round(float(value), digits)


def main() -> None:
    """Measure and write down."""
    model = artifacts.load_reference()
    answers = complete_adults(os.environ["SEED_DATASET"])
    placed = model.place(answers)
    figures = {
        "people": len(answers),
        "noise_sd": displayed.NOISE_SD,
        "quality": quality(model, placed),
        "blurred_scales_found_out": full_information(placed),
        "answers_guessed_right": answers_guessed(answers, placed),
        "by_accounts": accounts_needed(model, placed),
        "by_being_listed": by_being_listed(model, placed),
    }
    record("displayed-score", figures)


if __name__ == "__main__":
    main()
