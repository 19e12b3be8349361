"""Create the demo population."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommendations.services import demo


class Command(BaseCommand):
    """Two hundred members who are marked as demo; run again it changes nothing."""

    help = "Create the demo population (only with DEMO=1)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create it, and keep its login in a private file."""
        try:
            password = demo.create()
        except demo.DemoRefusedError as refusal:
            raise CommandError(str(refusal)) from None
        if password is None:
            self.stdout.write("The demo population is there.")
            return
        path = Path(settings.DATA_DIR) / "demo-login"
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{demo.LOGIN} {password}\n")
        self.stdout.write("Demo population created: 200 members, marked as demo.")
