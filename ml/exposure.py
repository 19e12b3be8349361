"""Nobody is shown far more than their share, and nobody waits too long to be shown: prices, and who is lifted.

Two means, for two aims.

**Prices** spread attention. Everybody has a price that is taken off their score before people are ranked. It rises for
who was shown more than their share of late and falls again for who was not: the prices are the multipliers of "nobody
more than their share", found online by subgradient steps. A list costs one subtraction a person.

**Lifting** keeps a promise: every member who is active, has room and is admitted by the rules of some active member is
shown within seven days. A person *presses* once five days have passed since they were last shown, or earlier when those
who admit them open lists so rarely that few more are expected before the seventh day ends. Whoever presses is lifted
into every new list in which they may be shown, the longest wait first, up to all slots but the explored one.

*Guarantee.* Let p press, and let v, whose rules and p's rules admit each other and who has not judged p, open k new
lists of `size` slots before p's seventh day ends. If fewer than ``k (size - 1)`` others whom v may be shown have waited
at least as long as p, then p is shown in time.

*Proof.* In each of the k lists either p is lifted, or `size` - 1 others are who have waited at least as long. Who is
shown begins to wait anew, behind p, and so does who becomes active or gets room again; so the number of those ahead of
p falls by `size` - 1 with each list that lacks p and never rises. After k - 1 lists without p fewer than `size` - 1 are
ahead, and p is in the k-th. []

*Conditions, in words.* Somebody who admits p and has not judged p comes by and opens a new list on the sixth or seventh
day (before, when such openings are rare and it is known how rare), and is not the only hope of more people than their
lists have slots. Waiting counts only while p is active and has room: it starts again from 0 when p comes back. No rule
of serving can do without these: who is admitted by nobody, or by nobody who comes, cannot be shown.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.slots import SIZE

Floats = NDArray[np.float64]

# Days within which everyone who can be shown is shown.
PROMISED = 7.0
# Days without being shown from which a person is lifted into every list that they may be in.
PRESSING_AFTER = 5.0
# Earlier, when no more than so many of these lists are expected before the promise ends: one in 50 would see none.
FEW_LISTS = 4.0
# Days from which a person may be lifted where they fit best.
DUE_AFTER = 3.0
# Impressions up to which a newcomer is lifted where they fit best, without having waited.
START = 6

# How many times the mean a person may be shown before their price rises; so much of that is the same for everybody, and
# the rest goes by the lists they open: a like can only be returned by somebody who comes by.
SHARE, EVEN = 1.1, 0.7
# What a day at one mean above that share adds to a price, in units of the scores' spread.
STEP = 0.35
HIGHEST_PRICE = 4.0


def prices(
    previous: ArrayLike, shown: ArrayLike, opened: ArrayLike | None = None, *, days: float = 1.0, share: float = SHARE
) -> Floats:
    """Return what is to be taken off everybody's score from now on, from how often they were shown since.

    Parameters
    ----------
    previous : array_like, shape (n,)
        Prices so far; 0 for newcomers.
    shown : array_like, shape (n,)
        Impressions of each person in the time since those prices were made; nan for who was not to be shown (paused,
        without room), whose price falls as if shown half their share and who does not count for the mean.
    opened : array_like, shape (n,), optional
        Lists that each person opened of late, in any unit; without it everybody has the same share.
    days : float
        How long that time was, above 0.
    share : float
        How many times the mean a person who opens lists as the mean does may be shown at price 0.

    Returns
    -------
    ndarray of float64, shape (n,)
        Between 0 and `HIGHEST_PRICE`, to be taken off scores by :func:`after_prices`.

    Raises
    ------
    ValueError
        When shapes differ, a number is negative or infinite, or no time has passed.

    Notes
    -----
    ``price <- max(0, price + STEP days (shown / mean - own share))`` with ``own share = share (EVEN + (1 - EVEN) opened
    / mean)``: a projected subgradient step on the dual of "as many mutual likes as can be, nobody shown more than their
    share". A price is 0 for whoever is shown less, so that those for whom little speaks are not pushed up; only the
    excess of the most shown is spread. O(n).

    Examples
    --------
    >>> prices([0.0, 0.0, 1.0], [6.0, 0.0, 0.0]).round(3).tolist()
    [0.665, 0.0, 0.615]
    """
    before, counts = _numbers(previous), _numbers(shown)
    lists = np.ones_like(counts) if opened is None else _numbers(opened)
    if not before.shape == counts.shape == lists.shape:
        raise ValueError(f"{before.shape} prices, {counts.shape} counts and {lists.shape} lists are not of one crowd.")
    if not days > 0:
        raise ValueError(f"No prices can be made after {days} days.")
    if np.isnan(before).any() or np.isnan(lists).any():
        raise ValueError("A price or a number of lists is not a number.")
    is_known = ~np.isnan(counts)
    own_share = share * (EVEN + (1 - EVEN) * _relative(lists, is_known))
    excess = np.where(is_known, _relative(counts, is_known), own_share / 2) - own_share
    if not counts[is_known].sum() > 0:
        excess[is_known] = 0.0
    return np.clip(before + STEP * days * excess, 0.0, HIGHEST_PRICE)


def _numbers(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if np.isinf(numbers).any() or (numbers < 0).any():
        raise ValueError("Prices and counts are finite and not negative.")
    return numbers


def _relative(counts: Floats, among: NDArray[np.bool_]) -> Floats:
    # Counts over their mean among some; 1 for all where there is nothing to count.
    mean = counts[among].mean() if among.any() else 0.0
    return counts / mean if mean > 0 else np.ones_like(counts)


def after_prices(scores: ArrayLike, prices: ArrayLike) -> Floats:
    """Return what people are ranked by: their scores less their prices, in units of the scores' own spread.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Of everybody who may be shown in a list. Where they are probabilities of a mutual like, take them as they are
        and not their logarithms: whoever is hard to get is then left to those who have a real chance.
    prices : array_like, shape (n,)
        Theirs, from :func:`prices`.

    Returns
    -------
    ndarray of float64, shape (n,)
        The unit makes a price mean the same for likeness, which is spread over a hundred, and for probabilities.

    Notes
    -----
    O(n).

    Examples
    --------
    >>> after_prices([1.0, -1.0], [0.5, 0.0]).tolist()
    [0.5, -1.0]
    """
    values = np.asarray(scores, dtype=np.float64)
    return values - np.asarray(prices, dtype=np.float64) * (values.std() if values.size else 0.0)


def is_pressing(waited: ArrayLike, lists_a_day: ArrayLike | None = None) -> NDArray[np.bool_]:
    """Return who must be lifted into the next list that may hold them.

    Parameters
    ----------
    waited : array_like, shape (n,)
        Days since each person was last shown; since they became active, or got room again, when that is later.
    lists_a_day : array_like, shape (n,), optional
        New lists that those who admit each person open in a day, all together. Without it they are taken to be many.

    Returns
    -------
    ndarray of bool, shape (n,)
        True from five days on, and where at most `FEW_LISTS` are expected in what is left of the seven days.

    Examples
    --------
    >>> is_pressing([5.0, 1.0, 1.0], [100.0, 100.0, 0.5]).tolist()
    [True, False, True]
    """
    time = np.asarray(waited, dtype=np.float64)
    pressing = time >= PRESSING_AFTER
    if lists_a_day is None:
        return pressing
    return pressing | (np.asarray(lists_a_day) * (PROMISED - time) <= FEW_LISTS)


def lifted(
    scores: ArrayLike,
    waited: ArrayLike,
    n_shown: ArrayLike,
    lists_a_day: ArrayLike | None = None,
    *,
    size: int = SIZE,
) -> NDArray[np.intp]:
    """Return who of those who may be shown is lifted into a new list, whatever their score.

    Everybody who presses, the longest wait first. When nobody does, the one whom the score likes best of those who
    have waited three days or are new: so that most waits end where there is hope, and few have to press.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Of everybody who may be shown in this list; higher is better.
    waited : array_like, shape (n,)
        Days since each was last shown (see :func:`is_pressing`).
    n_shown : array_like, shape (n,)
        How often each was ever shown.
    lists_a_day : array_like, shape (n,), optional
        See :func:`is_pressing`.
    size : int
        Slots of a list; one of them explores.

    Returns
    -------
    ndarray of int, shape (at most size - 1,)
        Indices, to be given to :func:`ml.slots.choose`.

    Raises
    ------
    ValueError
        When shapes differ or somebody's wait is no number: a promise needs to know.

    Notes
    -----
    O(n). See the guarantee above.

    Examples
    --------
    >>> lifted(scores=[3.0, 2.0, 1.0, 0.0], waited=[0.1, 0.1, 6.0, 6.5], n_shown=[9, 9, 9, 9]).tolist()
    [3, 2]
    >>> lifted(scores=[3.0, 2.0, 1.0, 0.0], waited=[0.1, 0.1, 0.1, 0.1], n_shown=[9, 9, 2, 2]).tolist()
    [2]
    """
    score, time, count = np.asarray(scores, dtype=np.float64), np.asarray(waited, dtype=np.float64), np.asarray(n_shown)
    if not score.shape == time.shape == count.shape:
        raise ValueError(f"{score.shape} scores, {time.shape} waits and {count.shape} counts differ.")
    if np.isnan(time).any():
        raise ValueError("Somebody's wait is not a number.")
    pressing = np.flatnonzero(is_pressing(time, lists_a_day))
    if pressing.size:
        return pressing[np.argsort(-time[pressing], kind="stable")][: size - 1]
    due = np.flatnonzero((time >= DUE_AFTER) | (count < START))
    return due[[np.argmax(score[due])]][: size - 1] if due.size else due
