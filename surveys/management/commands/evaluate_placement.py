"""Judge how well people are placed and found again."""

from typing import Any

from ml import evaluation
from ml.evaluation import Split
from surveys.management.commands._evaluation import EvaluationCommand


class Command(EvaluationCommand):
    """Finds people again from other answers of theirs, by likeness and by simpler measures."""

    help = "Find held-out people again from their other half, and check places and intervals from few answers."

    def evaluate(self, people: Split, seed: int) -> dict[str, Any]:
        """Train and measure."""
        return evaluation.evaluate_placement(people, seed=seed)

    def lines(self, found: dict[str, Any]) -> list[str]:
        """Return what was found, question by question."""
        people = found["people"]
        lines = [
            f"{people['held_out']:,} people held out of {sum(people.values()):,}; {found['axes']} axes of likeness"
        ]
        for name, rows in found["retrieval"].items():
            lines += ["", f"{name:44}{'first':>24}{'among ten':>24}"]
            lines += [
                f"{measure:44}{_share(row['top_1']):>24}{_share(row['top_10']):>24}" for measure, row in rows.items()
            ]
        below = found["below_ceiling"]
        for place, figure in below.items():
            low, high = figure["interval"]
            lines.append(f"Below the ceiling, {place}: {figure['points']} points ({low} to {high}).")
        lines += ["", f"{'answers':>7}  90 % intervals hold the full score   least   most of 16 scales"]
        lines += [
            f"{row['answers']:>7}{row['overall']:>38.1%}{row['least']:>8.1%}{row['most']:>7.1%}"
            for row in found["coverage"]
        ]
        lines += [f"r with the complete sheet, {row['missing']} missing: {row['mean_r']}" for row in found["missing"]]
        lines += [
            f"Order of the complete sheets from {row['answers']} answers: rank correlation "
            f"{row['exact_with_complete']} by likeness, {row['served_with_complete']} by expected likeness (lists)."
            for row in found["serving"]
        ]
        lines.append(f"Lists of ten from the two halves of one person share {found['overlap_of_lists']:.1%}.")
        return [*lines, "The limit is kept." if found["is_reached"] else "The limit is missed."]


def _share(figure: dict[str, Any]) -> str:
    """Return a share and its interval."""
    low, high = figure["interval"]
    return f"{figure['share']:.1%} ({low:.1%} - {high:.1%})"
