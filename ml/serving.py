"""Ranking everybody for one viewer from flat arrays: both directed logits, the two-sided score, the best, and why.

``outgoing[a] @ incoming[b]`` is the logit of the probability that a likes b, so two matrix-vector products score
everybody. What comes after them is done block by block while the logits lie in the processor's cache, so that it adds
little to the time that the two matrices take to pass through memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.reciprocal import log_product

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.intp]
Rule = Literal["harmonic", "product"]

# Rows of which logits and scores are computed at a time: their scratch fits the cache of one core.
BLOCK = 1 << 13
# Blocks in which a smaller share may be shown are not read whole.
SPARSE = 0.4
# Rows among which only the largest score is looked at first when the best are sought.
GROUP = 256
# Scores that differ by less in single precision are compared again in double precision.
DOUBT = 1e-3


@dataclass(frozen=True)
class Corrections:
    """Rows whose logit towards the viewer is not what their vector says.

    Attributes
    ----------
    rows : ndarray of intp, shape (m,)
        Nobody twice.
    values : ndarray of float64, shape (m,)
        Added to the logit that this person likes the viewer.
    """

    rows: Indices
    values: Floats


NO_CORRECTIONS = Corrections(np.empty(0, dtype=np.intp), np.empty(0))


@dataclass(frozen=True)
class Ranking:
    """The best for one viewer, and what is known of everybody.

    Attributes
    ----------
    rows : ndarray of intp, shape (k,)
        The best, first the very best; equals in the order of their rows.
    scores : ndarray of float64, shape (k,)
        Their two-sided scores, less any discount.
    logit_out, logit_in : ndarray of float64, shape (k,)
        Logits of the probabilities that the viewer likes them, and that they like the viewer.
    all_scores : ndarray of float32, shape (n,)
        Scores of everybody; -inf for who may not be shown.
    all_logit_in : ndarray of float32, shape (n,)
        Logits of the probabilities that each likes the viewer; nan for who may not be shown.
    """

    rows: Indices
    scores: Floats
    logit_out: Floats
    logit_in: Floats
    all_scores: Singles
    all_logit_in: Singles

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Contributions:
    """What each block of columns adds to both logits of some people; the sum over blocks is the logit.

    Attributes
    ----------
    names : tuple of str
        Of the blocks.
    out, into : ndarray of float64, shape (n_people, n_blocks)
        Of the logit that the viewer likes them, and that they like the viewer.
    """

    names: tuple[str, ...]
    out: Floats
    into: Floats


def rank(
    outgoing: Singles,
    incoming: Singles,
    viewer: int,
    mask: NDArray[np.bool_],
    *,
    n: int = 24,
    rule: Rule = "harmonic",
    corrections: Corrections = NO_CORRECTIONS,
    discounts: Singles | None = None,
) -> Ranking:
    """Score everybody who may be shown to a viewer, and return the best.

    Parameters
    ----------
    outgoing, incoming : ndarray of float32, shape (n_people, d)
        Everybody as the one who chooses and as the one who is chosen; C-contiguous.
    viewer : int
        Row of the viewer.
    mask : ndarray of bool, shape (n_people,)
        Who may be shown.
    n : int
        How many of the best are wanted; fewer come back when fewer may be shown.
    rule : {"harmonic", "product"}
        How both logits become one score: :func:`two_sided`.
    corrections : Corrections
        For those whose vector knows more than the viewer may learn.
    discounts : ndarray of float32, shape (n_people,), optional
        Taken off everybody's score, such as prices of attention.

    Returns
    -------
    Ranking
        Of the best, exact: near the cut scores are computed again in double precision.

    Raises
    ------
    ValueError
        When the shapes do not fit, the rule is unknown, or the score of somebody who may be shown is not a number:
        nothing may be ranked by chance.

    Notes
    -----
    O(n d) for the n people who may be shown, memory 8 bytes a person beside the matrices and the mask. The float32
    logits of two people are within about ``d`` roundings of the exact ones; as long as that is less than `DOUBT` the
    best are those of exact arithmetic on the same vectors.

    Examples
    --------
    >>> outgoing = np.array([[1.0], [2.0], [0.0], [3.0]], dtype=np.float32)
    >>> found = rank(outgoing, np.ones_like(outgoing), viewer=0, mask=np.array([False, True, True, True]), n=2)
    >>> found.rows.tolist(), found.logit_out.tolist(), found.logit_in.tolist()
    ([3, 1], [1.0, 1.0], [3.0, 2.0])
    """
    if outgoing.shape != incoming.shape or mask.shape != outgoing.shape[:1]:
        raise ValueError(f"Shapes {outgoing.shape}, {incoming.shape} and {mask.shape} do not belong together.")
    if rule not in COMBINE:
        raise ValueError(f"There is no rule called {rule!r}.")
    scores, logit_in = _score(outgoing, incoming, viewer, mask, rule, corrections)
    if discounts is not None:
        scores -= discounts
    candidates = _near_the_best(scores, n)
    out, back = logits(outgoing, incoming, viewer, candidates, corrections)
    exact = two_sided(out, back, rule)
    if discounts is not None:
        exact -= discounts[candidates]
    scores[candidates] = exact
    best = np.argsort(-exact, kind="stable")[:n]
    return Ranking(candidates[best], exact[best], out[best], back[best], scores, logit_in)


def two_sided(logit_out: Floats, logit_in: Floats, rule: Rule = "harmonic") -> Floats:
    """Return one score for pairs from both logits, which orders them as :func:`ml.reciprocal.two_sided` does.

    Parameters
    ----------
    logit_out, logit_in : ndarray of shape (n,)
        Logits of the two directed probabilities.
    rule : {"harmonic", "product"}
        "harmonic" is the logit of their harmonic mean, "product" the logarithm of their product.

    Returns
    -------
    ndarray of float64, shape (n,)
        Where both sides are equal, "harmonic" is that logit itself. Either keeps apart what rounds to 1 as a
        probability.

    Notes
    -----
    The harmonic mean of the logistic of x and of y is ``h = 2 / (2 + exp(-x) + exp(-y))``, so
    ``log(h / (1 - h)) = log 2 - log(exp(-x) + exp(-y)) = min(x, y) - log((1 + exp(-|x - y|)) / 2)``. O(n).

    Examples
    --------
    >>> two_sided(np.array([50.0]), np.array([50.0])).tolist()
    [50.0]
    """
    if rule == "product":
        return log_product(logit_out, logit_in)
    apart = np.exp(-np.abs(logit_out - logit_in))
    return np.asarray(np.minimum(logit_out, logit_in) - np.log1p((apart - 1) / 2))


def logits(
    outgoing: Singles, incoming: Singles, viewer: int, rows: Indices, corrections: Corrections = NO_CORRECTIONS
) -> tuple[Floats, Floats]:
    """Return both directed logits between a viewer and some people, in double precision.

    Parameters
    ----------
    outgoing, incoming, viewer, corrections
        As for `rank`.
    rows : ndarray of intp, shape (m,)
        Whom to compare with the viewer.

    Returns
    -------
    logit_out, logit_in : ndarray of float64, shape (m,)
        Of the viewer towards them, and of them towards the viewer.
    """
    out = incoming[rows].astype(np.float64) @ outgoing[viewer].astype(np.float64)
    back = outgoing[rows].astype(np.float64) @ incoming[viewer].astype(np.float64)
    for row, value in zip(corrections.rows.tolist(), corrections.values.tolist(), strict=True):
        back[rows == row] += value
    return out, back


def columns(n_columns: int, n_factors: int) -> dict[str, slice]:
    """Return which columns of the vectors of :meth:`ml.preferences.Preferences.vectors` speak of what.

    Parameters
    ----------
    n_columns : int
        Width of the vectors.
    n_factors : int
        Factors that the preference model knows of a person; 0 where only likeness is known.

    Returns
    -------
    dict of str to slice
        "likeness"; "factors", for products, differences and the chooser's taste; "chooser", for how readily they like;
        and "chosen", for how well they are liked. Every column is in one of them.

    Raises
    ------
    ValueError
        When so many factors leave no column for likeness.

    Examples
    --------
    >>> columns(110, 16)["factors"]
    slice(92, 108, None)
    """
    if not n_factors:
        return {"likeness": slice(0, n_columns)}
    q = n_columns - n_factors - 2
    if q < 1:
        raise ValueError(f"Vectors of {n_columns} columns cannot hold likeness and {n_factors} factors.")
    return {
        "likeness": slice(0, q),
        "factors": slice(q, q + n_factors),
        "chooser": slice(q + n_factors, q + n_factors + 1),
        "chosen": slice(q + n_factors + 1, n_columns),
    }


def contributions(
    outgoing: Singles, incoming: Singles, viewer: int, rows: Indices, blocks: Mapping[str, slice]
) -> Contributions:
    """Return what each block of columns adds to both logits between a viewer and some people.

    Parameters
    ----------
    outgoing, incoming, viewer, rows
        As for `logits`.
    blocks : mapping of str to slice
        Columns that belong together, such as :func:`columns`; every column in one block for the sums to be the logits.

    Returns
    -------
    Contributions
        In the order of the blocks; without corrections.

    Examples
    --------
    >>> both = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    >>> contributions(both, both, 0, np.array([1]), {"one": slice(0, 1), "other": slice(1, 2)}).out.tolist()
    [[3.0, 8.0]]
    """
    out = incoming[rows].astype(np.float64) * outgoing[viewer].astype(np.float64)
    back = outgoing[rows].astype(np.float64) * incoming[viewer].astype(np.float64)
    return Contributions(
        names=tuple(blocks),
        out=np.stack([out[:, block].sum(axis=1) for block in blocks.values()], axis=1),
        into=np.stack([back[:, block].sum(axis=1) for block in blocks.values()], axis=1),
    )


def _score(
    outgoing: Singles,
    incoming: Singles,
    viewer: int,
    mask: NDArray[np.bool_],
    rule: Rule,
    corrections: Corrections,
) -> tuple[Singles, Singles]:
    # Return the score and the logit towards the viewer of everybody who may be shown; -inf and nan for the others.
    scores, logit_in = np.full(len(mask), -np.inf, dtype=np.float32), np.full(len(mask), np.nan, dtype=np.float32)
    mine_out, mine_in = outgoing[viewer], incoming[viewer]
    vectors = np.empty((int(SPARSE * BLOCK), outgoing.shape[1]), dtype=np.float32)
    products, scratch = np.empty((2, 2, BLOCK), dtype=np.float32)
    known = np.argsort(corrections.rows)
    known = known[mask[corrections.rows[known]]]
    rows, values = corrections.rows[known], corrections.values[known].astype(np.float32)
    for start in range(0, len(mask), BLOCK):
        part = slice(start, min(start + BLOCK, len(mask)))
        here = np.flatnonzero(mask[part])
        if not here.size:
            continue
        out = _products(incoming[part], mine_out, here, vectors, products[0])
        back = _products(outgoing[part], mine_in, here, vectors, products[1])
        first, last = np.searchsorted(rows, [part.start, part.stop])
        if last > first:
            back[np.searchsorted(here, rows[first:last] - start)] += values[first:last]
        logit_in[part][here] = back
        COMBINE[rule](out, back, scratch[:, : here.size])
        scores[part][here] = out
    return scores, logit_in


def _products(matrix: Singles, vector: Singles, here: Indices, vectors: Singles, products: Singles) -> Singles:
    # Return the products of some rows of a block with a vector; it may be a view of `products`.
    if len(here) < SPARSE * len(matrix):
        # What is not wanted is not read either.
        np.take(matrix, here, axis=0, out=vectors[: len(here)], mode="clip")
        return np.matmul(vectors[: len(here)], vector, out=products[: len(here)])
    found = np.matmul(matrix, vector, out=products[: len(matrix)])
    return found if len(here) == len(matrix) else found[here]


def _harmonic(out: Singles, back: Singles, scratch: Singles) -> None:
    # Put the logit of the harmonic mean of both probabilities where the logits `out` are, as `two_sided` explains.
    apart, _ = scratch
    np.subtract(out, back, out=apart)
    np.exp(np.negative(np.abs(apart, out=apart), out=apart), out=apart)
    apart += 1
    apart *= 0.5
    np.minimum(out, back, out=out)
    out -= np.log(apart, out=apart)


def _log_product(out: Singles, back: Singles, scratch: Singles) -> None:
    # Put the logarithm of the product of both probabilities where the logits `out` are.
    # log s(x) = min(x, 0) - log(1 + exp(-|x|)), and of the two exponentials a and b log((1 + a) (1 + b)) is one
    # logarithm of 1 + (a + b + a b), which overflows nowhere and keeps small differences of likely pairs.
    one, other = scratch
    np.exp(np.negative(np.abs(out, out=one), out=one), out=one)
    np.exp(np.negative(np.abs(back, out=other), out=other), out=other)
    np.minimum(out, 0, out=out)
    out -= np.log1p(one + other + one * other)
    out += np.minimum(back, 0, out=other)


COMBINE: Mapping[str, Callable[[Singles, Singles, Singles], None]] = {"harmonic": _harmonic, "product": _log_product}


def _near_the_best(scores: Singles, n: int) -> Indices:
    # Return, in the order of their rows, the n best of those who may be shown and whoever is not clearly behind them.
    if not n or not len(scores):
        return np.empty(0, dtype=np.intp)
    largest = np.maximum.reduceat(scores, np.arange(0, len(scores), GROUP))
    if np.isnan(largest).any():
        raise ValueError("A score is not a number.")
    # Of n groups the largest is at least the n-th largest of these, so there are n people at or above it.
    bound = np.partition(largest, -n)[-n] if len(largest) > n else -np.inf
    candidates = np.flatnonzero((scores >= bound - DOUBT) & (scores > -np.inf))
    if len(candidates) > n:
        cut = np.partition(scores[candidates], -n)[-n]
        candidates = candidates[scores[candidates] >= cut - DOUBT]
    return candidates
