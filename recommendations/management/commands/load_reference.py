"""Bring the model that ships with the project into use, so that people can be placed before anything is trained."""

from typing import Any

from django.core.management.base import BaseCommand

from recommendations.services import publishing
from surveys.services import models, training


class Command(BaseCommand):
    """Safe to run at every start: a model that was trained here stays in use."""

    help = "Install the reference model and publish it, unless a model trained here is in use."

    def handle(self, *args: Any, **options: Any) -> None:
        """Install, publish where that is due, and say what is in use."""
        version = training.install_reference()
        in_use = models.active_version()
        if in_use is None or (in_use.is_reference and in_use != version):
            publishing.roll_back(measurement_version=version)
            self.stdout.write("The reference model is in use.")
        elif in_use == version:
            self.stdout.write("The reference model is in use already.")
        else:
            self.stdout.write(f"{in_use}, trained here, stays in use.")
