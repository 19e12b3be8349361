"""The image, built and run for real; it takes minutes and root, so only `make check-long` does it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from matchsite.processes import answers, free_port

BUILDAH = ["buildah", "--storage-driver", "vfs"]
CHROOT = ["--isolation", "chroot"]
MOST_OVER_PACKAGES = 1.15

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        shutil.which("buildah") is None, reason="buildah is not installed; on Debian: apt install buildah"
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="building without a Docker engine needs root"),
]


def buildah(*words: str) -> str:
    return subprocess.run([*BUILDAH, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def image() -> str:
    """Build what is committed, as a registry would."""
    root = str(django_settings.BASE_DIR)
    buildah("bud", *CHROOT, "--pull=missing", "--tag", "localhost/kindred-under-test", root)
    return "localhost/kindred-under-test"


@pytest.fixture
def container(image: str) -> Iterator[str]:
    name = buildah("from", "--pull=never", image)
    yield name
    buildah("rm", name)


def run(container: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run what the image's entry point makes of some words."""
    settings = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    line = [*BUILDAH, "run", *CHROOT, *settings, container, "--", "python", "-m", "matchsite.container", *words]
    return subprocess.run(line, check=False, capture_output=True, text=True, timeout=120)


def test_without_configuration_commands_run_and_the_web_server_refuses(container: str) -> None:
    assert run(container, "check").returncode == 0
    assert "usage: manage.py ingest" in run(container, "ingest", "--help").stdout
    refused = run(container)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Set SECRET_KEY")
    assert "The schema is there now" in run(container, "create_db").stdout


def test_it_serves_as_nobody_in_particular_and_says_that_it_is_well(container: str) -> None:
    port = free_port()
    settings = {"SECRET_KEY": "k" * 60, "PORT": str(port), "ALLOWED_HOSTS": "kindred.example"}
    flags = [word for name, value in settings.items() for word in ("--env", f"{name}={value}")]
    assert run(container, "id", "-u").stdout.strip() == "10001"
    assert "The schema is there now" in run(container, "create_db", **settings).stdout
    line = [*BUILDAH, "run", *CHROOT, *flags, container, "--", "python", "-m", "matchsite.container", "web"]
    server = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while not answers(port):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert run(container, "healthcheck", **settings).returncode == 0
    finally:
        # buildah hands no signal on, and what it leaves behind would serve for ever.
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def test_it_holds_no_compiler_and_little_beside_its_packages(container: str) -> None:
    root = Path(buildah("mount", container))
    try:
        base = buildah("from", "--pull=never", "docker.io/library/python:3.11-slim-bookworm")
        bare = kilobytes(Path(buildah("mount", base)))
        buildah("rm", base)
        share = kilobytes(root) / (bare + kilobytes(root / "opt" / "venv"))
        programs = {
            path.name for directory in ("bin", "usr/bin", "usr/local/bin") for path in (root / directory).glob("*")
        }
    finally:
        buildah("umount", container)
    assert share <= MOST_OVER_PACKAGES
    assert not programs & {"gcc", "cc", "g++", "make", "ld"}
    installed = run(container, "dpkg-query", "--show", "--showformat", "${Package}\n").stdout.split()
    assert not [package for package in installed if package.endswith("-dev")]


def kilobytes(path: Path) -> int:
    return int(subprocess.run(["du", "-skx", str(path)], check=True, capture_output=True, text=True).stdout.split()[0])


def test_nothing_is_written_outside_its_volume(container: str) -> None:
    assert "The schema is there now" in run(container, "create_db").stdout
    root = Path(buildah("mount", container))
    try:
        strays = subprocess.run(
            ["find", str(root), "-xdev", "-newer", str(root / "site" / "collected"), "-user", "10001", "-type", "f"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    finally:
        buildah("umount", container)
    outside = [path.removeprefix(f"{root}/") for path in strays]
    assert [path for path in outside if not path.startswith(("data/", "tmp/"))] == []
