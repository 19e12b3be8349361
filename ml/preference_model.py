"""Who likes whom: what a population shares, and what its verdicts tell of each person, in one logit of two vectors.

The logit of the probability that a likes b is an inner product of two vectors, one of a as the one who chooses and one
of b as the one who is chosen. All that is learned lies in these vectors, so everybody is scored by one product.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.intp]

# The variance of a standard logistic variable over that of the normal that is closest to it, as MacKay has it.
PROBIT = np.pi / 8


@dataclass(frozen=True)
class People:
    """What is known of people before any verdict; all arrays in one order.

    Attributes
    ----------
    factors : ndarray of float32, shape (n, k)
        Standardised traits, 0 = average: what levels, products, differences and tastes are about.
    likeness_out, likeness_in : ndarray of float32, shape (n, q)
        ``likeness_out[a] @ likeness_in[b]`` is the likeness of a and b.
    """

    factors: Singles
    likeness_out: Singles
    likeness_in: Singles

    def __post_init__(self) -> None:
        parts = (self.factors, self.likeness_out, self.likeness_in)
        if any(part.ndim != 2 or len(part) != len(self.factors) for part in parts):
            raise ValueError("Factors and both sides of likeness must be matrices with one row a person.")
        if self.likeness_out.shape != self.likeness_in.shape:
            raise ValueError("The two sides of likeness have different widths.")
        if not all(np.isfinite(part).all() for part in parts):
            raise ValueError("What is known of people must be finite; put the mean in place of what is missing.")

    def __len__(self) -> int:
        return len(self.factors)

    def rows(self, index: Indices | slice) -> "People":
        """Take some of the people.

        Returns
        -------
        People
            In the order of the index.
        """
        return People(self.factors[index], self.likeness_out[index], self.likeness_in[index])

    def likeness(self, actors: Indices, targets: Indices) -> Floats:
        """Compare pairs of people.

        Returns
        -------
        ndarray of float64, shape (m,)
            Their likeness.
        """
        return row_products(self.likeness_out, actors, self.likeness_in, targets)


@dataclass(frozen=True)
class Verdicts:
    """What people said of each other, one entry a verdict.

    Attributes
    ----------
    actors, targets : ndarray of intp, shape (m,)
        Rows of `People`.
    liked : ndarray of bool, shape (m,)
        A like, as opposed to a pass.
    weights : ndarray of float64, shape (m,)
        1 for a like or a pass; more where more came of it.
    """

    actors: Indices
    targets: Indices
    liked: NDArray[np.bool_]
    weights: Floats

    def __post_init__(self) -> None:
        if not len(self.actors) == len(self.targets) == len(self.liked) == len(self.weights):
            raise ValueError("Actors, targets, likes and weights must have the same length.")
        if (self.actors == self.targets).any():
            raise ValueError("Nobody can judge themselves.")
        if not (np.isfinite(self.weights).all() and (self.weights > 0).all()):
            raise ValueError("Weights must be finite and above 0.")

    def __len__(self) -> int:
        return len(self.actors)

    def rows(self, index: Indices | NDArray[np.bool_]) -> "Verdicts":
        """Take some of the verdicts.

        Returns
        -------
        Verdicts
            In the order of the index.
        """
        return Verdicts(self.actors[index], self.targets[index], self.liked[index], self.weights[index])


@dataclass(frozen=True)
class Population:
    """What a population shares: weights of the terms, and how much people differ.

    Attributes
    ----------
    intercept, likeness : float
        Of the logit; `likeness` multiplies the likeness of a pair.
    level_out, level_in : ndarray, shape (k,)
        How much likelier somebody with more of a factor likes, or is liked.
    product, difference : ndarray, shape (k,)
        Weights of ``z_a z_b`` and of ``(z_a - z_b)**2``.
    covariance : ndarray, shape (2, 2)
        Of generosity and appeal across people, beyond their levels.
    taste_variance : float
        Of a taste's weight of one factor, across people.
    """

    intercept: float
    likeness: float
    level_out: Floats
    level_in: Floats
    product: Floats
    difference: Floats
    covariance: Floats
    taste_variance: float


@dataclass(frozen=True)
class Personal:
    """What verdicts tell of single persons, as posterior means and variances; 0 and the prior's for a new person.

    Attributes
    ----------
    generosity, appeal : ndarray, shape (n,)
        How readily somebody likes and how well somebody is liked, in logits, beyond what their factors say.
    generosity_variance, appeal_variance : ndarray, shape (n,)
    taste : ndarray, shape (n, k)
        How much more somebody likes others with more of each factor than everybody does.
    taste_variance : ndarray, shape (n,)
        Of one factor's weight, as a mean over the factors.
    """

    generosity: Floats
    generosity_variance: Floats
    appeal: Floats
    appeal_variance: Floats
    taste: Floats
    taste_variance: Floats

    def rows(self, index: Indices | slice) -> "Personal":
        """Take some of the people.

        Returns
        -------
        Personal
            In the order of the index.
        """
        return Personal(
            self.generosity[index],
            self.generosity_variance[index],
            self.appeal[index],
            self.appeal_variance[index],
            self.taste[index],
            self.taste_variance[index],
        )


@dataclass(frozen=True)
class Update:
    """What one person's own verdicts tell of that person.

    Attributes
    ----------
    generosity, generosity_variance : float
    taste : ndarray, shape (k,)
    taste_variance : float
        A mean over the factors.
    """

    generosity: float
    generosity_variance: float
    taste: Floats
    taste_variance: float


@dataclass(frozen=True)
class Preferences:
    """A fitted preference model: what all share, and what is known of each person."""

    population: Population
    personal: Personal

    def vectors(self, people: People) -> tuple[Singles, Singles]:
        """Return everybody as the one who chooses and as the one who is chosen.

        Parameters
        ----------
        people : People
            n people, in the order of `personal`.

        Returns
        -------
        outgoing, incoming : ndarray of float32, shape (n, q + 2 k + 2)
            ``outgoing[a] @ incoming[b]`` is the logit of the probability that a likes b.

        Notes
        -----
        ``(z_a - z_b)**2`` is taken apart into a square of each and a product, which is what makes it an inner
        product. O(n (q + k)).
        """
        shared, own = self.population, self.personal
        z = people.factors.astype(np.float64)
        of_actor = shared.intercept + own.generosity + z @ shared.level_out + z**2 @ shared.difference
        of_target = own.appeal + z @ shared.level_in + z**2 @ shared.difference
        wanted = z * (shared.product - 2 * shared.difference) + own.taste
        outgoing = np.column_stack([shared.likeness * people.likeness_out, wanted, of_actor, np.ones(len(people))])
        incoming = np.column_stack([people.likeness_in, z, np.ones(len(people)), of_target])
        return outgoing.astype(np.float32), incoming.astype(np.float32)

    def logits(self, people: People, actors: Indices, targets: Indices) -> Floats:
        """Return the logits of the probabilities that one person likes another.

        Returns
        -------
        ndarray of float64, shape (m,)
            One for each pair of an actor and a target.
        """
        outgoing, incoming = self.vectors(people)
        return row_products(outgoing, actors, incoming, targets)

    def variances(self, people: People, actors: Indices, targets: Indices) -> Floats:
        """Return how uncertain the logits of m pairs are, for what is not known of the two persons.

        The variances of generosity, appeal and taste are added, as if the three were independent given the verdicts;
        the uncertainty of what the population shares is left out, which many verdicts make small.

        Returns
        -------
        ndarray of float64, shape (m,)
            In squared logits.
        """
        own = self.personal
        taste = own.taste_variance[actors] * (people.factors.astype(np.float64) ** 2).sum(axis=1)[targets]
        return np.asarray(own.generosity_variance[actors] + own.appeal_variance[targets] + taste)

    def probabilities(self, people: People, actors: Indices, targets: Indices) -> Floats:
        """Return the probabilities that one person likes another, averaged over what is not known of the two.

        Returns
        -------
        ndarray of float64, shape (m,)
            One for each pair of an actor and a target.

        Notes
        -----
        ``s(logit / sqrt(1 + pi variance / 8))`` for the logistic function s: MacKay's approximation of the average
        of s over a normal logit (D. J. C. MacKay, The Evidence Framework Applied to Classification Networks, Neural
        Computation 4, 1992). Little knowledge draws a probability towards one half.
        """
        logits = self.logits(people, actors, targets)
        return moderated(logits, self.variances(people, actors, targets))


def with_update(preferences: Preferences, actor: int, own: Update) -> Preferences:
    """Put what was learned of one person in its place.

    Returns
    -------
    Preferences
        A copy of what is personal, O(n k).
    """
    personal = Personal(*(values.copy() for values in vars(preferences.personal).values()))
    personal.generosity[actor], personal.generosity_variance[actor] = own.generosity, own.generosity_variance
    personal.taste[actor], personal.taste_variance[actor] = own.taste, own.taste_variance
    return Preferences(preferences.population, personal)


def moderated(logits: Floats, variances: Floats) -> Floats:
    """Return probabilities for logits that are uncertain, by MacKay's approximation.

    Returns
    -------
    ndarray of float64
        The closer to one half, the larger the variance.

    Examples
    --------
    >>> moderated(np.array([2.0, 2.0]), np.array([0.0, 4.0])).round(2).tolist()
    [0.88, 0.78]
    """
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits / np.sqrt(1 + PROBIT * variances))))


def likeness_only(people: People) -> Preferences:
    """Return the model that knows no verdict: the logit is the likeness, and so is the ranking.

    Parameters
    ----------
    people : People
        n people.

    Returns
    -------
    Preferences
        Every weight but that of likeness is 0, and so is every variance: these logits are no calibrated ones.
    """
    k = people.factors.shape[1]
    none = np.zeros(k)
    shared = Population(0.0, 1.0, none, none, none, none, np.zeros((2, 2)), 0.0)
    return Preferences(shared, newcomers(shared, len(people)))


def newcomers(population: Population, n: int) -> Personal:
    """Return what is known of people who have said nothing and of whom nothing was said: the prior.

    Returns
    -------
    Personal
        Of n people.
    """
    return Personal(
        generosity=np.zeros(n),
        generosity_variance=np.full(n, population.covariance[0, 0]),
        appeal=np.zeros(n),
        appeal_variance=np.full(n, population.covariance[1, 1]),
        taste=np.zeros((n, len(population.level_out))),
        taste_variance=np.full(n, population.taste_variance),
    )


def row_products(
    one: NDArray[np.floating], rows: Indices, other: NDArray[np.floating], columns: Indices, step: int = 20_000
) -> Floats:
    """Multiply some rows of one matrix with some rows of another, in blocks.

    Returns
    -------
    ndarray of float64, shape (m,)
        Their inner products.
    """
    result = np.empty(len(rows))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        result[part] = np.einsum("ij,ij->i", one[rows[part]], other[columns[part]], dtype=np.float64, casting="safe")
    return result
