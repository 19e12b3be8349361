"""Ways to say how likely people are to like each other, from chance to the truth: what a simulation compares."""

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ml import preferences
from ml.preferences import Penalties, People, Preferences, Verdicts
from ml.worlds import World

Floats = NDArray[np.float64]
Name = Literal["random", "likeness", "appeal_generosity", "learned", "oracle"]
NAMES: tuple[Name, ...] = ("random", "likeness", "appeal_generosity", "learned", "oracle")

# Verdicts that count as much as the mean of everybody in a rate of appeal or generosity.
SHRINKAGE = 8.0
# How many times as many verdicts there must be before the model is fitted again, and before the strength of its prior
# is chosen anew: a fit a day at first, and every ninth day after two months, which takes a quarter of the time.
FIT_AGAIN, CHOOSE_AGAIN = 1.15, 3.0


class Ranker(Protocol):
    """Both directed logits of a viewer with everybody, from whatever this way of ranking knows."""

    @property
    def gives_chances(self) -> bool:
        """Whether its logits are those of probabilities."""

    def logits(self, viewer: int, day: float) -> tuple[Floats, Floats]:
        """Return how likely the viewer is to like each person, and each person the viewer; shape (n,) each."""

    def judged(self, actor: int, said: Verdicts) -> None:
        """Take in all that one person has said so far, right after they said the last of it."""

    def learn(self, said: Verdicts) -> None:
        """Take in all that everybody has said so far, at the end of a day."""


class _Fixed:
    """A way of ranking that learns nothing."""

    gives_chances = True

    def judged(self, actor: int, said: Verdicts) -> None:
        """Learn nothing."""

    def learn(self, said: Verdicts) -> None:
        """Learn nothing."""


class Random(_Fixed):
    """By chance."""

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        self.n, self.rng = n, rng

    def logits(self, viewer: int, day: float) -> tuple[Floats, Floats]:
        """Draw both sides anew each time.

        Returns
        -------
        out, back : ndarray of float64, shape (n,)
            Logits of the viewer's side, and of the others'.
        """
        out, back = self.rng.standard_normal((2, self.n))
        return out, back


class Likeness(_Fixed):
    """By likeness alone, which is the same both ways."""

    gives_chances = False

    def __init__(self, people: People) -> None:
        self.people = people

    def logits(self, viewer: int, day: float) -> tuple[Floats, Floats]:
        """Return the likeness twice.

        Returns
        -------
        out, back : ndarray of float64, shape (n,)
            Logits of the viewer's side, and of the others'.
        """
        alike = (self.people.likeness_in @ self.people.likeness_out[viewer]).astype(np.float64)
        return alike, alike


class Oracle(_Fixed):
    """By the true probabilities of the day."""

    def __init__(self, world: World) -> None:
        self.world, self.day = world, -1
        self.truth = np.empty((0, 0), dtype=np.float32)

    def logits(self, viewer: int, day: float) -> tuple[Floats, Floats]:
        """Look the truth up.

        Returns
        -------
        out, back : ndarray of float64, shape (n,)
            Logits of the viewer's side, and of the others'.
        """
        if int(day) != self.day:
            self.day = int(day)
            self.truth = self.world.logits(self.day)
        return self.truth[viewer].astype(np.float64), self.truth[:, viewer].astype(np.float64)


class AppealGenerosity(_Fixed):
    """By how often people are liked, and how often they like, both shrunk to the mean."""

    def __init__(self, n: int) -> None:
        self.generosity, self.appeal, self.mean = np.zeros(n), np.zeros(n), 0.0

    def logits(self, viewer: int, day: float) -> tuple[Floats, Floats]:
        """Add up the two logits, less that of the mean.

        Returns
        -------
        out, back : ndarray of float64, shape (n,)
            Logits of the viewer's side, and of the others'.
        """
        out = self.generosity[viewer] + self.appeal - self.mean
        return out, self.generosity + self.appeal[viewer] - self.mean

    def learn(self, said: Verdicts) -> None:
        """Count anew."""
        if not len(said) or said.liked.all() or not said.liked.any():
            return
        n, mean = len(self.appeal), said.liked.mean()
        self.mean = float(np.log(mean / (1 - mean)))
        self.generosity, self.appeal = (_shrunk_logits(rows, said.liked, n) for rows in (said.actors, said.targets))


