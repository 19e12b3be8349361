"""Create the demo population, and what its members wrote to each other."""

from typing import Any

from conversations.services import demo
from recommendations.management.commands import create_demo


class Command(create_demo.Command):
    """Two hundred members who are marked as demo, and who talk; run again it changes nothing."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the members where there are none, then their conversations."""
        super().handle(*args, **options)
        n_messages = demo.talk()
        if n_messages:
            self.stdout.write(f"Demo conversations created: {n_messages:,} messages, marked as demo.")
