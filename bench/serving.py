"""Ranking everybody for one viewer, without a database, beside the bare pair of products on the same arrays.

`python -m bench.serving`; with a number of people it measures that many only and prints JSON.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import django
import numpy as np
from numpy.typing import NDArray

from bench.results import record
from ml import artifacts, serving, synthetic
from ml.preferences import Personal, Population, Preferences

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")
# Settings want a directory for data; nothing is read from it, and it goes when the process ends.
DATA = tempfile.TemporaryDirectory(prefix="kindred-bench-")
os.environ.setdefault("DATA_DIR", DATA.name)
os.environ.setdefault("DEBUG", "1")
django.setup()

from accounts.datasets import ALL_GENDERS, ANYWHERE, REGION, EligibilityFacts  # noqa: E402 - models need Django
from recommendations.datasets import Places  # noqa: E402
from recommendations.services import eligibility, population, tastes  # noqa: E402
from recommendations.table import Column, Table  # noqa: E402

SIZES = (10_000, 50_000, 200_000, 1_000_000)
DRAWN_AT_A_TIME = 20_000
# Each kind of request is measured so often, in turns with the bare products.
REQUESTS = {10_000: 400, 50_000: 400, 200_000: 200, 1_000_000: 150}
N_SHOWN, N_CHANGED, N_REFRESHES, N_WARM_UP = 24, 1_000, 21, 5
N_BLOCKED, N_JUDGED, N_CORRECTED, N_CIRCLES = 20, 300, 30, 200
AIMS = {"median_ratio": 2.0, "p99_ratio": 3.0, "bytes_a_person": 64, "refresh_milliseconds": 50.0}
Singles = NDArray[np.float32]
# Milliseconds by the clock on the wall, and on the processor.
Clocks = tuple[float, float]


@dataclass(frozen=True)
class Crowd:
    """People as one process holds them; the vectors are those of the site's model of preferences."""

    table: Table
    memberships: NDArray[np.int64]
    change: dict[str, NDArray[Any]]
    """What `N_CHANGED` of them become."""
    places: Places
    """Theirs, from which vectors are made."""

    def facts(self, *, is_date: bool) -> EligibilityFacts:
        """Return what the rules look at: everybody open to everybody, or choosy as people are who want to date."""
        columns = {name: self.table[name] for name in population.FACTS}
        facts = EligibilityFacts(**columns, memberships=self.memberships, order=self.table.order)
        n = len(facts)
        if is_date:
            return facts
        return replace(
            facts,
            wanted=np.full(n, ALL_GENDERS, dtype=np.uint8),
            youngest=np.full(n, 18, dtype=np.uint8),
            oldest=np.full(n, 120, dtype=np.uint8),
            reach=np.full(n, ANYWHERE, dtype=np.uint8),
            visibility=np.zeros(n, dtype=np.uint8),
        )


def places(n: int, rng: np.random.Generator) -> Places:
    """Return where the reference model places people whose answers were drawn from it."""
    model = artifacts.load_reference()
    placed = model.place(synthetic.sample_answers(model, n, rng))
    return Places(
        user_ids=np.arange(n),
        n_answered=placed.n_answered.astype(np.int16),
        axes=placed.axes,
        reliability=placed.reliability,
        scales=placed.scales.astype(np.float32),
    )


def vectors(found: Places, rng: np.random.Generator) -> tuple[Singles, Singles]:
    """Return people as the model of preferences has them that has learned something of everybody."""
    n, k = found.scales.shape
    level_out, level_in, product, difference = np.random.default_rng(7).normal(0, 0.15, (4, k))
    shared = Population(-1.0, 0.05, level_out, level_in, product, difference, np.eye(2) / 2, 0.05)
    effects = rng.normal(0, 0.7, (2, n))
    own = Personal(effects[0], np.ones(n), effects[1], np.ones(n), rng.normal(0, 0.2, (n, k)), np.ones(n))
    full = artifacts.load_reference().full_reliability
    return Preferences(shared, own).vectors(tastes.people_of(found, full))


