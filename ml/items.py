"""The item bank: 163 public-domain items of Cattell's sixteen factors, their scales and their keyed directions."""

import csv
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Item:
    """One statement that people agree or disagree with.

    Attributes
    ----------
    code : str
        Scale letter and number, as in the published file: ``"A1"``.
    text : str
        The statement in English, without a full stop.
    scale : str
        Letter of its scale, A to P.
    keyed : int
        ``+1`` when agreeing speaks for the high end of the scale, ``-1`` when it speaks for the low end.
    """

    code: str
    text: str
    scale: str
    keyed: int


@dataclass(frozen=True)
class Scale:
    """One of the sixteen factors, in words that judge neither end.

    Attributes
    ----------
    letter : str
        A to P, as in the published file.
    cattell : str
        Cattell's own sign for the factor: A, B, C, E, ... Q4.
    name : str
        What the site calls it.
    low, high : str
        What people at either end are like.
    """

    letter: str
    cattell: str
    name: str
    low: str
    high: str


@dataclass(frozen=True)
class GlobalFactor:
    """One of the five second-order factors.

    Attributes
    ----------
    name : str
        What the site calls it.
    low, high : str
        What people at either end are like.
    pattern : tuple of (str, int)
        The scales that Cattell's theory expects on it, with the sign; it names the factor, it does not fix its weights.
    """

    name: str
    low: str
    high: str
    pattern: tuple[tuple[str, int], ...]


SCALES: tuple[Scale, ...] = (
    Scale("A", "A", "Warmth", "reserved, gives others room", "warm, attentive to others"),
    Scale("B", "B", "Reasoning", "modest about what they know", "quick to learn, fond of analysing"),
    Scale("C", "C", "Calm", "feels ups and downs strongly", "even-tempered, at ease"),
    Scale("D", "E", "Dominance", "accommodating, leaves the lead to others", "takes the lead, speaks plainly"),
    Scale("E", "F", "Liveliness", "serious, prefers small company", "playful, enjoys a crowd"),
    Scale("F", "G", "Duty", "unconventional, questions rules", "mindful of rules and tradition"),
    Scale("G", "H", "Boldness", "quiet at first, slow to approach", "at ease with new people"),
    Scale("H", "I", "Sensitivity", "matter-of-fact, unsentimental", "moved by stories, art and beauty"),
    Scale("I", "L", "Vigilance", "trusting, assumes good intentions", "watchful, trusts slowly"),
    Scale("J", "M", "Imagination", "practical, feet on the ground", "imaginative, often lost in thought"),
    Scale("K", "N", "Privateness", "open about themselves", "discreet, keeps thoughts private"),
    Scale("L", "O", "Apprehension", "self-assured, lets things go", "thinks of what may go wrong"),
    Scale("M", "Q1", "Openness", "likes the familiar and concrete", "curious about ideas and change"),
    Scale("N", "Q2", "Self-reliance", "likes to be part of a group", "happy alone, relies on themselves"),
    Scale("O", "Q3", "Order", "relaxed about disorder", "orderly, careful to the last detail"),
    Scale("P", "Q4", "Tension", "patient, hard to annoy", "driven, quickly stirred"),
)

GLOBAL_FACTORS: tuple[GlobalFactor, ...] = (
    GlobalFactor(
        "Extraversion",
        "turned inwards, at home in quiet",
        "turned outwards, at home among people",
        (("A", 1), ("E", 1), ("G", 1), ("K", -1), ("N", -1)),
    ),
    GlobalFactor(
        "Anxiety",
        "settled, hard to unsettle",
        "feels worry and strain keenly",
        (("C", -1), ("I", 1), ("L", 1), ("P", 1)),
    ),
    GlobalFactor(
        "Tough-mindedness",
        "receptive, drawn to ideas and feelings",
        "resolute, drawn to facts",
        (("A", -1), ("H", -1), ("J", -1), ("M", -1)),
    ),
    GlobalFactor(
        "Independence",
        "agreeable, adapts to others",
        "goes their own way, speaks up",
        (("D", 1), ("G", 1), ("I", 1), ("M", 1)),
    ),
    GlobalFactor(
        "Self-control",
        "spontaneous, follows the moment",
        "disciplined, follows through",
        (("E", -1), ("F", 1), ("J", -1), ("O", 1)),
    ),
)

GLOBALS: tuple[str, ...] = tuple(factor.name for factor in GLOBAL_FACTORS)


def _read_items() -> tuple[Item, ...]:
    with resources.files("ml").joinpath("items.csv").open("r", encoding="utf-8") as file:
        return tuple(
            Item(code=row["code"], text=row["text"], scale=row["scale"], keyed=int(row["keyed"]))
            for row in csv.DictReader(file)
        )


ITEMS: tuple[Item, ...] = _read_items()
N_ITEMS = len(ITEMS)
N_SCALES = len(SCALES)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


_LETTERS = [scale.letter for scale in SCALES]
KEYED: NDArray[np.int8] = _read_only(np.array([item.keyed for item in ITEMS], dtype=np.int8))
SCALE_OF: NDArray[np.int64] = _read_only(np.array([_LETTERS.index(item.scale) for item in ITEMS], dtype=np.int64))


def scoring_weights() -> NDArray[np.float64]:
    """Return the matrix that averages each scale's items in their keyed direction.

    Returns
    -------
    ndarray of float64, shape (16, 163)
        Row s holds ``keyed / n`` at the n items of scale s and 0 elsewhere; each row's absolute values add up to 1.

    Examples
    --------
    >>> weights = scoring_weights()
    >>> weights.shape
    (16, 163)
    >>> [float(round(weight, 2)) for weight in weights[0, [0, 6, 7, 10]]]
    [0.1, 0.1, -0.1, 0.0]
    """
    weights = np.zeros((N_SCALES, N_ITEMS))
    weights[SCALE_OF, np.arange(N_ITEMS)] = KEYED
    return np.asarray(weights / np.abs(weights).sum(axis=1, keepdims=True))
