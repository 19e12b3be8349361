"""How strongly the preference model is held to its prior: taken from the verdicts themselves."""

from dataclasses import replace

import numpy as np

from ml.preference_fit import Mode, find_mode, fit_with, solve
from ml.preference_folds import N_FOLDS, concerned, folds_of_pairs, some
from ml.preference_model import Floats, Indices, People, Verdicts
from ml.preference_problem import Penalties, Prior, Problem

START = Penalties(levels=0.4, pairs=0.001, taste=1.0, covariance=np.array([[0.8, -0.2], [-0.2, 0.8]]))
# Each is tried at these multiples of where it starts, one after the other.
LADDERS = {"levels": (0.25, 4.0), "taste": (0.1, 0.3, 3.0), "pairs": (30.0, 300.0)}
# With fewer verdicts the starting values hold: a choice would follow chance.
LEAST_VERDICTS = 300
# Another step of a ladder must be better by so many standard errors of the difference.
CLEARLY = 2.0
ROUNDS = 20
SETTLED = 0.01
N_PROBES = 8
PROBE_EXACTNESS = 1e-2
LEAST_VARIANCE = 1e-3


def choose_penalties(people: People, verdicts: Verdicts) -> Penalties:
    """Choose the prior variances by empirical Bayes and by held-out likelihood.

    Parameters
    ----------
    people : People
        n people.
    verdicts : Verdicts
        m verdicts; of more than 10,000 only those of some randomly chosen actors are looked at.

    Returns
    -------
    Penalties
        The covariance of generosity and appeal by expectation and maximisation; the others by the log-loss of unordered
        pairs left out, on short ladders, where they stay at their start unless another step is clearly better. With
        fewer than 300 verdicts, or verdicts of one kind, all stay at their start.

    Notes
    -----
    Expectation and maximisation with a normal approximation of the posterior makes many small random effects vanish
    (Breslow and Clayton 1993 describe the bias for binary data), which is why tastes are judged by what they predict.
    Traces of the posterior covariance are estimated by fixed random probes (M. F. Hutchinson, A Stochastic Estimator of
    the Trace of the Influence Matrix, 1989). Deterministic.
    """
    verdicts = some(verdicts)
    if len(verdicts) < LEAST_VERDICTS or verdicts.liked.all() or not verdicts.liked.any():
        return START
    people, verdicts = concerned(people, verdicts)
    penalties = _with_covariance(people, verdicts, START)
    folds = folds_of_pairs(verdicts)
    losses = _losses(people, verdicts, penalties, folds)
    for name, ladder in LADDERS.items():
        for multiple in ladder:
            other = replace(penalties, **{name: getattr(START, name) * multiple})
            of_other = _losses(people, verdicts, other, folds)
            gain = losses - of_other
            if gain.sum() > CLEARLY * gain.std() * np.sqrt(len(gain)):
                penalties, losses = other, of_other
    return penalties


def _losses(people: People, verdicts: Verdicts, penalties: Penalties, folds: Indices) -> Floats:
    # Return the log-loss of each verdict under a model that has not seen its pair.
    losses = np.empty(len(verdicts))
    for fold in range(N_FOLDS):
        held_out = folds == fold
        model, unseen = fit_with(people, verdicts.rows(~held_out), penalties), verdicts.rows(held_out)
        logits = model.logits(people, unseen.actors, unseen.targets)
        losses[held_out] = unseen.weights * (np.logaddexp(0, logits) - unseen.liked * logits)
    return losses


def _with_covariance(people: People, verdicts: Verdicts, penalties: Penalties) -> Penalties:
    # Return the penalties with the covariance that generosity and appeal show.
    problem = Problem(people, verdicts)
    probes = np.random.default_rng(0).choice([-1.0, 1.0], (N_PROBES, problem.size))
    solutions, start = np.zeros_like(probes), None
    for _ in range(ROUNDS):
        prior = Prior(problem, penalties)
        mode = find_mode(problem, prior, start)
        start = mode.parameters
        for probe, solution in zip(probes, solutions, strict=True):
            solution[:] = solve(problem, prior, mode.curvature, probe, PROBE_EXACTNESS, solution)
        covariance = _covariance(problem, mode, probes, solutions)
        change = np.abs(covariance - penalties.covariance).max()
        penalties = replace(penalties, covariance=covariance)
        if change < SETTLED:
            break
    return penalties


def _covariance(problem: Problem, mode: Mode, probes: Floats, solutions: Floats) -> Floats:
    # Return the mean over people of posterior second moments: what the maximisation step takes.
    parts = [problem.parts["generosity"], problem.parts["appeal"]]
    means = np.stack([mode.parameters[part] for part in parts])
    drawn, solved = (np.stack([vectors[:, part] for part in parts]) for vectors in (probes, solutions))
    spread = np.einsum("apn,bpn->ab", drawn, solved) / (len(probes) * problem.n)
    covariance = means @ means.T / problem.n + (spread + spread.T) / 2
    # Kept away from the edge, where a precision would not exist.
    return np.asarray(covariance + LEAST_VARIANCE * np.eye(2))
