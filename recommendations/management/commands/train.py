"""Train the measurement model in the foreground: the same retraining that the worker does."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from recommendations.services import training
from surveys.models import TrainingRun


class Command(BaseCommand):
    """Prints each step, and in the end what was found."""

    help = "Train the measurement model and publish it when it is not worse than the one in use."

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, or say in one sentence why nothing new is in use."""
        try:
            run = training.retrain(say=self._say)
        except training.BusyError as reason:
            self._fail(str(reason))
        except KeyboardInterrupt:
            self._fail("Stopped. The model in use goes on serving.")
        if run.status != TrainingRun.Status.SUCCEEDED:
            self._fail(f"{run.error} The model in use goes on serving.")
        for line in findings(run.report):
            self._say(line)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _fail(self, reason: str) -> None:
        self.stderr.write(reason)
        sys.exit(1)


def findings(report: dict[str, Any]) -> list[str]:
    """Return what a training found, in lines for the terminal."""
    k_space = report["space"]["k"]
    retained = report["variance_retained"][k_space - 1]
    types = report["types"]
    lines = [
        f"Kaiser's number: {report['kaiser']} eigenvalues above 1.",
        f"Space: {k_space} factors hold {retained['common']:.1%} of the common variance "
        f"and {retained['total']:.1%} of all variance.",
        f"Types: {types['k']}.",
        "  k  silhouette         SSE",
    ]
    lines += [f"{row['k']:3}  {row['silhouette']:10.3f}  {row['sse']:10.0f}" for row in types["per_k"]]
    seconds = sum(report["timings"].values())
    return [*lines, f"Trained in {seconds:.1f} s and published."]
