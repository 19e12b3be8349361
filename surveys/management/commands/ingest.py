"""Import the seed dataset."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from surveys.services import seed


class Command(BaseCommand):
    """Fetches, checks, counts and imports; an interrupted import leaves everything as it was."""

    help = "Import the openpsychometrics.org 16PF dataset as respondents, which are never members."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source."""
        parser.add_argument("source", nargs="?", help="An address, a local zip or csv, or s3://bucket/key.")
        parser.add_argument(
            "--synthetic", action="store_true", help="Draw 5,000 respondents from the reference model instead."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say in one sentence why not."""
        if options["synthetic"] and options["source"]:
            raise CommandError("Nothing was imported: name a source or --synthetic, not both.")
        with tqdm(unit=" respondents", leave=False, delay=0.5, disable=not sys.stderr.isatty()) as bar:

            def show(n_new: int, n_all: int) -> None:
                bar.total = n_all
                bar.update(n_new)

            try:
                if options["synthetic"]:
                    outcome = seed.ingest_synthetic(progress=show)
                else:
                    outcome = seed.ingest(source=options["source"] or settings.SEED_DATASET, progress=show)
            except seed.SeedError as error:
                raise CommandError(f"Nothing was imported: {error}") from None
        self._report(outcome)

    def _report(self, outcome: seed.Outcome) -> None:
        """Say what was found, what is left out of training and why, and what the import took the place of."""
        if not outcome.is_new:
            self.stdout.write(f"Already imported: {outcome.seed_import}.")
            return
        for what, number in outcome.seed_import.counts.items():
            self.stdout.write(f"{number:>9,}  {what}")
        self.stdout.write(f"Imported: {outcome.seed_import}.")
        if outcome.has_replaced:
            fallen = " and ".join(f"{number:,} {name}" for name, number in outcome.fallen.items()) or "nothing else"
            self.stdout.write(f"It took the place of the former import, with which {fallen} fell.")
