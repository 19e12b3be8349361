"""Back up the database and the uploads."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Writes one file of each into BACKUP_DIR, under the time at which it was made."""

    help = "Back up the database and the uploads into BACKUP_DIR."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write both."""
        # A site without an upload has no directory for them yet.
        Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
        call_command("dbbackup", compress=True, quiet=True)
        call_command("mediabackup", compress=True, quiet=True)
        self.stdout.write("Database and uploads are backed up.")
