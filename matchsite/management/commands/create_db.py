"""Create the schema of the site's database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.executor import MigrationExecutor

from matchsite import databases

GIVEN = "given"


class Command(BaseCommand):
    """Brings the schema up to date; where it is already, nothing is changed."""

    help = "Create the schema in a database, or bring it up to date."
    # Checks would look at the site's own database, which need not be the one that is named.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address of a database."""
        parser.add_argument(
            "-g", "--given", metavar="URL", help=f"Its address, such as {databases.EXAMPLE}; default: the site's own."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, or say in one sentence why not."""
        alias = _alias(options["given"])
        try:
            number = self._migrate(alias)
        except (Error, OSError, ImproperlyConfigured) as error:
            # The driver's own sentence; neither it nor this one tells the address, which may hold a password.
            why = " ".join(str(error).split()).rstrip(".")
            raise CommandError(f"The schema was not created: {why}.") from None
        finally:
            connections[alias].close()
        vendor = connections[alias].display_name
        if number:
            self.stdout.write(f"The schema is there now: {number} migrations were applied ({vendor}).")
        else:
            self.stdout.write(f"The schema was there already; nothing was changed ({vendor}).")

    def _migrate(self, alias: str) -> int:
        """Apply what is missing, and return how many migrations that was."""
        executor = MigrationExecutor(connections[alias])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        return len(missing)


def _alias(url: str | None) -> str:
    """Return the name by which Django knows the database."""
    if url is None:
        return DEFAULT_DB_ALIAS
    try:
        found = databases.database(url, data_dir=Path(settings.DATA_DIR))
    except ImproperlyConfigured as error:
        raise CommandError(f"The schema was not created: {error}") from None
    own = connections.settings[DEFAULT_DB_ALIAS]
    connections.settings[GIVEN] = own | {"TEST": own["TEST"], "OPTIONS": {}} | found
    return GIVEN
