"""The preference model on real speed dates: within evenings and on new ones, beside its baselines and an oracle.

`SPEED_DATASET=speed_dev.csv python -m bench.speed_dating [--quick]`

The dataset is the one of R. Fisman, S. S. Iyengar, E. Kamenica and I. Simonson, Gender Differences in Mate Selection:
Evidence from a Speed Dating Experiment, Quarterly Journal of Economics 121 (2006), prepared as one row for each side of
each date. Its files are written to a temporary directory and read again, as `manage.py evaluate` reads any.
"""

import argparse
import csv
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.results import record
from ml import decision_evaluation, decision_metrics, decisions
from ml.decision_evaluation import Sampled
from ml.decisions import Decisions

WARM_SEEDS, COLD_SEEDS, N_FOLDS = range(5), range(3), 5
SHARE_HIDDEN = 0.25
CATEGORIES = ("gender", "field_cd", "race", "goal", "career_c")
# What is known of the evening alone, what is asked for, and whom a row is about.
NO_COLUMNS = ("iid", "pid", "wave", "round", "order", "dec", "dec_o", "match")
# Preferences that some evenings gave in points out of 100 and others on scales of their own.
POINTS = ("1_1", "2_1", "4_1")
PROTOCOLS = ("warm", "cold")
MARKS = {"auc": 0.90, "f1": 0.85}
MOST_BELOW_REGRESSION = 0.005

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    """Return the rows of the dataset."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def people_of(rows: list[Row], *, with_race: bool) -> list[Row]:
    """Return one row a person, with blocks of preferences in shares of 100 and categories named as such."""
    names = [name for name in rows[0] if name not in NO_COLUMNS and (with_race or name != "race")]
    people = {}
    for row in rows:
        values = {name: row[name] for name in names}
        for block in POINTS:
            points = {name: float(values[name]) for name in names if name.endswith(block) and values[name]}
            if total := sum(points.values()):
                values |= {name: str(100 * value / total) for name, value in points.items()}
        named = {f"{decisions.CATEGORY}{name}" if name in CATEGORIES else name: values[name] for name in names}
        people[row["iid"]] = {"id": row["iid"], "group": row["wave"], **named}
    return list(people.values())


def tests_of(rows: list[Row], protocol: str) -> Iterator[list[NDArray[np.bool_]]]:
    """Return, seed by seed, which decisions are hidden, in one part (warm) or in five (cold)."""
    if protocol == "warm":
        for seed in WARM_SEEDS:
            yield [np.array([_share(seed, row) < SHARE_HIDDEN for row in rows])]
        return
    waves = np.array([row["wave"] for row in rows])
    for seed in COLD_SEEDS:
        order = np.random.default_rng(seed).permutation(np.unique(waves))
        yield [np.isin(waves, part) for part in np.array_split(order, N_FOLDS)]


def read_as_files(people: list[Row], rows: list[Row], is_test: NDArray[np.bool_]) -> Decisions:
    """Write both files as `manage.py evaluate` takes them, and read them as it does."""
    said = [
        {"actor_id": row["iid"], "target_id": row["pid"], "liked": row["dec"], "split": "test" if hidden else "train"}
        for row, hidden in zip(rows, is_test, strict=True)
    ]
    with tempfile.TemporaryDirectory() as directory:
        paths = [Path(directory) / name for name in ("people.csv", "decisions.csv")]
        for path, table in zip(paths, (people, said), strict=True):
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, fieldnames=list(table[0]))
                writer.writeheader()
                writer.writerows(table)
        return decisions.read(*paths)


def averaged(runs: list[dict[str, dict[str, Sampled]]]) -> dict[str, dict[str, Sampled]]:
    """Return the mean over seeds, resample by resample: every run resamples the same evenings alike."""
    return {
        part: {
            way: {metric: np.mean([run[part][way][metric] for run in runs], axis=0) for metric in metrics}
            for way, metrics in ways.items()
        }
        for part, ways in runs[0].items()
    }


def protocol_of(name: str, people: list[Row], rows: list[Row]) -> dict[str, Any]:
    """Return the figures of one protocol, averaged over its seeds."""
    runs, rules = [], []
    for parts in tests_of(rows, name):
        folds = [decision_evaluation.sample(read_as_files(people, rows, is_test)) for is_test in parts]
        runs.append(averaged([sampled for sampled, _ in folds]))
        rules += [{rule: figures["auc"] for rule, figures in data["rules"].items()} for _, data in folds]
    figures = {part: decision_evaluation.report(ways) for part, ways in averaged(runs).items()}
    mean_of_rules = {rule: float(np.mean([row[rule] for row in rules])) for rule in rules[0]}
    return {"figures": rounded(figures), "mutual_auc_by_rule": rounded(mean_of_rules), "passed": passed(name, figures)}


def passed(protocol: str, figures: Mapping[str, Any]) -> dict[str, bool]:
    """Return whether the model is ahead where it must be."""
    result = {}
    for part, ways in figures.items():
        if protocol == "warm":
            result[part] = ways["model"]["minus"]["appeal_generosity"]["auc"][1] > 0
        else:
            result[part] = ways["model"]["minus"]["logistic_regression"]["auc"][0] >= -MOST_BELOW_REGRESSION
    return result


def oracle(rows: list[Row]) -> dict[str, float]:
    """Return the AUC of each person's true rates over all decisions: what nobody can know beforehand."""
    said = {(row["iid"], row["pid"]): row["dec"] == "1" for row in rows}
    ids = sorted({row["iid"] for row in rows})
    given = {person: float(np.mean([said[pair] for pair in said if pair[0] == person])) for person in ids}
    received = {person: float(np.mean([said[pair] for pair in said if pair[1] == person])) for person in ids}
    scores = {pair: given[pair[0]] * received[pair[1]] for pair in said}
    pairs = [(a, b) for a, b in said if a < b and (b, a) in said]
    mutual = np.array([scores[a, b] * scores[b, a] / (scores[a, b] + scores[b, a] or 1) for a, b in pairs])
    matched = np.array([said[a, b] and said[b, a] for a, b in pairs])
    both = ((np.array(list(scores.values())), np.array(list(said.values()))), (mutual, matched))
    areas = [decision_metrics.area_under_curve(values, liked, np.ones((1, len(liked))))[0] for values, liked in both]
    return {part: round(float(area), 3) for part, area in zip(("likes", "mutual"), areas, strict=True)}


