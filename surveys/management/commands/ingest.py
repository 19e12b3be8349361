"""Import the seed dataset."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from surveys.models import SeedImport
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
        kind = SeedImport.Kind.SYNTHETIC if options["synthetic"] else SeedImport.Kind.PUBLISHED
        try:
            if options["synthetic"]:
                rows, sha256, source = seed.synthetic_rows()
            else:
                rows, sha256, source = seed.read(options["source"] or settings.SEED_DATASET)
        except seed.SeedError as error:
            raise CommandError(f"Nothing was imported: {error}") from None
        with tqdm(total=len(rows), unit=" respondents", disable=not sys.stderr.isatty()) as bar:
            outcome = seed.store(rows=rows, sha256=sha256, source=source, kind=kind, progress=bar.update)
        if not outcome.is_new:
            self.stdout.write(f"Already imported: {outcome.seed_import}.")
            return
        for what, number in outcome.seed_import.counts.items():
            self.stdout.write(f"{number:>9,}  {what}")
        self.stdout.write(f"Imported: {outcome.seed_import}.")
