"""What the image runs: a role by its word, a program by its name, or else a management command.

web, worker, beat and healthcheck are roles; `ingest`, `create_db`, `train` and all others are management commands.
"""

import os
import shutil
import sys
import urllib.request

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from matchsite import guards, processes

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the container's own network, which nothing reaches unless it is published
HEALTH_SECONDS = 5


def command(words: list[str]) -> list[str]:
    """Return the command line that stands for the words given to the container."""
    role, *rest = words or ["web"]
    if role == "web":
        return [*processes.web_command(host=EVERYWHERE, port=settings.PORT), *rest]
    if role == "worker":
        return [*processes.worker_command(log_level=settings.LOG_LEVEL), *rest]
    if role == "beat":
        return [*processes.beat_command(log_level=settings.LOG_LEVEL), *rest]
    if shutil.which(role):
        return [role, *rest]
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), role, *rest]


def is_healthy() -> bool:
    """Whether the web server of this container answers, asked by a name that the site answers to."""
    host = next((name for name in settings.ALLOWED_HOSTS if "*" not in name), processes.LOCALHOST).lstrip(".")
    request = urllib.request.Request(f"http://{processes.LOCALHOST}:{settings.PORT}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=HEALTH_SECONDS) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def main(words: list[str]) -> int:
    """Become what the words stand for; only a refusal or a question about health comes back."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matchsite.settings")
    django.setup()
    if words[:1] == ["healthcheck"]:
        return 0 if is_healthy() else 1
    if words[:1] in ([], ["web"]):
        try:
            guards.refuse_unsafe_web_role()
        except ImproperlyConfigured as error:
            sys.stderr.write(f"{error}\n")
            return 1
    line = command(words)
    return os.execvp(line[0], line)  # noqa: S606 - the words come from whoever started the container


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
