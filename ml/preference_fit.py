"""Fitting the preference model: its most probable parameters, by Newton steps and conjugate gradients."""

from dataclasses import dataclass

import numpy as np

from ml.preference_model import Floats, People, Personal, Population, Preferences, Verdicts
from ml.preference_problem import Penalties, Prior, Problem, blocks_inverted, probabilities

# A Newton step that moves no logit by more than this is the last one.
TOLERANCE = 1e-4
MOST_STEPS = 30
MOST_HALVINGS = 20
MOST_ITERATIONS = 300
# How exactly a Newton step is solved, as a share of the gradient.
EXACTNESS = 1e-2
LEAST_CURVATURE = 1e-9
# The prior variance of what is not to be fitted.
FIXED = 1e-9


@dataclass(frozen=True)
class Mode:
    """The most probable parameters, and the curvature of the likelihood there, one value a verdict."""

    parameters: Floats
    curvature: Floats


def fit_with(people: People, verdicts: Verdicts, penalties: Penalties, around: Population | None = None) -> Preferences:
    """Fit the preference model with given penalties; `ml.preferences.fit` says how.

    Returns
    -------
    Preferences
        For all people, in their order.
    """
    problem = Problem(people, verdicts)
    prior = Prior(problem, penalties, around)
    return _preferences(problem, prior, penalties, find_mode(problem, prior))


def fit_personal(people: People, verdicts: Verdicts, population: Population) -> Preferences:
    """Fit what is known of single persons, with what the population shares as it is.

    Parameters
    ----------
    people : People
        n people.
    verdicts : Verdicts
        m verdicts.
    population : Population
        Of an earlier fit; its covariance and taste variance are the prior.

    Returns
    -------
    Preferences
        With this population, and everybody's generosity, appeal and taste at their mode.

    Raises
    ------
    ValueError
        As `find_mode` does, and when the covariance is singular: likeness alone knows nothing of persons.
    """
    if not np.linalg.det(population.covariance) > 0:
        raise ValueError("This population has no spread of generosity and appeal, so nothing of persons can be fitted.")
    problem = Problem(people, verdicts)
    penalties = Penalties(FIXED, FIXED, population.taste_variance * problem.k, population.covariance)
    prior = Prior(problem, penalties, population)
    prior.diagonal[problem.parts["shared"]] = 1 / FIXED
    fitted = _preferences(problem, prior, penalties, find_mode(problem, prior))
    return Preferences(population, fitted.personal)


def find_mode(problem: Problem, prior: Prior, start: Floats | None = None) -> Mode:
    """Find the most probable parameters.

    Returns
    -------
    Mode
        Where no Newton step moves a logit by as much as 1e-4.

    Raises
    ------
    ValueError
        When so many Newton steps do not lead there, which a proper prior rules out but for broken numbers.
    """
    parameters = prior.mean.copy() if start is None else start.copy()
    logits = problem.predict(parameters)
    for _ in range(MOST_STEPS):
        liked = probabilities(logits)
        curvature = np.maximum(problem.weights * liked * (1 - liked), LEAST_CURVATURE)
        gradient = problem.gather(problem.weights * (problem.liked - liked))
        gradient -= prior.product(parameters - prior.mean)
        step = solve(problem, prior, curvature, gradient, EXACTNESS)
        change = problem.predict(step)
        share = _share_that_helps(problem, prior, parameters, logits, step, change)
        parameters, logits = parameters + share * step, logits + share * change
        if np.abs(change).max() < TOLERANCE:
            return Mode(parameters, curvature)
    raise ValueError("The fit of the preferences does not converge; check the factors for extreme values.")


def solve(
    problem: Problem, prior: Prior, curvature: Floats, right: Floats, exactness: float, start: Floats | None = None
) -> Floats:
    """Solve a system whose matrix is the posterior precision, by conjugate gradients preconditioned by its diagonal.

    Returns
    -------
    ndarray, shape (size,)
        The posterior covariance times `right`, as exactly as asked for.
    """
    scale = 1 / (problem.diagonal(curvature) + prior.diagonal)

    def product(vector: Floats) -> Floats:
        return problem.gather(curvature * problem.predict(vector)) + prior.product(vector)

    solution = np.zeros(problem.size) if start is None else start.copy()
    rest = right.copy() if start is None else right - product(solution)
    enough = exactness**2 * float(right @ (scale * right))
    scaled = scale * rest
    direction, size = scaled.copy(), float(rest @ scaled)
    for _ in range(MOST_ITERATIONS):
        if size <= enough:
            break
        ahead = product(direction)
        length = size / float(direction @ ahead)
        solution += length * direction
        rest -= length * ahead
        scaled = scale * rest
        former, size = size, float(rest @ scaled)
        direction = scaled + (size / former) * direction
    return solution


def _share_that_helps(
    problem: Problem, prior: Prior, parameters: Floats, logits: Floats, step: Floats, change: Floats
) -> float:
    # Halve a step until it makes the parameters more probable; a step near the mode is taken as it is.
    if np.abs(change).max() < 1.0:
        return 1.0
    former, share = _improbability(problem, prior, parameters, logits), 1.0
    for _ in range(MOST_HALVINGS):
        if _improbability(problem, prior, parameters + share * step, logits + share * change) <= former:
            break
        share /= 2
    return share


def _improbability(problem: Problem, prior: Prior, parameters: Floats, logits: Floats) -> float:
    away = parameters - prior.mean
    loss = problem.weights @ (np.logaddexp(0, logits) - problem.liked * logits)
    return float(loss + away @ prior.product(away) / 2)


def _preferences(problem: Problem, prior: Prior, penalties: Penalties, mode: Mode) -> Preferences:
    part = problem.split(mode.parameters)
    likeness = float(part["shared"][1]) / problem.likeness_sd
    population = Population(
        intercept=float(part["shared"][0]) - likeness * problem.likeness_mean,
        likeness=likeness,
        level_out=part["level_out"].copy(),
        level_in=part["level_in"].copy(),
        product=part["product"].copy(),
        difference=part["difference"].copy(),
        covariance=np.asarray(penalties.covariance, dtype=np.float64),
        taste_variance=penalties.taste / problem.k,
    )
    precision = problem.split(problem.diagonal(mode.curvature) + prior.diagonal)
    generosity, appeal = blocks_inverted(precision["generosity"], prior.cross, precision["appeal"])
    personal = Personal(
        generosity=part["generosity"].copy(),
        generosity_variance=generosity,
        appeal=part["appeal"].copy(),
        appeal_variance=appeal,
        taste=part["taste"].copy(),
        taste_variance=(1 / precision["taste"]).mean(axis=1),
    )
    return Preferences(population, personal)
