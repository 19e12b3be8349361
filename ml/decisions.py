"""Real decisions from two files: people with what is known of them, and who said yes to whom."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.preference_model import Floats, Indices, People

CATEGORY = "cat:"
# Numbers farther out than this many standard deviations say no more than this.
FARTHEST = 4.0
# What a category or a gap in the data weighs beside a number of one standard deviation. Categories are not divided by
# their own spread: one person in a hundred would otherwise lie ten standard deviations away from everybody.
CATEGORY_WEIGHT = 2.0
MOST_NAMED = 5


class DecisionsError(ValueError):
    """A file cannot be used; the message says where it goes wrong and what to do."""


@dataclass(frozen=True)
class Decisions:
    """People and what they said of each other, ready for the preference model.

    Attributes
    ----------
    people : People
        n people: factors made of their columns, and likeness as minus half their squared distance by factor.
    groups : ndarray of intp, shape (n,)
        Codes of the groups that people belong to, such as the evening on which they met; one each without groups.
    has_groups : bool
        Whether the file named groups.
    actors, targets : ndarray of intp, shape (m,)
        Rows of people.
    liked, is_test : ndarray of bool, shape (m,)
    notes : tuple of str
        What was left out or put right on the way, a sentence each.
    """

    people: People
    groups: Indices
    has_groups: bool
    actors: Indices
    targets: Indices
    liked: NDArray[np.bool_]
    is_test: NDArray[np.bool_]
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.actors)


def read(people: Path, decisions: Path) -> Decisions:
    """Read both files and check them.

    Parameters
    ----------
    people : Path
        Comma-separated, UTF-8: ``id``, optionally ``group``, then columns of numbers (empty = missing), or of
        categories where the name begins with ``cat:``.
    decisions : Path
        ``actor_id``, ``target_id``, ``liked`` (0 or 1), ``split`` (train or test), optionally ``time``.

    Returns
    -------
    Decisions
        Of a pair that was judged several times in one direction the last decision, by time or else by row.

    Raises
    ------
    DecisionsError
        When a file is missing or empty, a column is missing, or a cell cannot be understood.
    """
    ids, groups, columns, categories = _people(people)
    factors, notes = factors_of(columns, categories)
    rows = {person: row for row, person in enumerate(ids)}
    actors, targets, liked, is_test, more = _decisions(decisions, rows)
    has_groups = any(groups)
    # Who has no group is a group of their own.
    named = [group or f"\0{row}" for row, group in enumerate(groups)]
    _, codes = np.unique(np.array(named, dtype=str), return_inverse=True)
    return Decisions(
        people_of(factors), codes.astype(np.intp), has_groups, actors, targets, liked, is_test, (*notes, *more)
    )


def people_of(factors: Floats) -> People:
    """Return people of whom nothing is known but their factors.

    Parameters
    ----------
    factors : ndarray, shape (n, k)
        Standardised.

    Returns
    -------
    People
        Their likeness is minus half the squared distance, divided by k: an inner product of augmented vectors.
    """
    scaled = factors / np.sqrt(max(1, factors.shape[1]))
    own, one = -(scaled**2).sum(axis=1, keepdims=True) / 2, np.ones((len(scaled), 1))
    parts = (factors, np.hstack([scaled, own, one]), np.hstack([scaled, one, own]))
    return People(*(part.astype(np.float32) for part in parts))


def factors_of(
    columns: Mapping[str, Floats], categories: Mapping[str, Sequence[str]]
) -> tuple[Floats, tuple[str, ...]]:
    """Return columns of numbers and of categories as factors.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (n,)
        Numbers; nan = missing.
    categories : mapping of str to sequence of str
        One value a person; empty = missing, which is a category too.

    Returns
    -------
    factors : ndarray of float64, shape (n, k)
        Numbers standardised and cut at 4 standard deviations, what is missing at the mean; an indicator for each
        pattern of gaps; an indicator for each category. Indicators have mean 0 and are not divided by their spread.
    notes : tuple of str
        Which columns say nothing because they are constant.
    """
    factors: list[Floats] = []
    constant: list[str] = []
    gaps: dict[bytes, Floats] = {}
    for name, values in columns.items():
        is_missing = np.isnan(values)
        known = values[~is_missing]
        if not known.size or known.std() == 0:
            constant.append(name)
        else:
            standardised = (values - known.mean()) / known.std()
            factors.append(np.clip(np.where(is_missing, 0.0, standardised), -FARTHEST, FARTHEST))
        if 0 < is_missing.sum() < len(values):
            gaps[is_missing.tobytes()] = is_missing.astype(np.float64)
    indicators = list(gaps.values())
    for name, texts in categories.items():
        found = np.unique(np.array(texts, dtype=str))
        if len(found) < 2:
            constant.append(name)
            continue
        # Of two categories one indicator says all.
        indicators += [
            (np.array(texts) == value).astype(np.float64) for value in (found if len(found) > 2 else found[:1])
        ]
    factors += [CATEGORY_WEIGHT * (indicator - indicator.mean()) for indicator in indicators]
    notes = (f"Constant columns say nothing and are left out: {_named(constant)}.",) if constant else ()
    n = len(next(iter([*columns.values(), *categories.values()]), ()))
    # Without any factor everybody is the same.
    return (np.column_stack(factors) if factors else np.zeros((n, 1))), notes


def _people(path: Path) -> tuple[list[str], list[str], dict[str, Floats], dict[str, list[str]]]:
    header, rows = _table(path, ("id",))
    names = [name for name in header if name not in {"id", "group"}]
    ids = [row["id"] for row in rows]
    for line, person in enumerate(ids, start=2):
        if not person:
            raise DecisionsError(f"{path.name}, line {line}: the id is empty; give everybody one.")
    if len(set(ids)) < len(ids):
        twice = next(line for line, person in enumerate(ids, start=2) if person in ids[: line - 2])
        raise DecisionsError(f"{path.name}, line {twice}: this id occurs a second time; give everybody one row.")
    categories = {name: [row[name] for row in rows] for name in names if name.startswith(CATEGORY)}
    columns = {name: _numbers(path, name, rows) for name in names if not name.startswith(CATEGORY)}
    return ids, [row.get("group", "") for row in rows], columns, categories


def _numbers(path: Path, name: str, rows: Sequence[Mapping[str, str]]) -> Floats:
    values = np.full(len(rows), np.nan)
    for index, row in enumerate(rows):
        if row[name]:
            values[index] = _number(row[name])
            if not np.isfinite(values[index]):
                raise DecisionsError(
                    f"{path.name}, line {index + 2}: column {name!r} holds no finite number there; leave the cell empty"
                    f" where it is missing, or name the column {CATEGORY}{name}."
                )
    return values


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _decisions(
    path: Path, rows: Mapping[str, int]
) -> tuple[Indices, Indices, NDArray[np.bool_], NDArray[np.bool_], list[str]]:
    _, found = _table(path, ("actor_id", "target_id", "liked", "split"))
    times = _times(path, found)
    last: dict[tuple[int, int], tuple[float, int, bool, bool]] = {}
    n_contradicting = 0
    for index, row in enumerate(found):
        pair, liked, is_tested = _decision(path, index + 2, row, rows)
        former = last.get(pair)
        if former is not None:
            n_contradicting += former[2] != liked
            if (former[0], former[1]) > (times[index], index):
                continue
        last[pair] = times[index], index, liked, is_tested
    notes = []
    if n_repeated := len(found) - len(last):
        notes.append(
            f"{n_repeated} decisions were followed by another on the same person, {n_contradicting} of them by the"
            " opposite; the last one counts."
        )
    pairs = np.array(list(last), dtype=np.intp).reshape(-1, 2)
    kept = list(last.values())
    said, is_test = (np.array([decision[place] for decision in kept], dtype=bool) for place in (2, 3))
    return pairs[:, 0], pairs[:, 1], said, is_test, notes


def _decision(
    path: Path, line: int, row: Mapping[str, str], rows: Mapping[str, int]
) -> tuple[tuple[int, int], bool, bool]:
    actor, target = rows.get(row["actor_id"]), rows.get(row["target_id"])
    if actor is None or target is None:
        side = "actor_id" if actor is None else "target_id"
        raise DecisionsError(f"{path.name}, line {line}: nobody has this {side}; add the person to the people's file.")
    if actor == target:
        raise DecisionsError(f"{path.name}, line {line}: somebody judges themselves; remove the line.")
    if _number(row["liked"]) not in {0.0, 1.0}:
        raise DecisionsError(f"{path.name}, line {line}: liked must be 0 or 1.")
    if row["split"] not in {"train", "test"}:
        raise DecisionsError(f"{path.name}, line {line}: split must be train or test.")
    return (actor, target), _number(row["liked"]) == 1, row["split"] == "test"


def _times(path: Path, rows: Sequence[Mapping[str, str]]) -> list[float]:
    return [_time(path, line, row.get("time", "")) for line, row in enumerate(rows, start=2)]


def _time(path: Path, line: int, text: str) -> float:
    if not text:
        return -np.inf
    number = _number(text)
    if np.isfinite(number):
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DecisionsError(
            f"{path.name}, line {line}: time must be a number or a date such as 2026-05-17T20:00."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _table(path: Path, needed: Sequence[str]) -> tuple[list[str], list[dict[str, str]]]:
    # A byte order mark is taken off.
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(_lines(path, file))
    except UnicodeDecodeError as error:
        raise DecisionsError(f"{path.name} is not UTF-8; save it as comma-separated values in UTF-8.") from error
    except OSError as error:
        raise DecisionsError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not lines:
        raise DecisionsError(f"{path.name} is empty; its first line must name the columns.")
    header = [name.strip() for name in lines[0]]
    if missing := [name for name in needed if name not in header]:
        raise DecisionsError(f"{path.name} has no column {_named(missing)}; its first line must name the columns.")
    if len(set(header)) < len(header):
        raise DecisionsError(f"{path.name} names a column twice; give each a name of its own.")
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise DecisionsError(f"{path.name}, line {number}: {len(line)} cells, where {len(header)} are expected.")
    if len(lines) == 1:
        raise DecisionsError(f"{path.name} names columns and holds no row.")
    return header, [dict(zip(header, (cell.strip() for cell in line), strict=True)) for line in lines[1:]]


def _lines(path: Path, file: Iterator[str]) -> Iterator[list[str]]:
    try:
        yield from (line for line in csv.reader(file, strict=True) if line)
    except csv.Error as error:
        raise DecisionsError(f"{path.name} is no table of comma-separated values ({error}).") from error


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(repr(name) for name in names[:MOST_NAMED]) + more
