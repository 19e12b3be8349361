"""Put the newest backup of the database and the uploads back."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Puts a backup in the place of what is there, after asking once more."""

    help = "Put the newest backup in the place of the database and the uploads; stop the site first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let scripts go without the question."""
        parser.add_argument("--noinput", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore both, or say in one sentence why not."""
        if not options["noinput"] and input("What is there now will be lost. Type yes to go on: ") != "yes":
            raise CommandError("Nothing was restored.")
        try:
            call_command("dbrestore", uncompress=True, quiet=True, interactive=False)
        except Exception as error:
            why = " ".join(str(error).split()).rstrip(".")
            raise CommandError(f"Nothing was restored: {why}.") from error
        call_command("mediarestore", uncompress=True, replace=True, quiet=True, interactive=False)
        self.stdout.write("Database and uploads are restored.")
