"""Whether verdicts predict better than likeness alone does, judged on pairs that the model has not seen."""

from typing import Any

import numpy as np

from ml import decision_metrics as metrics
from ml.preference_fit import fit_with
from ml.preference_folds import concerned, held_out_scores, some
from ml.preference_model import People, Verdicts
from ml.preference_problem import Penalties

N_BOOTSTRAPS = 500
INTERVAL = (0.025, 0.975)


def against_likeness(people: People, verdicts: Verdicts, penalties: Penalties, *, seed: int = 0) -> dict[str, Any]:
    """Compare the learned model with likeness on verdicts held out.

    Parameters
    ----------
    people : People
        n people.
    verdicts : Verdicts
        m verdicts; of very many only those of some randomly chosen actors are used.
    penalties : Penalties
        With which the model is fitted.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    dict
        JSON-able: AUC of both, their difference with a 95 % interval, the number of verdicts, the threshold of the
        probability at which F1 is best, and ``is_better``: whether the lower bound of the difference is above 0.

    Notes
    -----
    Four folds of unordered pairs; the bootstrap resamples actors, whose verdicts depend on each other.
    """
    people, verdicts = concerned(people, some(verdicts))
    scores = held_out_scores(people, verdicts, lambda some_people, known: fit_with(some_people, known, penalties))
    likeness = people.likeness(verdicts.actors, verdicts.targets)
    actors, of_verdict = np.unique(verdicts.actors, return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(actors), np.full(len(actors), 1 / len(actors)), size=N_BOOTSTRAPS)
    weights = np.vstack([np.ones(len(verdicts)), drawn[:, of_verdict]])
    areas = [metrics.area_under_curve(values, verdicts.liked, weights) for values in (scores, likeness)]
    low, high = np.quantile(areas[0][1:] - areas[1][1:], INTERVAL)
    of_model, of_likeness = (float(values[0]) for values in areas)
    return {
        "verdicts": len(verdicts),
        "auc": of_model,
        "auc_of_likeness": of_likeness,
        "difference": [of_model - of_likeness, float(low), float(high)],
        "threshold": metrics.best_threshold(scores, verdicts.liked),
        "is_better": bool(low > 0),
    }
