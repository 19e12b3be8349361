"""Where measurements go: on the terminal as a line, and into docs/results as dated JSON."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "results"


def record(name: str, figures: dict[str, Any]) -> None:
    """Print figures and write them down together with what kind of machine they hold for."""
    now = datetime.now(UTC)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d}-{name}.json"
    path.write_text(json.dumps({"measured_at": now.isoformat(), "machine": machine} | figures, indent=2) + "\n")
    print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))
