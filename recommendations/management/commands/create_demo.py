"""Create the demo population."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from recommendations.services import demo


class Command(BaseCommand):
    """Two hundred members who are marked as demo; run again it changes nothing."""

    help = "Create the demo population (only with DEMO=1)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create it, and keep its login in a private file."""
        try:
            # Together, because the password is known only now: without the file nobody could ever log in.
            with transaction.atomic():
                password = demo.create()
                if password is not None:
                    _keep(f"{demo.LOGIN} {password}\n")
        except demo.DemoRefusedError as refusal:
            raise CommandError(str(refusal)) from None
        if password is None:
            self.stdout.write("The demo population is there.")
        else:
            self.stdout.write(f"Demo population created: {demo.N_MEMBERS} members, marked as demo.")


def _keep(login: str) -> None:
    """Write the login where only the owner of this installation can read it, not even for a moment anybody else."""
    path = Path(settings.DATA_DIR) / "demo-login"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(login)
