"""What a new verdict tells of the one who gave it, at once; everything else stays as the last fit left it."""

import numpy as np

from ml.preference_model import Floats, People, Preferences, Update, Verdicts
from ml.preference_problem import probabilities

MOST_STEPS = 50
TOLERANCE = 1e-6
LEAST_LEFT = 1e-3
LEAST_VARIANCE = 1e-12


def update(preferences: Preferences, people: People, actor: int, verdicts: Verdicts) -> Update:
    """Fit one person's generosity and taste to all their verdicts, with everything else as it is.

    Parameters
    ----------
    preferences : Preferences
        Of the last fit.
    people : People
        In the order of the preferences.
    actor : int
        The row of the one who judges.
    verdicts : Verdicts
        All m verdicts of this person that stand; those of others are not looked at.

    Returns
    -------
    Update
        Without any verdict the prior.

    Notes
    -----
    Newton's method to convergence on k + 1 parameters of a concave function, O(m k**2 + k**3) a step. To take one
    verdict back, or to know what somebody would be without it, fit the others.
    """
    mine = verdicts.rows(np.flatnonzero(verdicts.actors == actor))
    prior_mean, precision = _prior(preferences, actor)
    rows, offsets = _regression(preferences, people, mine)
    own = prior_mean.copy()
    hessian = np.diag(precision)
    for _ in range(MOST_STEPS):
        liked = probabilities(offsets + rows @ own)
        curvature = mine.weights * liked * (1 - liked)
        hessian = np.diag(precision) + (rows * curvature[:, np.newaxis]).T @ rows
        gradient = rows.T @ (mine.weights * (mine.liked - liked)) - precision * (own - prior_mean)
        step = np.linalg.solve(hessian, gradient)
        # Far from the mode a full step may overshoot: no logit moves by more than 2 at once.
        farthest = float(np.abs(rows @ step).max(initial=0.0))
        own = own + step * min(1.0, 2.0 / farthest) if farthest > 0 else own + step
        if farthest < TOLERANCE:
            break
    variances = np.diag(np.linalg.inv(hessian))
    return Update(float(own[0]), float(variances[0]), own[1:], float(variances[1:].mean()) if len(own) > 1 else 0.0)


def left_out(preferences: Preferences, people: People, actor: int, verdicts: Verdicts) -> Floats:
    """Return one person's generosity and taste without each of their verdicts in turn.

    Parameters
    ----------
    preferences : Preferences
        With the actor's generosity and taste fitted to all their verdicts.
    people, actor, verdicts
        As for `update`.

    Returns
    -------
    ndarray of float64, shape (m, k + 1)
        Generosity and then taste, row by row of the actor's verdicts in their order.

    Notes
    -----
    One Newton step from the fit of all verdicts (D. Pregibon, Logistic Regression Diagnostics, Annals of Statistics 9,
    1981), O(m k**2 + k**3) for all of them together.
    """
    mine = verdicts.rows(np.flatnonzero(verdicts.actors == actor))
    _, precision = _prior(preferences, actor)
    rows, offsets = _regression(preferences, people, mine)
    own = np.concatenate([[preferences.personal.generosity[actor]], preferences.personal.taste[actor]])
    liked = probabilities(offsets + rows @ own)
    curvature = mine.weights * liked * (1 - liked)
    covariance = np.linalg.inv(np.diag(precision) + (rows * curvature[:, np.newaxis]).T @ rows)
    moved = rows @ covariance
    left = np.maximum(1 - curvature * (moved * rows).sum(axis=1), LEAST_LEFT)
    told = mine.weights * (mine.liked - liked) / left
    return np.asarray(own - moved * told[:, np.newaxis])


def _prior(preferences: Preferences, actor: int) -> tuple[Floats, Floats]:
    # Return the mean and the precision of generosity, given the appeal, and of taste.
    shared = preferences.population
    (own, both), (_, other) = shared.covariance
    slope = both / other if other > 0 else 0.0
    variances = np.full(len(shared.level_out) + 1, shared.taste_variance)
    variances[0] = own - slope * both
    mean = np.zeros(len(variances))
    mean[0] = slope * preferences.personal.appeal[actor]
    # A variance of 0 leaves nothing to learn.
    return mean, 1 / np.maximum(variances, LEAST_VARIANCE)


def _regression(preferences: Preferences, people: People, mine: Verdicts) -> tuple[Floats, Floats]:
    # Return what each verdict sees of generosity and taste, and the rest of its logit.
    shared, z = preferences.population, people.factors
    others = z[mine.targets].astype(np.float64)
    rows = np.column_stack([np.ones(len(mine)), others])
    if not len(mine):
        return rows, np.empty(0)
    me = z[mine.actors].astype(np.float64)
    offsets = shared.intercept + shared.likeness * people.likeness(mine.actors, mine.targets)
    offsets += preferences.personal.appeal[mine.targets] + me @ shared.level_out + others @ shared.level_in
    offsets += (me * others) @ shared.product + (me - others) ** 2 @ shared.difference
    return rows, offsets
