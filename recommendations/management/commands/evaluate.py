"""Judge the preference model on real decisions; neither people nor database of this site are touched."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

WORDS = {
    "model": "the model",
    "random": "chance",
    "appeal_generosity": "appeal x generosity",
    "cosine": "cosine",
    "euclid": "Euclid",
    "logistic_regression": "logistic regression",
}
METRICS = {
    "auc": "AUC",
    "per_chooser_auc": "by chooser",
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
    "log_loss": "log-loss",
    "calibration_error": "calibration",
    "p_at_3": "P@3",
    "r_at_3": "R@3",
    "ndcg_at_5": "NDCG@5",
}
TITLES = {"likes": "Likes", "mutual": "Mutual likes"}
WIDTH = 13


class Command(BaseCommand):
    """Prints two tables, or one JSON object."""

    help = "Judge the preference model and its baselines on people and decisions from two files; needs no database."
    # Nothing of the site is read, so nothing of it needs to be in order.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take both files."""
        parser.add_argument("people", type=Path, metavar="PEOPLE.csv", help="id, optionally group, then columns.")
        parser.add_argument("decisions", type=Path, metavar="DECISIONS.csv", help="actor_id, target_id, liked, split.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object and nothing else.")
        parser.add_argument("--seed", type=int, default=0, help="Of the random baseline and the bootstrap.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, evaluate and print."""
        # Here, because they load what no other command needs.
        from ml import decision_evaluation, decisions

        if options["seed"] < 0:
            raise CommandError("The seed must be 0 or more.")
        try:
            read = decisions.read(options["people"], options["decisions"])
            found = decision_evaluation.evaluate(read, seed=options["seed"])
        except ValueError as reason:
            raise CommandError(f"Nothing was evaluated: {reason}", returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2, allow_nan=False))
        else:
            for line in lines(found):
                self.stdout.write(line)


def lines(found: dict[str, Any]) -> list[str]:
    """Return everything that was found, for the terminal."""
    data = found["data"]
    groups = "" if data["groups"] is None else f" in {data['groups']} groups"
    new = "mostly by new people" if data["is_cold"] else "mostly by people known from the training"
    result = [
        f"{data['people']} people{groups}, {data['factors']} factors; {data['train']} decisions to learn from and"
        f" {data['test']} to judge on, {new}; {data['test_pairs']} pairs, {data['test_matches']} of them mutual.",
        *data["notes"],
        *found["not_enough"],
    ]
    for part, title in TITLES.items():
        result += ["", *_table(title, found[part])]
    best = ", ".join(f"{rule} {figures['auc']:.3f}" for rule, figures in found["rules"].items())
    return [*result, "", f"AUC of mutual likes by rule: {best}; the tables use the {found['rule']} one."]


def _table(title: str, ways: dict[str, dict[str, Any]]) -> list[str]:
    own = ways["model"]
    metrics = [name for name in METRICS if name in own]
    rows = [f"{title:22}" + "".join(f"{METRICS[name]:>{WIDTH}}" for name in metrics)]
    for way, figures in ways.items():
        rows.append(f"{WORDS[way]:22}" + "".join(f"{figures[name]:>{WIDTH}.3f}" for name in metrics))
        if way == "model":
            rows.append(f"{'  95 % interval':22}" + "".join(_interval(figures["interval"][name]) for name in metrics))
    rows.append("The model's AUC minus that of, with 95 % intervals:")
    for way, differences in own["minus"].items():
        gain, low, high = differences["auc"]
        rows.append(f"  {WORDS[way]:20}{gain:>+8.3f} ({low:+.3f} to {high:+.3f})")
    return rows


def _interval(bounds: list[float]) -> str:
    return f"{f'{bounds[0]:.3f}-{bounds[1]:.3f}':>{WIDTH}}"
