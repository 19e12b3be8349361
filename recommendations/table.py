"""A table of people in memory: flat arrays with room to grow, changed in place, each person found by id."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from accounts.datasets import find_rows

Rows = NDArray[np.intp]
Ids = NDArray[np.int64]

SPARE_SHARE, SPARE_ROWS = 1.25, 1024
# Gone rows are cleared away when they are so many, and this share of all.
MANY_GONE, SHARE_GONE = 1024, 0.25
# Rows that are moved at a time, so that clearing away needs no second table.
STEP = 10_000


@dataclass(frozen=True)
class Column:
    """What one array holds for each person: numbers of a type, one or several."""

    dtype: DTypeLike
    width: int | None = None

    def empty(self, n: int) -> NDArray[Any]:
        """Return room for some people; the system gives memory to what is written only."""
        return np.empty(n if self.width is None else (n, self.width), dtype=self.dtype)


class Table:
    """Rows of people; who is gone keeps a row that is marked as such until many are.

    Not safe for several threads by itself: whoever shares a table holds a lock of their own.
    """

    def __init__(self, columns: Mapping[str, Column], capacity: int = 0) -> None:
        self._columns = {"user_ids": Column(np.int64), "is_here": Column(np.bool_), **columns}
        spare = int(capacity * SPARE_SHARE) + SPARE_ROWS
        self._arrays = {name: column.empty(spare) for name, column in self._columns.items()}
        self._n = 0
        self.order: Rows = np.empty(0, dtype=np.intp)
        """Rows in the order of their ids."""

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one column: a view, which changes when the table does."""
        return self._arrays[name][: self._n]

    @property
    def n_here(self) -> int:
        """How many are not gone."""
        return int(np.count_nonzero(self["is_here"]))

    @property
    def n_bytes(self) -> int:
        """Memory of all rows, the spare ones left out."""
        return sum(self[name].nbytes for name in self._arrays) + self.order.nbytes

    def find(self, user_ids: Ids) -> Rows:
        """Return the rows of people, gone or not; -1 for who has none."""
        return find_rows(self["user_ids"], user_ids, self.order)

    def put(self, user_ids: Ids, values: Mapping[str, NDArray[Any]]) -> None:
        """Write all that is known of some people, nobody twice: over their rows, or into new ones at the end."""
        rows = self.find(user_ids)
        is_new = rows < 0
        n_new = int(np.count_nonzero(is_new))
        if n_new:
            self._make_room(self._n + n_new)
            rows[is_new] = self._n + np.arange(n_new)
            self._n += n_new
            self["user_ids"][rows[is_new]] = user_ids[is_new]
            self._enter(rows[is_new])
        self["is_here"][rows] = True
        for name, value in values.items():
            self[name][rows] = value

    def remove(self, user_ids: Ids) -> None:
        """Mark people as gone; who has no row is gone already."""
        rows = self.find(user_ids)
        self["is_here"][rows[rows >= 0]] = False
        n_gone = self._n - self.n_here
        if n_gone >= MANY_GONE and n_gone > SHARE_GONE * self._n:
            self._clear_away()

    def _enter(self, rows: Rows) -> None:
        """Put new rows where they belong in the order of ids."""
        ids = self["user_ids"]
        rows = rows[np.argsort(ids[rows])]
        places = np.searchsorted(ids[: len(self.order)], ids[rows], sorter=self.order)
        self.order = np.insert(self.order, places, rows)

    def _make_room(self, n: int) -> None:
        """Move everything into larger arrays, one after the other, when a row would not fit."""
        if n <= len(self._arrays["user_ids"]):
            return
        for name, column in self._columns.items():
            larger = column.empty(int(n * SPARE_SHARE) + SPARE_ROWS)
            larger[: self._n] = self[name]
            self._arrays[name] = larger

    def _clear_away(self) -> None:
        """Move those who are here together, in the order of their rows, and forget the others."""
        kept = np.flatnonzero(self["is_here"])
        for array in self._arrays.values():
            for start in range(0, len(kept), STEP):
                some = kept[start : start + STEP]
                # Rows only move forward, so what is overwritten has been moved before.
                array[start : start + len(some)] = array[some]
        self._n = len(kept)
        self.order = np.argsort(self["user_ids"], kind="stable")
