"""Judge the order in which the survey asks."""

from typing import Any

from ml import question_orders
from ml.evaluation import Split
from surveys.management.commands._evaluation import EvaluationCommand


class Command(EvaluationCommand):
    """Compares the model's order with others by how many answers tell the full survey's scores."""

    help = "Count the items that tell the full survey's scores with r = .90 and .95, in the model's order and others."

    def evaluate(self, people: Split, seed: int) -> dict[str, Any]:
        """Train and count."""
        return question_orders.evaluate_questions(people, seed=seed)

    def lines(self, found: dict[str, Any]) -> list[str]:
        """Return one table a target."""
        people, took = found["people"], found["milliseconds_a_choice"]
        lines = [f"{people['held_out']:,} people held out of {sum(people.values()):,}; items needed for r with all 163"]
        for target, orders in found["targets"].items():
            lines += ["", f"{target:32}{'mean .90':>9}{'mean .95':>9}{'every .90':>10}{'every .95':>10}"]
            for order, row in orders.items():
                mean, every = row["mean"].values(), row["every"].values()
                lines.append(f"{order:32}" + "".join(f"{n:>9}" for n in mean) + "".join(f"{n:>10}" for n in every))
            lines.append(f"{'limit':32}" + "".join(f"{n:>9}" for n in found["limits"][target].values()))
        lines += [
            "",
            f"{took['mean']} ms a choice, {took['most']} ms at most; the first prepares them in {took['first']} ms.",
        ]
        return [*lines, "All limits are kept." if found["is_reached"] else "A limit is missed."]
