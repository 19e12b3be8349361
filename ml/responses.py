"""Read the published survey file, judge answer sheets, and choose the rows that a model learns from."""

import io
import os
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.items import ITEMS, N_ITEMS

if TYPE_CHECKING:
    # Imported where it is used: it loads for a second, and processes that only serve read no file.
    import pandas as pd

HIGHEST_ANSWER = 5
ITEM_COLUMNS = tuple(item.code for item in ITEMS)
FACT_COLUMNS = ("age", "gender", "accuracy", "country", "source", "elapsed")

# What a row must not exceed or fall below to be learnt from; nobody is refused by these as a member.
MOST_MISSING = 16
FEWEST_SECONDS = 245
LONGEST_RUN = 15
LEAST_SPREAD = 0.5
ACCURACY_RANGE = (50, 100)
AGE_RANGE = (13, 100)
ADULT_AGE = 18

MISSING = "more than 16 answers missing"
REPEATED = "exact repeat of an earlier row"
FAST = "faster than 245 seconds"
RUN = "15 or more equal answers in a row"
FLAT = "answers hardly differ"
INACCURATE = "accuracy below 50 or above 100"
MINOR = "younger than 18"


@dataclass(frozen=True)
class Responses:
    """The published file as arrays, row by row as it was published.

    Attributes
    ----------
    answers : ndarray of int8, shape (n, 163)
        1 (strongly disagree) to 5 (strongly agree); 0 = missed.
    age, gender, accuracy, source, elapsed : ndarray of int64, shape (n,)
        As published, impossible values included; gender 1 male, 2 female, 3 other, 0 missed; elapsed in seconds.
    country : list of str, length n
        ISO codes; ``"NA"`` is Namibia, ``""`` is unknown.
    """

    answers: NDArray[np.int8]
    age: NDArray[np.int64]
    gender: NDArray[np.int64]
    accuracy: NDArray[np.int64]
    source: NDArray[np.int64]
    elapsed: NDArray[np.int64]
    country: list[str]

    def __len__(self) -> int:
        return len(self.answers)


def check_answers(answers: ArrayLike) -> NDArray[np.int8]:
    """Return answers as a matrix of int8, or say what is wrong with them.

    Parameters
    ----------
    answers : array_like, shape (n, 163)
        Whole numbers from 0 to 5; 0 = missed. Any numeric type.

    Returns
    -------
    ndarray of int8, shape (n, 163)
        The same values; the input itself when it already has this type.

    Raises
    ------
    ValueError
        When the shape is another, a value is NaN, not whole, or outside 0 to 5.

    Examples
    --------
    >>> check_answers([[7] * 163])
    Traceback (most recent call last):
    ...
    ValueError: Answers must be whole numbers from 0 (missed) to 5.
    """
    matrix = np.asarray(answers)
    if matrix.ndim != 2 or matrix.shape[1] != N_ITEMS:
        raise ValueError(f"Answers must be a matrix of {N_ITEMS} columns, not of shape {matrix.shape}.")
    if matrix.dtype.kind not in "iufb":
        raise ValueError("Answers must be numbers.")
    if matrix.dtype.kind == "f" and np.isnan(matrix).any():
        raise ValueError("Answers hold NaN; a missed answer is 0.")
    within = matrix.size == 0 or (matrix.min() >= 0 and matrix.max() <= HIGHEST_ANSWER)
    if not within or (matrix.dtype.kind == "f" and (matrix != np.round(matrix)).any()):
        raise ValueError("Answers must be whole numbers from 0 (missed) to 5.")
    return matrix.astype(np.int8, copy=False)