def rounded(value: Any) -> Any:
    """Return nested figures with four digits."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return round(value, 4)


def show(protocol: str, found: dict[str, Any]) -> None:
    """Print the areas under the curve, the differences and whether they are enough."""
    for part, ways in found["figures"].items():
        for way, figures in ways.items():
            low, high = figures["interval"]["auc"]
            area = f"AUC {figures['auc']:.4f} ({low:.3f}-{high:.3f})"
            print(f"{protocol:5} {part:7} {way:20} {area}  F1 {figures['f1']:.3f}")
        for way, differences in ways["model"]["minus"].items():
            gain, low, high = differences["auc"]
            print(f"{protocol:5} {part:7} minus {way:20} {gain:+.4f} ({low:+.4f} to {high:+.4f})")
    print(f"{protocol:5} mutual AUC by rule {found['mutual_auc_by_rule']}  passed {found['passed']}")


def _share(seed: int, row: Row) -> float:
    low, high = sorted((int(row["iid"]), int(row["pid"])))
    return int(hashlib.sha256(f"warm-{seed}-{low}-{high}".encode()).hexdigest()[:13], 16) / 16**13


def main() -> None:
    """Evaluate both protocols with and without the column that the site will never have, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without race only, and nothing is written down")
    options = parser.parse_args()
    name = os.environ.get("SPEED_DATASET", "")
    if not name or not Path(name).is_file():
        print("SPEED_DATASET names no file, so the speed dates are skipped.")
        sys.exit(0)
    rows = rows_of(Path(name))
    found: dict[str, Any] = {"people": len({row["iid"] for row in rows}), "decisions": len(rows), "marks": MARKS}
    found["oracle_auc"] = oracle(rows)
    for with_race in (False,) if options.quick else (False, True):
        people = people_of(rows, with_race=with_race)
        for protocol in PROTOCOLS:
            key = f"{protocol}_with_race" if with_race else protocol
            found[key] = protocol_of(protocol, people, rows)
            show(key, found[key])
    if not options.quick:
        record("speed-dating", found)


if __name__ == "__main__":
    main()
