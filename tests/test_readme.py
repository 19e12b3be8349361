"""README and CONTRIBUTING tell the truth about what can be set and run."""

import ast
import re
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
READER = re.compile(r"env\.\w+|os\.environ\.get|environment\.get")
OWN_APPS = {"matchsite", "conversations", "recommendations", "surveys", "accounts"}


def variables_read() -> set[str]:
    """Return the environment variables that the project's own package reads."""
    names = set()
    for path in (ROOT / "matchsite").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and READER.fullmatch(ast.unparse(node.func)):
                first = node.args[0]
                assert isinstance(first, ast.Constant)
                assert isinstance(first.value, str)
                names.add(first.value)
    return names - {"DJANGO_SETTINGS_MODULE"}


def documented() -> set[str]:
    """Return the variables in README's table."""
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE))


def test_readme_explains_exactly_the_variables_that_are_read() -> None:
    assert {"DATABASE_URL", "LOG_LEVEL"} <= variables_read()
    assert documented() == variables_read()


def test_readme_lists_exactly_our_own_commands() -> None:
    ours = {name for name, app in get_commands().items() if app in OWN_APPS}
    listed = set(re.findall(r"^\| `manage\.py (\w+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert listed == ours


def test_every_make_target_that_the_documents_name_exists() -> None:
    text = "".join((ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md", "bench/README.md"))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)|`(?:[A-Z]+=\d+ )?make ([a-z-]+)`", text, flags=re.MULTILINE))
    assert {first or second for first, second in named} <= targets