def read_published(source: str | os.PathLike[str] | IO[bytes]) -> Responses:
    r"""Read ``data.csv`` of the published 16PF dataset.

    Parameters
    ----------
    source : path or binary file
        The TAB-separated file itself, or a zip archive with one ``data.csv`` in it.

    Returns
    -------
    Responses
        Every row, in file order; nothing is dropped or corrected.

    Raises
    ------
    ValueError
        When the columns, the types or an answer's value are not those of the published file.

    Examples
    --------
    >>> header = "\t".join([*ITEM_COLUMNS, *FACT_COLUMNS])
    >>> row = "\t".join(["3"] * 163 + ["30", "2", "90", "NA", "6", "914"])
    >>> responses = read_published(io.BytesIO(f"{header}\r\n{row}\r\n".encode()))
    >>> len(responses), responses.country
    (1, ['NA'])
    """
    import pandas as pd

    try:
        # Countries are read as they stand: guessing at NA would make Namibia a missing value.
        table = pd.read_csv(_csv_of(source), sep="\t", dtype={"country": str}, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(f"The file cannot be read as the published dataset: {str(error).strip()}") from error
    return _as_responses(table)


def _csv_of(source: str | os.PathLike[str] | IO[bytes]) -> str | os.PathLike[str] | IO[bytes]:
    if not isinstance(source, str | os.PathLike) or not zipfile.is_zipfile(source):
        return source
    with zipfile.ZipFile(source) as archive:
        names = [name for name in archive.namelist() if name.rpartition("/")[2] == "data.csv"]
        if len(names) != 1:
            raise ValueError("The archive holds no single data.csv.")
        return io.BytesIO(archive.read(names[0]))


def _as_responses(table: "pd.DataFrame") -> Responses:
    if list(table.columns) != [*ITEM_COLUMNS, *FACT_COLUMNS]:
        raise ValueError("The columns are not those of the published file: 163 items, then " + ", ".join(FACT_COLUMNS))
    numbers = table.drop(columns="country")
    wrong = [str(name) for name, kind in numbers.dtypes.items() if kind.kind != "i"]
    if wrong and len(table):
        raise ValueError(f"Column {wrong[0]} holds something other than whole numbers of at most 64 bits.")
    facts = {name: table[name].to_numpy(dtype=np.int64, copy=True) for name in FACT_COLUMNS if name != "country"}
    answers = check_answers(table[list(ITEM_COLUMNS)].to_numpy(dtype=np.int64))
    return Responses(answers=answers, country=table["country"].tolist(), **facts)


def known_age(age: ArrayLike) -> NDArray[np.float64]:
    """Return ages in years with impossible ones as NaN.

    Parameters
    ----------
    age : array_like, shape (n,)
        Years as people gave them.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN below 13, which the survey did not admit, and above 100.

    Examples
    --------
    >>> known_age([17, 2147483647])
    array([17., nan])
    """
    years = np.asarray(age, dtype=np.float64)
    return np.where((years >= AGE_RANGE[0]) & (years <= AGE_RANGE[1]), years, np.nan)


def is_adult(age: ArrayLike) -> NDArray[np.bool_]:
    """Return which ages are known to be 18 or more.

    Parameters
    ----------
    age : array_like, shape (n,)
        Years as people gave them; impossible ages count as unknown.

    Returns
    -------
    ndarray of bool, shape (n,)
        False for minors and for unknown ages.

    Examples
    --------
    >>> is_adult([17, 18, 2147483647])
    array([False,  True, False])
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(known_age(age) >= ADULT_AGE)


def training_mask(
    answers: ArrayLike,
    *,
    age: ArrayLike | None = None,
    accuracy: ArrayLike | None = None,
    elapsed: ArrayLike | None = None,
    include_minors: bool = False,
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Choose the rows that a measurement model learns from: the one place of the cleaning rules.

    Rules are applied in a fixed order, and a row is counted under the first that it breaks. A row with an unknown age
    stays: it only cannot be a norm.

    Parameters
    ----------
    answers : array_like, shape (n, 163)
        0 = missed.
    age, accuracy, elapsed : array_like, shape (n,), optional
        Years, self-rated accuracy (0 to 100) and seconds; a rule whose column is not given is not applied.
    include_minors : bool, default False
        Whether people known to be under 18 are learnt from too.

    Returns
    -------
    mask : ndarray of bool, shape (n,)
        True for the rows to learn from.
    counts : dict of str to int
        Rows that each rule left out, in the order of the rules.

    Raises
    ------
    ValueError
        When answers are malformed or a column's length differs.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sheets = rng.integers(1, 6, size=(3, 163))
    >>> sheets[2, :20] = 0
    >>> mask, counts = training_mask(sheets, elapsed=[900, 100, 900])
    >>> mask.tolist(), {reason: number for reason, number in counts.items() if number}
    ([True, False, False], {'more than 16 answers missing': 1, 'faster than 245 seconds': 1})
    """
    matrix = check_answers(answers)
    columns = _columns(len(matrix), age=age, accuracy=accuracy, elapsed=elapsed)
    mask = np.ones(len(matrix), dtype=bool)
    counts = {}
    for reason, broken in _rules(matrix, columns, include_minors=include_minors):
        broken_now = broken(mask) & mask
        counts[reason] = int(broken_now.sum())
        mask &= ~broken_now
    return mask, counts


def _columns(n: int, **columns: ArrayLike | None) -> dict[str, NDArray[Any]]:
    given = {name: np.asarray(column) for name, column in columns.items() if column is not None}
    for name, column in given.items():
        if column.shape != (n,):
            raise ValueError(f"{name} must have one value a row: {n}, not {column.shape}.")
    return given


def _rules(
    answers: NDArray[np.int8], columns: dict[str, NDArray[Any]], *, include_minors: bool
) -> list[tuple[str, Any]]:
    # Each rule takes the rows that are left, because a repeat only counts against a row that is itself kept.
    rules: list[tuple[str, Any]] = [
        (MISSING, lambda left: (answers == 0).sum(axis=1) > MOST_MISSING),
        (REPEATED, lambda left: _repeats(answers, left)),
    ]
    if "elapsed" in columns:
        rules.append((FAST, lambda left: columns["elapsed"] < FEWEST_SECONDS))
    rules += [
        (RUN, lambda left: longest_runs(answers) >= LONGEST_RUN),
        (FLAT, lambda left: _spreads(answers) < LEAST_SPREAD),
    ]
    if "accuracy" in columns:
        low, high = ACCURACY_RANGE
        rules.append((INACCURATE, lambda left: (columns["accuracy"] < low) | (columns["accuracy"] > high)))
    if "age" in columns and not include_minors:
        rules.append((MINOR, lambda left: known_age(columns["age"]) < ADULT_AGE))
    return rules


def _repeats(answers: NDArray[np.int8], left: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import pandas as pd

    keys = pd.Series([row.tobytes() for row in answers[left]], dtype=object)
    repeats = np.zeros(len(answers), dtype=bool)
    repeats[left] = keys.duplicated().to_numpy(dtype=bool)
    return repeats


def _spreads(answers: NDArray[np.int8]) -> NDArray[np.float64]:
    answered = (answers > 0).sum(axis=1)
    n = np.maximum(answered, 1)
    total = answers.sum(axis=1, dtype=np.int64)
    squares = (answers * answers).sum(axis=1, dtype=np.int64)
    return np.asarray(np.sqrt(np.maximum(squares / n - (total / n) ** 2, 0)))


def longest_runs(answers: ArrayLike) -> NDArray[np.int64]:
    """Return each row's longest run of equal answers in item order; a missed answer ends a run.

    Parameters
    ----------
    answers : array_like, shape (n, m)
        0 = missed.

    Returns
    -------
    ndarray of int64, shape (n,)
        0 for a row without an answer.

    Examples
    --------
    >>> longest_runs([[1, 1, 0, 1, 2], [3, 3, 3, 3, 4]])
    array([2, 4])
    """
    matrix = np.asarray(answers)
    current = np.zeros(len(matrix), dtype=np.int64)
    longest = np.zeros(len(matrix), dtype=np.int64)
    previous = np.zeros(len(matrix), dtype=matrix.dtype)
    for column in matrix.T:
        current = np.where(column == 0, 0, np.where(column == previous, current + 1, 1))
        longest = np.maximum(longest, current)
        previous = column
    return longest


def quality_flags(answers: ArrayLike, seconds: float | None = None) -> tuple[str, ...]:
    """Name what is unusual about one answer sheet, so that a person can be told kindly; nobody is refused for it.

    Parameters
    ----------
    answers : array_like, shape (163,)
        0 = missed.
    seconds : float, optional
        Time spent on all answers; judged by the pace that the rule for full surveys sets.

    Returns
    -------
    tuple of str
        Of ``"straight-lining"``, ``"flat"``, ``"fast"``; empty for an ordinary sheet.

    Examples
    --------
    >>> quality_flags([3] * 163, seconds=60)
    ('straight-lining', 'flat', 'fast')
    >>> quality_flags([0] * 163)
    ()
    """
    sheet = check_answers(np.asarray(answers)[np.newaxis])
    n_answered = int((sheet > 0).sum())
    flags = []
    if longest_runs(sheet)[0] >= LONGEST_RUN:
        flags.append("straight-lining")
    if n_answered >= LONGEST_RUN and _spreads(sheet)[0] < LEAST_SPREAD:
        flags.append("flat")
    if seconds is not None and n_answered >= LONGEST_RUN and seconds < FEWEST_SECONDS * n_answered / N_ITEMS:
        flags.append("fast")
    return tuple(flags)
