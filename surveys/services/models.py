"""The measurement model in use, loaded once in each process."""

import functools
import hashlib
import io

from django.core.files.storage import default_storage

from ml import artifacts
from ml.measurement import MeasurementModel
from surveys.models import MeasurementVersion


class ArtifactDamagedError(Exception):
    """The stored model is not the one that was saved."""


def active_version() -> MeasurementVersion | None:
    """Return the version that places people now, if one has been published."""
    return MeasurementVersion.objects.filter(is_active=True).first()


def model_of(version: MeasurementVersion) -> MeasurementModel:
    """Return the model of a version, checked against its checksum."""
    return _load(version.artifact.name, version.sha256)


def is_whole(version: MeasurementVersion) -> bool:
    """Return whether the stored model of a version is there and the one that was saved; reads the file anew."""
    try:
        with default_storage.open(version.artifact.name, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest() == version.sha256
    except OSError:
        return False


@functools.lru_cache(maxsize=4)
def _load(name: str, sha256: str) -> MeasurementModel:
    """Read a model once in each process: an artifact never changes, its name and checksum say which one it is."""
    with default_storage.open(name, "rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ArtifactDamagedError(f"The stored model {name} does not match its checksum; publish another version.")
    return artifacts.load(io.BytesIO(content))
