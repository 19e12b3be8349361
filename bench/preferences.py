"""Fitting the preference model: a million verdicts, one online update, and growth, beside a plain sparse regression.

`python -m bench.preferences`
"""

import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bench.results import record
from ml import preferences
from ml.preference_problem import probabilities
from ml.preferences import People, Preferences, Verdicts

N_FACTORS, N_AXES = 16, 90
# People, and verdicts of each.
GROWTH = ((1_000, 10_000), (5_000, 50_000), (20_000, 200_000), (100_000, 1_000_000))
N_UPDATES = 200
AIMS = {"seconds": 60.0, "gigabytes": 2.0, "update_milliseconds": 2.0}


def crowd(n: int, m: int) -> tuple[People, Verdicts]:
    """Return people and what they said of random others, by generosity, appeal, one level and tastes of their own."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((n, N_FACTORS), dtype=np.float32)
    axes = rng.standard_normal((n, N_AXES), dtype=np.float32)
    actors, targets = rng.integers(n, size=m), rng.integers(n - 1, size=m)
    targets += targets >= actors
    generosity, appeal = rng.standard_normal((2, n))
    tastes = 0.25 * rng.standard_normal((n, N_FACTORS), dtype=np.float32)
    logits = -0.5 + generosity[actors] + appeal[targets] + 0.3 * z[targets, 0]
    logits += np.einsum("ij,ij->i", tastes[actors], z[targets])
    liked = rng.random(m) < probabilities(logits)
    return People(z, axes, axes), Verdicts(actors, targets, liked, np.ones(m))


def measure(n: int, m: int) -> dict[str, Any]:
    """Return seconds and memory of one fit from scratch, and of updates of single people after it."""
    people, verdicts = crowd(n, m)
    began = time.perf_counter()
    penalties = preferences.choose_penalties(people, verdicts)
    chosen = time.perf_counter()
    model = preferences.fit(people, verdicts, penalties=penalties)
    seconds = time.perf_counter() - began
    return {
        "people": n,
        "verdicts": m,
        "seconds": round(seconds, 2),
        "of_them_for_penalties": round(chosen - began, 2),
        "gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 3),
        **updates(model, people, verdicts),
        "plain_regression": plain_regression(people, verdicts, model),
    }


def updates(model: Preferences, people: People, verdicts: Verdicts) -> dict[str, float]:
    """Return milliseconds of updates of single people, each of all verdicts of that person, gathered beforehand."""
    actors = np.random.default_rng(1).choice(np.unique(verdicts.actors), N_UPDATES)
    own = [verdicts.rows(verdicts.actors == actor) for actor in actors]
    took, moved = [], []
    for actor, mine in zip(actors.tolist(), own, strict=True):
        began = time.perf_counter()
        learned = preferences.update(model, people, actor, mine)
        took.append(1000 * (time.perf_counter() - began))
        change = learned.generosity - model.personal.generosity[actor]
        change += people.factors[mine.targets] @ (learned.taste - model.personal.taste[actor])
        moved.append(np.abs(change).max())
    return {
        "update_milliseconds": round(float(np.median(took)), 3),
        "update_slowest_percent": round(float(np.quantile(took, 0.99)), 3),
        "update_away_from_the_fit": float(f"{max(moved):.1e}"),
    }


def plain_regression(people: People, verdicts: Verdicts, model: Preferences) -> dict[str, float]:
    """Return seconds of scikit-learn's logistic regression with an indicator for each actor and each target.

    It has no tastes, no variances and one penalty for everything: the plainest way to the same generosity and appeal.
    """
    n, m = len(people), len(verdicts)
    rows = np.repeat(np.arange(m), 2)
    columns = np.stack([verdicts.actors, n + verdicts.targets], axis=1).ravel()
    design = csr_matrix((np.ones(2 * m), (rows, columns)), shape=(m, 2 * n))
    began = time.perf_counter()
    fitted = LogisticRegression(C=1.0, max_iter=200).fit(design, verdicts.liked)
    seconds = time.perf_counter() - began
    both = np.concatenate([model.personal.generosity, model.personal.appeal])
    return {
        "seconds": round(seconds, 2),
        "correlation_of_effects": round(float(np.corrcoef(both, fitted.coef_[0])[0, 1]), 3),
    }


def main() -> None:
    """Measure each size in a process of its own, so that memory is that of one fit, and write all down."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
        return
    rows = []
    for n, m in GROWTH:
        command = [sys.executable, "-m", "bench.preferences", str(n), str(m)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(rows[-1])
    seconds = np.log([row["seconds"] for row in rows])
    exponent = float(np.polyfit(np.log([row["verdicts"] for row in rows]), seconds, 1)[0])
    reached = {name: rows[-1][name] <= aim for name, aim in AIMS.items()}
    record("preferences", {"exponent": round(exponent, 2), "aims": AIMS, "reached": reached, "sizes": rows})


if __name__ == "__main__":
    main()