def rules(n: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Return what people who want to date ask for, and what is asked of them."""
    ages = (18 + rng.gamma(2.0, 6.0, n)).astype(np.uint8).clip(18, 90)
    gender = rng.choice(3, size=n, p=[0.48, 0.48, 0.04])
    narrow = np.where(gender < 2, np.uint8(1) << (1 - gender).astype(np.uint8), ALL_GENDERS)
    country = rng.integers(0, 4, n)
    values = {
        "births": 20260101 - 10_000 * ages.astype(np.int32),
        "ages": ages,
        "genders": np.uint8(1) << gender.astype(np.uint8),
        "wanted": np.where(rng.random(n) < 0.8, narrow, ALL_GENDERS),
        "youngest": np.maximum(ages - rng.integers(3, 12, n), 18),
        "oldest": ages + rng.integers(3, 15, n),
        "visibility": rng.choice(3, size=n, p=[0.85, 0.14, 0.01]),
        "reach": np.where(rng.random(n) < 0.6, ANYWHERE, REGION),
        "room": np.full(n, 5),
        "room_left": rng.choice([0, 1, 4, 5], size=n, p=[0.05, 0.15, 0.3, 0.5]),
        "city": 100 * country + rng.integers(0, 100, n),
        "region": 8 * country + rng.integers(0, 8, n),
        "country": country,
        "is_demo": np.zeros(n, dtype=bool),
        "n_answered": np.full(n, 163),
    }
    return {name: np.asarray(value).astype(population.KINDS[name].dtype) for name, value in values.items()}


def make_crowd(n: int) -> Crowd:
    """Return so many people, read in turns as a process reads them."""
    rng = np.random.default_rng(0)
    kinds = dict(population.KINDS)
    table: Table | None = None
    for start in range(0, n, DRAWN_AT_A_TIME):
        some = min(DRAWN_AT_A_TIME, n - start)
        found = places(some, rng)
        outgoing, incoming = vectors(found, rng)
        if table is None:
            width = outgoing.shape[1]
            table = Table(kinds | {name: Column(np.float32, width) for name in ("outgoing", "incoming")}, n)
        table.put(np.arange(start, start + some), {**rules(some, rng), "outgoing": outgoing, "incoming": incoming})
    assert table is not None
    in_circles = np.flatnonzero(rng.random(n) < 0.3)
    memberships = np.column_stack([in_circles, rng.integers(0, N_CIRCLES, len(in_circles))])
    changed = Places(*(getattr(found, name)[:N_CHANGED] for name in vars(found)))
    return Crowd(table, memberships, rules(N_CHANGED, rng), changed)


def request(crowd: Crowd, facts: EligibilityFacts, viewer_id: int, rng: np.random.Generator) -> Callable[[], int]:
    """Return everything from the viewer's row to 24 rows with both scores and contributions; it says how many fit."""
    n = len(crowd.table)
    outgoing, incoming, room_left = (crowd.table[name] for name in ("outgoing", "incoming", "room_left"))
    apart = eligibility.Apart(
        blocked=frozenset(rng.integers(0, n, N_BLOCKED).tolist()),
        judged=frozenset(rng.integers(0, n, N_JUDGED).tolist()),
    )
    corrected = np.unique(rng.integers(0, n, N_CORRECTED))
    corrections = serving.Corrections(corrected, rng.normal(0, 0.2, len(corrected)))
    blocks = serving.columns(outgoing.shape[1], crowd.places.scales.shape[1])

    def serve() -> int:
        position = facts.position_of(viewer_id)
        assert position is not None
        found = eligibility.eligible(facts=facts, viewer=position, apart=apart, room_left=room_left)
        ranking = serving.rank(outgoing, incoming, position, found, n=N_SHOWN, corrections=corrections)
        serving.contributions(outgoing, incoming, position, ranking.rows, blocks)
        return int(np.count_nonzero(found))

    return serve


def bare(outgoing: Singles, incoming: Singles, viewer: int) -> Callable[[], int]:
    """Return the least that anybody could do: both products, and the best by one of them."""

    def serve() -> int:
        out, back = incoming @ outgoing[viewer], outgoing @ incoming[viewer]
        return len(np.argpartition(out, -N_SHOWN)[-N_SHOWN:]) + len(back)

    return serve


def compare(crowd: Crowd, *, is_date: bool) -> dict[str, float]:
    """Return milliseconds of requests of random viewers, each after the bare products for the same viewer."""
    rng, facts = np.random.default_rng(1), crowd.facts(is_date=is_date)
    n = len(crowd.table)
    outgoing, incoming = crowd.table["outgoing"], crowd.table["incoming"]
    took, took_bare, fitting = [], [], []
    with_room = np.flatnonzero(crowd.table["room_left"])
    for viewer in rng.choice(with_room, N_WARM_UP + REQUESTS[n]).tolist():
        least, serve = bare(outgoing, incoming, viewer), request(crowd, facts, viewer, rng)
        took_bare.append(milliseconds(least)[0])
        elapsed, n_fitting = milliseconds(serve)
        took.append(elapsed)
        fitting.append(n_fitting)
    share = round(float(np.median(fitting[N_WARM_UP:])) / n, 3)
    return {"share_that_fits": share} | summary(took[N_WARM_UP:], took_bare[N_WARM_UP:])


def summary(took: list[Clocks], took_bare: list[Clocks]) -> dict[str, float]:
    """Return medians and 99th percentiles by both clocks, and their ratios."""
    found: dict[str, float] = {}
    for clock, name in enumerate(("", "cpu_")):
        ours, theirs = ([times[clock] for times in every] for every in (took, took_bare))
        for quantile, word in ((0.5, "median"), (0.99, "p99")):
            one, other = float(np.quantile(ours, quantile)), float(np.quantile(theirs, quantile))
            found |= {f"{name}{word}": one, f"{name}bare_{word}": other, f"{name}{word}_ratio": one / other}
    return {name: round(value, 2) for name, value in found.items()}


def milliseconds(work: Callable[[], int]) -> tuple[Clocks, int]:
    """Return how long something takes by the clock and on the processor, and what it returns.

    The second leaves out what other processes of a busy machine take from it.
    """
    began, began_here = time.perf_counter(), time.thread_time()
    result = work()
    return (1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - began_here)), result


