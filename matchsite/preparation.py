"""What a checkout needs before it can serve pages; each step does nothing when its work is already done."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from accounts.models import User
from surveys.models import SeedImport

ADMINISTRATOR = "admin@kindred.localhost"
INTERRUPTED = "Stopped. The next start goes on where this one ended."

Say = Callable[[str], None]


def prepare(say: Say) -> None:
    """Bring database, reference model, respondents, places, demo population and administrator into being."""
    call_command("migrate", verbosity=0, interactive=False)
    say("Database is up to date.")
    call_command("load_reference")
    import_seed(say)
    call_command("place")
    if settings.DEMO:
        call_command("create_demo")
    create_administrator(say)


def import_seed(say: Say) -> None:
    """Import the seed dataset, once; go on with synthetic respondents when its host cannot be reached.

    Raises
    ------
    CommandError
        When SEED_DATASET names something other than an address, and that cannot be read.
    """
    last = SeedImport.objects.order_by("pk").last()
    if last is not None:
        say(f"Respondents are there: {last}.")
        return
    try:
        call_command("ingest")
    except CommandError as error:
        if not settings.SEED_DATASET.startswith(("http://", "https://")):
            raise
        say(f"{error} Going on with synthetic respondents, drawn from the reference model and labelled as such.")
        call_command("ingest", synthetic=True)


def create_administrator(say: Say) -> None:
    """Create the first administrator with a random password, which is shown once and kept in a private file."""
    if User.objects.filter(is_superuser=True).exists():
        return
    password = secrets.token_urlsafe(12)
    path = administrator_file()
    with transaction.atomic():
        user = User.objects.create_superuser(ADMINISTRATOR, password)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        write_privately(path, f"{password}\n")
    say(f"Administrator created: {ADMINISTRATOR}, password {password} (shown this once, kept in {path}).")


def administrator_file() -> Path:
    """Return where the administrator's first password is kept."""
    return Path(settings.DATA_DIR) / "admin-password"


def write_privately(path: Path, text: str) -> None:
    """Write a file that nobody else on this machine can read, not even for a moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
