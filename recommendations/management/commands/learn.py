"""Learn from the verdicts in the foreground: the same learning that the worker does every night."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Purpose
from recommendations.services import training
from surveys.models import TrainingRun


class Command(BaseCommand):
    """Prints each step, and in the end what was found."""

    help = "Fit the preference model to all likes and passes, and publish it where it predicts better than likeness."

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn, or say in one sentence why nothing new is in use."""
        try:
            run = training.retrain(kind=TrainingRun.Kind.PREFERENCE, say=self._say)
        except training.BusyError as reason:
            self._fail(str(reason))
        except KeyboardInterrupt:
            self._fail("Stopped. What was learned before goes on serving.")
        for line in findings(run.report):
            self._say(line)
        if run.status != TrainingRun.Status.SUCCEEDED:
            self._fail(f"{run.error} What ranked people before goes on doing so.")
        self._say("Published.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _fail(self, reason: str) -> None:
        self.stderr.write(reason)
        sys.exit(1)


def findings(report: dict[str, Any]) -> list[str]:
    """Return what was found for each purpose, in lines for the terminal."""
    lines = []
    for purpose, found in report.get("purposes", {}).items():
        line = f"{Purpose(purpose).label}: {found['verdicts']} verdicts, {found['likes']} of them likes."
        if held_out := found.get("held_out"):
            gain, low, high = held_out["difference"]
            line += (
                f" AUC {held_out['auc']:.3f} on pairs held out, {gain:+.3f} ({low:+.3f} to {high:+.3f}) against"
                f" likeness."
            )
        lines.append(f"{line} {found['reason']}" if "reason" in found else line)
    return lines
