"""Doing things at the same moment."""

import threading
from collections.abc import Sequence


def run_together(threads: Sequence[threading.Thread]) -> None:
    """Start threads and wait for all of them."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