class Learned:
    """By the preference model: fitted at the end of a day, and each person's own part brought up to date at once."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.preferences = preferences.likeness_only(people)
        self.outgoing, self.incoming = self.preferences.vectors(people)
        # What is to be added to the logit of a judge, so that it does not tell what the judge said of the viewer.
        self.corrections = np.zeros((len(people), len(people)), dtype=np.float32)
        self.penalties: Penalties | None = None
        self.n_fitted_to = self.n_chosen_from = 0

    @property
    def gives_chances(self) -> bool:
        """Whether anything was learned yet."""
        return self.penalties is not None

    def logits(self, viewer: int, day: float) -> tuple[Floats, Floats]:
        """Take two products, and the viewer's judges as they were without that verdict.

        Returns
        -------
        out, back : ndarray of float64, shape (n,)
            Logits of the viewer's side, and of the others'.
        """
        out = self.incoming @ self.outgoing[viewer]
        back = self.outgoing @ self.incoming[viewer] + self.corrections[:, viewer]
        return out.astype(np.float64), back.astype(np.float64)

    def judged(self, actor: int, said: Verdicts) -> None:
        """Bring the generosity and the taste of one person up to date."""
        if self.penalties is None:
            return
        own = preferences.update(self.preferences, self.people, actor, said)
        self.preferences = preferences.with_update(self.preferences, actor, own)
        alone = slice(actor, actor + 1)
        updated = Preferences(self.preferences.population, self.preferences.personal.rows(alone))
        self.outgoing[alone] = updated.vectors(self.people.rows(alone))[0]
        self._correct(actor, said)

    def learn(self, said: Verdicts) -> None:
        """Fit to everything that was said, when there is a seventh more of it."""
        if not len(said) or len(said) < FIT_AGAIN * self.n_fitted_to:
            return
        self.n_fitted_to = len(said)
        if self.penalties is None or len(said) >= CHOOSE_AGAIN * self.n_chosen_from:
            self.penalties, self.n_chosen_from = preferences.choose_penalties(self.people, said), len(said)
        self.preferences = preferences.fit(self.people, said, penalties=self.penalties)
        self.outgoing, self.incoming = self.preferences.vectors(self.people)
        starts = np.searchsorted(said.actors, np.arange(len(self.people) + 1))
        for actor in np.flatnonzero(np.diff(starts)).tolist():
            self._correct(actor, said.rows(np.arange(starts[actor], starts[actor + 1])))

    def _correct(self, actor: int, said: Verdicts) -> None:
        personal, targets = self.preferences.personal, said.targets
        now = np.concatenate([[personal.generosity[actor]], personal.taste[actor]])
        change = preferences.left_out(self.preferences, self.people, actor, said) - now
        seen = self.people.factors[targets]
        self.corrections[actor, targets] = change[:, 0] + (change[:, 1:] * seen).sum(axis=1)


def make(name: Name, world: World, rng: np.random.Generator) -> Ranker:
    """Return a way of ranking, knowing nothing yet.

    Parameters
    ----------
    name : {"random", "likeness", "appeal_generosity", "learned", "oracle"}
        Which.
    world : World
        Whose people are ranked; only the oracle looks at what is hidden.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    Ranker
        To be asked and told in the order of time.

    Raises
    ------
    ValueError
        When the name is unknown.
    """
    if name not in NAMES:
        raise ValueError(f"There is no way of ranking called {name!r}.")
    if name == "random":
        return Random(len(world), rng)
    if name == "oracle":
        return Oracle(world)
    if name == "appeal_generosity":
        return AppealGenerosity(len(world))
    return Likeness(world.people) if name == "likeness" else Learned(world.people)


def _shrunk_logits(rows: NDArray[np.intp], liked: NDArray[np.bool_], n: int) -> Floats:
    n_likes, n_verdicts = np.bincount(rows, liked, n), np.bincount(rows, minlength=n)
    rates = (n_likes + SHRINKAGE * liked.mean()) / (n_verdicts + SHRINKAGE)
    return np.asarray(np.log(rates / (1 - rates)))
