"""Do everything that must be done once before the site can serve pages."""

from typing import Any

from django.core.management.base import BaseCommand

from matchsite import preparation


class Command(BaseCommand):
    """Safe to run at every start: what is there already is left alone."""

    help = "Prepare database, reference model, respondents, demo population and administrator."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, saying each step in one line."""
        try:
            preparation.prepare(self.stdout.write)
        except KeyboardInterrupt:
            self.stderr.write(preparation.INTERRUPTED)
            raise SystemExit(130) from None
