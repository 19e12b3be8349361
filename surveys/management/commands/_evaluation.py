"""What both evaluation commands share: their arguments, where the people come from, and one object as the answer."""

import io
import json
from abc import abstractmethod
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ml import evaluation, responses
from ml.evaluation import Split
from surveys.services import seed_source

# What cannot be evaluated ends with another status than what was evaluated and found wanting.
MISSED, IMPOSSIBLE = 1, 2


class EvaluationCommand(BaseCommand):
    """Trains on the published dataset without some people, judges the model on them, and needs no database."""

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the data, the seed and the form of the answer."""
        parser.add_argument("--data", help="A local zip or csv, an address or s3://bucket/key; default SEED_DATASET.")
        parser.add_argument("--seed", type=int, default=0, help="Chooses the people held out, and what is drawn.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate and print; the status is 1 when a limit is missed."""
        try:
            table = seed_source.fetch(options["data"] or settings.SEED_DATASET)
            people = evaluation.split(responses.read_published(io.BytesIO(table.content)), seed=options["seed"])
            found = self.evaluate(people, options["seed"])
        except (seed_source.SourceError, ValueError) as error:
            raise CommandError(f"Nothing was evaluated: {error}", returncode=IMPOSSIBLE) from None
        self.stdout.write(json.dumps(found, allow_nan=False) if options["json"] else "\n".join(self.lines(found)))
        if not found["is_reached"]:
            raise SystemExit(MISSED)

    @abstractmethod
    def evaluate(self, people: Split, seed: int) -> dict[str, Any]:
        """Return what was found; `is_reached` is among it."""

    @abstractmethod
    def lines(self, found: dict[str, Any]) -> list[str]:
        """Return what was found as text."""
