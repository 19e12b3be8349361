"""Measurement models as files: arrays and JSON in one .npz, with schema version and checksum; never pickle."""

import hashlib
import io
import json
import os
import zipfile
import zlib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ml.measurement import MeasurementModel, array_names

SCHEMA = 1
DESCRIPTION = "description"


def save(model: MeasurementModel, path: str | os.PathLike[str] | IO[bytes]) -> str:
    """Write a model to a file.

    Parameters
    ----------
    model : MeasurementModel
        Aggregates only; no row of a person is in it.
    path : path or binary file
        Where to write; a path appears only once it is whole.

    Returns
    -------
    str
        SHA-256 of the content, as the file itself states it.
    """
    arrays = {name: getattr(model, name) for name in array_names()}
    description = {"schema": SCHEMA, "type_names": model.type_names, "report": model.report}
    text = json.dumps(description, allow_nan=False)
    checksum = _checksum(text, arrays)
    header = json.dumps({"sha256": checksum, "text": text})
    members = arrays | {DESCRIPTION: np.frombuffer(header.encode(), dtype=np.uint8)}
    if not isinstance(path, str | os.PathLike):
        _write(path, members)
        return checksum
    target = Path(path)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            _write(file, members)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return checksum


def _write(file: IO[bytes], members: dict[str, NDArray[Any]]) -> None:
    # Unlike numpy's own writer this one leaves out the time, so that equal models are equal files.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in members.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )


def load(path: str | os.PathLike[str] | IO[bytes]) -> MeasurementModel:
    """Read a model from a file and verify that it is whole.

    Parameters
    ----------
    path : path or binary file
        Written by :func:`save`.

    Returns
    -------
    MeasurementModel
        Places exactly as the saved one.

    Raises
    ------
    ValueError
        When the file is not such a model, of another schema version, or damaged.
    """
    try:
        # Read at once: NumPy leaves the file open when it is not an archive.
        content = Path(path).read_bytes() if isinstance(path, str | os.PathLike) else path.read()
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            members = {name: archive[name] for name in archive.files}
        header = json.loads(members.pop(DESCRIPTION).tobytes())
        text, checksum = header["text"], header["sha256"]
        description = json.loads(text)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError) as error:
        raise ValueError("The file is not a measurement model, or is damaged.") from error
    if description.get("schema") != SCHEMA:
        raise ValueError(f"The model has schema version {description.get('schema')}; this code reads {SCHEMA}.")
    if set(members) != set(array_names()) or checksum != _checksum(text, members):
        raise ValueError("The model's checksum does not fit its content: the file is damaged.")
    names = tuple((str(name), str(sentence)) for name, sentence in description["type_names"])
    return MeasurementModel(**members, type_names=names, report=description["report"])


def _checksum(text: str, arrays: dict[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name], dtype="<f8")
        digest.update(f"{name}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


@cache
def load_reference() -> MeasurementModel:
    """Return the model that ships with the project, computed from the cleaned rows of the published dataset.

    Returns
    -------
    MeasurementModel
        Read once for each process; it is immutable.

    Examples
    --------
    >>> load_reference().report["kaiser"]
    26
    """
    with resources.files("ml").joinpath("reference/model.npz").open("rb") as file:
        return load(file)
