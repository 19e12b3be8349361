"""Place everybody under the measurement version in use."""

from typing import Any

from django.core.management.base import BaseCommand

from surveys.services import models, placing, training


class Command(BaseCommand):
    """Finds what has no place yet, or an old one; run again it has nothing to do."""

    help = "Place all answer sheets and the respondents of the seed dataset under the version in use."

    def handle(self, *args: Any, **options: Any) -> None:
        """Place, and say how many."""
        version = models.active_version()
        if version is None:
            self.stdout.write("No measurement version is in use; publish one with load_reference or train.")
            return
        n_members = placing.place_everyone(version=version)
        n_respondents = training.place_respondents(version=version)
        self.stdout.write(f"Placed {n_members:,} answer sheets and {n_respondents:,} respondents.")
