"""The table of people in memory, against a plain dictionary."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations import table
from recommendations.table import Column, Table

KINDS = {"age": Column(np.uint8), "vector": Column(np.float32, 3)}


def values_of(rng: np.random.Generator, n: int) -> dict[str, NDArray[Any]]:
    return {"age": rng.integers(18, 99, n, dtype=np.uint8), "vector": rng.standard_normal((n, 3), dtype=np.float32)}


def held(people: Table) -> dict[int, tuple[Any, ...]]:
    """Return what a table knows of everybody who is here."""
    return {
        int(people["user_ids"][row]): (int(people["age"][row]), *people["vector"][row].tolist())
        for row in np.flatnonzero(people["is_here"])
    }


def ids_of(*user_ids: int) -> NDArray[np.int64]:
    return np.array(user_ids, dtype=np.int64)


@pytest.mark.parametrize("seed", range(4))
def test_a_table_knows_what_a_dictionary_knows(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long enough to grow several times and to clear away who is gone."""
    monkeypatch.setattr(table, "MANY_GONE", 20)
    monkeypatch.setattr(table, "SPARE_ROWS", 5)
    monkeypatch.setattr(table, "STEP", 7)
    rng = np.random.default_rng(seed)
    people, expected, n_cleared = Table(KINDS), dict[int, tuple[Any, ...]](), 0
    for _ in range(120):
        before = len(people)
        if rng.random() < 0.55:
            user_ids = rng.choice(400, size=rng.integers(0, 12), replace=False).astype(np.int64)
            values = values_of(rng, len(user_ids))
            people.put(user_ids, values)
            known = zip(user_ids.tolist(), values["age"].tolist(), values["vector"].tolist(), strict=True)
            expected |= {pk: (age, *vector) for pk, age, vector in known}
        else:
            user_ids = rng.choice(400, size=rng.integers(0, 30), replace=False).astype(np.int64)
            people.remove(user_ids)
            expected = {pk: row for pk, row in expected.items() if pk not in set(user_ids.tolist())}
        n_cleared += len(people) < before
        assert held(people) == expected
        assert people.n_here == len(expected)
        np.testing.assert_array_equal(people["user_ids"][people.order], np.sort(people["user_ids"]))
        rows = people.find(people["user_ids"])
        np.testing.assert_array_equal(rows, np.arange(len(people)))
    assert n_cleared


def test_who_is_gone_keeps_a_row_until_many_are_and_who_comes_back_gets_it_again() -> None:
    people, rng = Table(KINDS), np.random.default_rng(0)
    people.put(ids_of(7, 3, 5), values_of(rng, 3))
    people.remove(ids_of(3, 8))
    assert people.find(ids_of(7, 3, 5, 8)).tolist() == [0, 1, 2, -1]
    assert people["is_here"].tolist() == [True, False, True]
    people.put(ids_of(3), values_of(rng, 1))
    assert len(people) == people.n_here == 3
    assert people.find(ids_of(3)).tolist() == [1]


def test_rows_stay_where_they_are_while_others_come() -> None:
    people, rng = Table(KINDS), np.random.default_rng(0)
    people.put(ids_of(5, 1), values_of(rng, 2))
    for user_id in range(100, 3 * table.SPARE_ROWS, 7):
        people.put(ids_of(user_id), values_of(rng, 1))
    assert people.find(ids_of(5, 1, 100, 107)).tolist() == [0, 1, 2, 3]


def test_an_empty_table_has_room_for_nobody_and_finds_nobody() -> None:
    people = Table(KINDS)
    people.put(ids_of(), values_of(np.random.default_rng(0), 0))
    people.remove(ids_of(1))
    assert len(people) == people.n_here == 0
    assert people.find(ids_of(1, 2)).tolist() == [-1, -1]


def test_the_memory_of_a_person_is_that_of_the_columns_an_id_a_mark_and_a_place_in_the_order() -> None:
    people = Table(KINDS, capacity=100)
    people.put(np.arange(100), values_of(np.random.default_rng(0), 100))
    assert people.n_bytes == 100 * (1 + 12 + 8 + 1 + 8)
