"""Import the seed dataset."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from surveys.services import seed, seed_copy


class Command(BaseCommand):
    """Fetches, checks, counts and imports; an interrupted import leaves everything as it was."""

    help = "Import the openpsychometrics.org 16PF dataset as respondents, which are never members."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source."""
        parser.add_argument("source", nargs="?", help="An address, a local zip or csv, or s3://bucket/key.")
        parser.add_argument(
            "--synthetic", action="store_true", help="Draw 5,000 respondents from the reference model instead."
        )
        parser.add_argument(
            "-b", "--bucket", help="Copy codebook and data into this S3 bucket instead; nothing is imported."
        )
        parser.add_argument(
            "-c", "--codebook-path", help=f"Name of the codebook in the bucket; default {seed_copy.CODEBOOK_NAME}."
        )
        parser.add_argument("-d", "--data-path", help=f"Name of the data in the bucket; default {seed_copy.DATA_NAME}.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or copy into a bucket, or say in one sentence why not."""
        if options["bucket"] is not None:
            self._copy(options)
            return
        if options["codebook_path"] or options["data_path"]:
            raise CommandError("Nothing was imported: name a bucket (-b) for the files to be copied into.")
        if options["synthetic"] and options["source"]:
            raise CommandError("Nothing was imported: name a source or --synthetic, not both.")
        with _progress_bar() as show:
            try:
                if options["synthetic"]:
                    outcome = seed.ingest_synthetic(progress=show)
                else:
                    outcome = seed.ingest(source=options["source"] or settings.SEED_DATASET, progress=show)
            except seed.SeedError as error:
                raise CommandError(f"Nothing was imported: {error}") from None
        self._report(outcome)

    def _copy(self, options: dict[str, Any]) -> None:
        """Copy the published files into a bucket and say from where they can be imported."""
        if options["synthetic"]:
            raise CommandError("Nothing was copied: invented respondents have no files to copy into a bucket.")
        try:
            address = seed_copy.copy(
                source=options["source"] or settings.SEED_DATASET,
                bucket=options["bucket"],
                codebook_name=options["codebook_path"] or seed_copy.CODEBOOK_NAME,
                data_name=options["data_path"] or seed_copy.DATA_NAME,
            )
        except seed_copy.CopyError as error:
            raise CommandError(f"Nothing was copied: {error}") from None
        self.stdout.write(f"Copied. Import it with: manage.py ingest {address}")

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


@contextmanager
def _progress_bar() -> Iterator[seed.Progress]:
    """Yield what shows how far an import is, on a terminal."""
    with tqdm(unit=" respondents", leave=False, delay=0.5, disable=not sys.stderr.isatty()) as bar:

        def show(n_new: int, n_all: int) -> None:
            bar.total = n_all
            bar.update(n_new)

        yield show
