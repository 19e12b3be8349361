"""The whole loop on a world whose truth is known: show twelve, hear what people say, learn from it, show better."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ml import exposure, rankers, reciprocal, slots
from ml.preferences import Verdicts
from ml.rankers import Ranker
from ml.worlds import JUDGES, World

Floats = NDArray[np.float64]

# A conversation keeps one place of each side's room for so many days after its last message.
CONVERSATION_KEEPS = 14.0
CONVERSATION_LASTS = 5.0
# Logits that a match becomes a conversation, and that one side then says "again, yes": both rise with what they feel.
TALKS, TALKS_SLOPE = 0.0, 0.5
AGAIN, AGAIN_SLOPE = 0.0, 1.0
# Days over which it is counted how often people open lists, and what is assumed of who is new, for as many days.
OPENINGS_OVER, OPENINGS_PRIOR, PRIOR_DAYS = 14.0, 0.3, 2.0


@dataclass(frozen=True)
class Arm:
    """One way of running the site.

    Attributes
    ----------
    ranker : str
        How likely people are to like each other (:mod:`ml.rankers`).
    rule : str
        How both sides become one score (:func:`ml.reciprocal.two_sided`).
    balanced : bool
        Whether prices and lifting are in force (:mod:`ml.exposure`).
    weights : (float, float, float)
        Of a verdict, of a like that became a conversation, and of one that was followed by "again, yes".
    """

    ranker: rankers.Name
    rule: reciprocal.Rule = "product"
    balanced: bool = False
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)


# What is compared: ways of ranking with and without exposure control, two-sided rules, and weights of labels.
POLICIES = {
    "random": Arm("random"),
    "likeness": Arm("likeness"),
    "appeal_generosity": Arm("appeal_generosity"),
    "learned_unbalanced": Arm("learned"),
    "learned": Arm("learned", balanced=True),
    "oracle_unbalanced": Arm("oracle"),
    "oracle": Arm("oracle", balanced=True),
}
RULES = {
    "product": Arm("learned", rule="product", balanced=True),
    "harmonic": Arm("learned", rule="harmonic", balanced=True),
    "minimum": Arm("learned", rule="minimum", balanced=True),
    "arithmetic": Arm("learned", rule="arithmetic", balanced=True),
}
LABELS = {
    "1-1-1": Arm("learned", balanced=True),
    "1-2-4": Arm("learned", balanced=True, weights=(1.0, 2.0, 4.0)),
}


@dataclass(frozen=True)
class Shown:
    """All impressions of a run in the order of time, m of them, one value each.

    Attributes
    ----------
    days : ndarray of float64
        When.
    viewers, people : ndarray of int
        Who was shown whom.
    explored, boosted : ndarray of bool
        Whether chance, or lifting, put the person there.
    score_out : ndarray of float64
        Logit of the viewer's side as the ranking saw it.
    mutual : ndarray of float64
        True probability that both like each other.
    judged, liked : ndarray of bool
        Whether the viewer said something, and whether it was a like.
    """

    days: Floats
    viewers: NDArray[np.intp]
    people: NDArray[np.intp]
    explored: NDArray[np.bool_]
    boosted: NDArray[np.bool_]
    score_out: Floats
    mutual: Floats
    judged: NDArray[np.bool_]
    liked: NDArray[np.bool_]


@dataclass(frozen=True)
class Run:
    """What happened under one arm.

    Attributes
    ----------
    shown : Shown
        Every impression.
    match_days : ndarray of float64, shape (n_matches,)
        When each mutual like came about.
    n_conversations, n_again : int
        Matches that became conversations, and sides that said "again, yes".
    longest_wait : ndarray of float64, shape (n,)
        The longest time that each person, active and with room, was not shown; of who waits still, until the end.
    first_wait : ndarray of float64, shape (n,)
        Days from joining to being shown; infinite for who never was.
    joined : ndarray of float64, shape (n,)
        Day on which each joined.
    n_days : int
        Length of the run.
    """

    shown: Shown
    match_days: Floats
    n_conversations: int
    n_again: int
    longest_wait: Floats
    first_wait: Floats
    joined: Floats
    n_days: int


def run(world: World, arm: Arm, days: int, seed: int) -> Run:
    """Run the site for some days.

    Parameters
    ----------
    world : World
        Its people and what they hide.
    arm : Arm
        How they are shown to each other.
    days : int
        At least 1.
    seed : int
        Of who comes by when, who judges and who talks: the same for every arm.

    Returns
    -------
    Run
        The same for the same arguments.

    Raises
    ------
    ValueError
        When there is no day to run.

    Notes
    -----
    O(n d) for each list and one fit for each day.
    """
    if days < 1:
        raise ValueError(f"A simulation takes one day or more, not {days}.")
    coming, chance = (np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(2))
    site = _Site(world, arm, rankers.make(arm.ranker, world, chance), chance)
    for day in range(days):
        moments = day + coming.random(len(world))
        comes = (coming.random(len(world)) < world.comes_by) & (world.joined <= moments)
        site.begin_day(day)
        for viewer in np.flatnonzero(comes)[np.argsort(moments[comes])]:
            site.open_list(int(viewer), float(moments[viewer]))
        site.end_day(day)
    return site.finish(days)


class _Site:
    """Everything that a site remembers while it runs."""

    def __init__(self, world: World, arm: Arm, ranker: Ranker, rng: np.random.Generator) -> None:
        n = len(world)
        self.world, self.arm, self.ranker, self.rng = world, arm, ranker, rng
        # What actors said of targets: 0 nothing, 1 pass, 2 like, 3 a conversation came of it, 4 "again, yes".
        self.said = np.zeros((n, n), dtype=np.int8)
        self.prices, self.n_shown, self.shown_today = np.zeros(n), np.zeros(n), np.zeros(n)
        self.since, self.longest = world.joined.copy(), np.zeros(n)
        self.first = np.full(n, np.inf)
        self.n_talks = np.zeros(n, dtype=np.int64)
        self.talks: list[tuple[float, int, int]] = []
        self.opened, self.lists_a_day = np.zeros(n), np.full(n, np.inf)
        self.rows: list[Shown] = []
        self.matches: list[float] = []
        self.feelings = self.truth = np.empty((n, n))

    def begin_day(self, day: int) -> None:
        """Look up what people feel today, and who hopes for how many lists."""
        self.feelings = self.world.logits(day).astype(np.float64)
        self.truth = reciprocal.directed(self.feelings)
        # How many lists are opened by those who admit each person and have not judged them.
        self.lists_a_day = self._lists_a_day(day) @ (self.world.admits & (self.said == 0))

    def _lists_a_day(self, day: float) -> Floats:
        # How many lists each person opens, from what they did of late; nobody knows it of who is new.
        present = np.clip(day - self.world.joined, 0, OPENINGS_OVER)
        rates = (self.opened + OPENINGS_PRIOR * PRIOR_DAYS) / (present + PRIOR_DAYS)
        return np.where(self.world.joined <= day, rates, 0.0)

    def open_list(self, viewer: int, time: float) -> None:
        """Show one person a new list, and hear what they say of it."""
        self._end_talks(time)
        self.opened[viewer] += 1
        admitted = self.world.admits[viewer] & (self.said[viewer] == 0) & (self.world.joined <= time)
        others = np.flatnonzero(admitted & (self.n_talks < self.world.room))
        if not others.size:
            return
        out, back = (side[others] for side in self.ranker.logits(viewer, time))
        scores = _score(out, back, self.arm.rule, are_chances=self.ranker.gives_chances)
        lifted: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        if self.arm.balanced:
            scores = exposure.after_prices(scores, self.prices[others])
            waited = time - self.since[others]
            lifted = exposure.lifted(scores, waited, self.n_shown[others], self.lists_a_day[others])
        chosen = slots.choose(scores, self.rng, lifted=lifted)
        self._show(viewer, others[chosen.people], chosen, out[chosen.people], time)

    def _show(self, viewer: int, people: NDArray[np.intp], chosen: slots.Slots, out: Floats, time: float) -> None:
        waits = time - self.since[people]
        self.longest[people] = np.maximum(self.longest[people], waits)
        self.first[people] = np.minimum(self.first[people], time - self.world.joined[people])
        self.since[people] = time
        self.n_shown[people] += 1
        self.shown_today[people] += 1
        likes = self.world.draws[viewer, people] < self.truth[viewer, people]
        judged = self.rng.random(len(people)) < JUDGES
        mutual = self.truth[viewer, people] * self.truth[people, viewer]
        explored = np.array([policy is slots.Policy.EXPLORED for policy in chosen.policies])
        boosted = np.array([policy is slots.Policy.BOOSTED for policy in chosen.policies])
        moments, viewers = np.full(len(people), time), np.full(len(people), viewer)
        liked = likes & judged
        self.rows.append(Shown(moments, viewers, people, explored, boosted, out, mutual, judged, liked))
        self._hear(viewer, people[judged], likes[judged], time)

    def _hear(self, viewer: int, people: NDArray[np.intp], likes: NDArray[np.bool_], time: float) -> None:
        if not people.size:
            return
        self.said[viewer, people] = 1 + likes
        for person in people[likes & (self.said[people, viewer] == 2)].tolist():
            self._match(viewer, person, time)
        self.ranker.judged(viewer, self._verdicts(viewer))

    def _match(self, one: int, other: int, time: float) -> None:
        """Make a match; whether more comes of it depends on how much the two feel."""
        self.matches.append(time)
        feelings = self.feelings[[one, other], [other, one]]
        chances = self.rng.random(3)
        if chances[0] >= reciprocal.directed(TALKS + TALKS_SLOPE * feelings.mean()):
            return
        again = chances[1:] < reciprocal.directed(AGAIN + AGAIN_SLOPE * feelings)
        self.said[one, other], self.said[other, one] = 3 + again
        self.n_talks[[one, other]] += 1
        self.talks.append((time + self.rng.exponential(CONVERSATION_LASTS) + CONVERSATION_KEEPS, one, other))
        full = [person for person in (one, other) if self.n_talks[person] == self.world.room[person]]
        self.longest[full] = np.maximum(self.longest[full], time - self.since[full])

    def _end_talks(self, time: float) -> None:
        ended = [talk for talk in self.talks if talk[0] <= time]
        if not ended:
            return
        self.talks = [talk for talk in self.talks if talk[0] > time]
        for moment, *two in ended:
            for person in two:
                # Who gets room again begins to wait anew.
                if self.n_talks[person] >= self.world.room[person]:
                    self.since[person] = moment
                self.n_talks[person] -= 1

    def _verdicts(self, actor: int | None = None) -> Verdicts:
        # All that has been said, or all that one person said, with the weights of this arm.
        rows = self.said if actor is None else self.said[[actor]]
        actors, targets = np.nonzero(rows)
        said = rows[actors, targets]
        weights = np.array([0.0, 1.0, *self.arm.weights])[said]
        return Verdicts(actors if actor is None else np.full(len(targets), actor), targets, said > 1, weights)

    def end_day(self, day: int) -> None:
        """Learn from everything, and make new prices."""
        self.opened *= 1 - 1 / OPENINGS_OVER
        present = (self.world.joined <= day) & (self.n_talks < self.world.room)
        shown = np.where(present, self.shown_today, np.nan)
        self.prices = exposure.prices(self.prices, shown, self._lists_a_day(day + 1))
        self.shown_today[:] = 0
        self.ranker.learn(self._verdicts())

    def finish(self, days: int) -> Run:
        """Return what happened.

        Returns
        -------
        Run
            With every wait that had not ended.
        """
        waiting = (self.world.joined < days) & (self.n_talks < self.world.room)
        longest = np.where(waiting, np.maximum(self.longest, days - self.since), self.longest)
        return Run(
            _together(self.rows),
            np.array(self.matches),
            n_conversations=int(np.triu((self.said > 2) & (self.said > 2).T).sum()),
            n_again=int((self.said == 4).sum()),
            longest_wait=longest,
            first_wait=self.first,
            joined=self.world.joined,
            n_days=days,
        )


def _together(rows: list[Shown]) -> Shown:
    # The impressions of all lists, one after the other; of no list at all, empty arrays of the right kind.
    none = np.empty(0)
    nobody, nothing = none.astype(np.intp), none.astype(bool)
    empty = Shown(none, nobody, nobody, nothing, nothing, none, none, nothing, nothing)
    names = [field.name for field in fields(Shown)]
    return Shown(*(np.concatenate([getattr(row, name) for row in (empty, *rows)]) for name in names))


def _score(out: Floats, back: Floats, rule: reciprocal.Rule, *, are_chances: bool) -> Floats:
    # Likeness is no probability: as one it would round to 0 for nearly everybody.
    if not are_chances:
        return reciprocal.log_product(out, back)
    return reciprocal.two_sided(reciprocal.directed(out), reciprocal.directed(back), rule)