def refresh(crowd: Crowd) -> float:
    """Return median milliseconds of array work for 1,000 changed people, a tenth new and a tenth gone."""
    rng, n, took = np.random.default_rng(2), len(crowd.table), []
    for turn in range(N_REFRESHES):
        ids = np.concatenate([rng.choice(n, N_CHANGED * 9 // 10, replace=False), n + np.arange(N_CHANGED // 10)])
        ids[-N_CHANGED // 10 :] += turn * N_CHANGED // 10

        def work(ids: NDArray[np.int64] = ids) -> int:
            outgoing, incoming = vectors(crowd.places, rng)
            crowd.table.put(ids, {**crowd.change, "outgoing": outgoing, "incoming": incoming})
            crowd.table.remove(ids[: N_CHANGED // 10])
            kept = crowd.memberships[~np.isin(crowd.memberships[:, 0], ids)]
            return len(np.concatenate([kept, crowd.memberships[:N_CHANGED]]))

        took.append(milliseconds(work)[0][0])
    return round(float(np.median(took)), 2)


def measure(n: int) -> dict[str, Any]:
    """Return what so many people cost."""
    crowd = make_crowd(n)
    matrices = sum(crowd.table[name].nbytes for name in ("outgoing", "incoming"))
    return {
        "people": n,
        "columns": crowd.table["outgoing"].shape[1],
        "all_fit": compare(crowd, is_date=False),
        "dating": compare(crowd, is_date=True),
        "bytes_a_person": (crowd.table.n_bytes - matrices) / n,
        "bytes_of_circles_a_person": round(crowd.memberships.nbytes / n, 1),
        "gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 3),
        "gigabytes_of_matrices": round(matrices / 1024**3, 3),
        "refresh_milliseconds": refresh(crowd),
    }


def alone(module: str, *arguments: str) -> Any:
    """Run a measurement in a process of its own, on one thread, and return what it prints as JSON."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], check=True, stdout=subprocess.PIPE, env=os.environ | one_thread
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure each size in a process of its own, then the rivals and a site with its database, and write all down."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    sizes = []
    for n in SIZES:
        sizes.append(alone("bench.serving", str(n)))
        print(sizes[-1])
    medians = np.log([row["all_fit"]["median"] for row in sizes])
    exponent = float(np.polyfit(np.log([row["people"] for row in sizes]), medians, 1)[0])
    record(
        "serving",
        {
            "exponent": round(exponent, 2),
            "aims": AIMS,
            "sizes": sizes,
            "rivals": alone("bench.serving_rivals"),
            "site": alone("bench.serving_site"),
        },
    )


if __name__ == "__main__":
    main()
