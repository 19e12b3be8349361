"""Answers as arrays: what a training learns from, and where the respondents of the seed dataset lie."""

import datetime
import functools
import io
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from accounts.models import Consent, User
from ml import reliability, responses
from ml.items import N_ITEMS
from ml.measurement import MeasurementModel
from surveys.models import AnswerSheet, MeasurementVersion, SeedImport

BATCH_SIZE = 5000
# With this many members the seed dataset, however large, says at most as much as they do.
MEMBERS_WHO_OUTWEIGH_THE_SEED = 5000


@dataclass(frozen=True)
class TrainingArrays:
    """What a measurement model learns from: the respondents who were kept, then the members who were kept."""

    answers: NDArray[np.int8]
    """One row a person; 0 = not answered."""
    weights: NDArray[np.float64]
    is_norm: NDArray[np.bool_]
    """Whose distribution gives the percentiles: people known to be adults."""
    n_respondents: int
    n_members: int
    left_out_respondents: dict[str, int]
    """Rows that each cleaning rule left out, by reason."""
    left_out_members: dict[str, int]
    seed: str
    """Which seed dataset, in words; empty without one."""


@dataclass(frozen=True)
class RespondentPlaces:
    """Where the respondents of the latest seed dataset lie under one version; all arrays in the order of `ids`."""

    ids: NDArray[np.int64]
    axes: NDArray[np.float32]
    reliability: NDArray[np.float32]
    scales: NDArray[np.float32]
    is_adult: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


def training_arrays() -> TrainingArrays:
    """Return everything that a measurement model may learn from now.

    Members are here only while they agree both to the survey and to training, and never when they are demo members.
    """
    seed = latest_import()
    of_seed, is_adult, left_out_respondents = _kept_respondents(seed)
    of_members, left_out_members = _kept_members()
    n_respondents, n_members = len(of_seed), len(of_members)
    return TrainingArrays(
        answers=np.concatenate([of_seed, of_members]),
        weights=np.concatenate([np.full(n_respondents, seed_weight(n_respondents, n_members)), np.ones(n_members)]),
        is_norm=np.concatenate([is_adult, np.ones(n_members, dtype=bool)]),
        n_respondents=n_respondents,
        n_members=n_members,
        left_out_respondents=left_out_respondents,
        left_out_members=left_out_members,
        seed=str(seed or ""),
    )


def grouped_respondents() -> tuple[NDArray[np.int8], dict[str, NDArray[np.str_]]]:
    """Return the answers of respondents to learn from, and by which groups they can be compared."""
    seed = latest_import()
    if seed is None:
        return np.empty((0, N_ITEMS), dtype=np.int8), {}
    _, answers, facts = _read_respondents(seed)
    kept, _ = _rows_to_learn_from(answers, facts)
    others = np.array(seed.respondents.order_by("row").values_list("gender", "country"), dtype=str).reshape(-1, 2)[kept]
    gender, country = others[:, 0].astype(np.int64), others[:, 1].tolist()
    return answers[kept], reliability.groups_of(age=facts["age"][kept], gender=gender, country=country)


def seed_weight(n_respondents: int, n_members: int) -> float:
    """Return what one respondent counts beside a member: as much, until members are many; then all at most half."""
    if n_members < MEMBERS_WHO_OUTWEIGH_THE_SEED or n_respondents == 0:
        return 1.0
    return min(1.0, n_members / n_respondents)


def latest_import() -> SeedImport | None:
    """Return the seed dataset in use."""
    return SeedImport.objects.order_by("pk").last()


def write_respondent_places(*, version: MeasurementVersion, model: MeasurementModel) -> int:
    """Place the respondents of the latest seed dataset and keep them in a file; what is there already stays.

    Returns how many were placed.
    """
    seed = latest_import()
    if seed is None or version.respondent_places.name == (name := _places_name(version, seed)):
        return 0
    ids, answers, facts = _read_respondents(seed)
    placed = model.place(answers)
    content = io.BytesIO()
    np.savez(
        content,
        ids=ids,
        axes=placed.axes.astype(np.float32),
        reliability=placed.reliability.astype(np.float32),
        scales=placed.scales.astype(np.float32),
        is_adult=responses.is_adult(facts["age"]),
    )
    return len(ids) if _keep_places(version, name, content.getvalue()) else 0


@transaction.atomic
def _keep_places(version: MeasurementVersion, name: str, content: bytes) -> bool:
    """Write a file of places unless another worker was faster; a file that is being read is never touched."""
    locked = MeasurementVersion.objects.select_for_update().get(pk=version.pk)
    former = str(locked.respondent_places.name or "")
    if former != name:
        default_storage.delete(name)
        locked.respondent_places.name = default_storage.save(name, ContentFile(content))
        locked.save(update_fields=["respondent_places"])
    version.respondent_places.name = locked.respondent_places.name
    if former and former != name:
        transaction.on_commit(lambda: default_storage.delete(former))
    return former != name


def respondent_places(*, version: MeasurementVersion) -> RespondentPlaces:
    """Return where respondents lie; nobody, as long as the latest seed dataset has not been placed."""
    seed = latest_import()
    if seed is None or version.respondent_places.name != _places_name(version, seed):
        return _nobody()
    return _read_places(version.respondent_places.name, seed.imported_at, version.created_at)


@functools.lru_cache(maxsize=1)
def _read_places(name: str, *_made_at: datetime.datetime) -> RespondentPlaces:
    """Read a file of places once in each process; the moments tell apart what once bore the same name."""
    with default_storage.open(name, "rb") as file, np.load(file, allow_pickle=False) as arrays:
        return RespondentPlaces(**{key: arrays[key] for key in arrays.files})


def _places_name(version: MeasurementVersion, seed: SeedImport) -> str:
    """Return the name of the file that holds the places of one seed dataset under one version."""
    return f"places/version-{version.pk}-import-{seed.pk}.npz"


def _nobody() -> RespondentPlaces:
    """Return the places of no one."""
    nothing = np.empty((0, 0), dtype=np.float32)
    return RespondentPlaces(
        ids=np.empty(0, dtype=np.int64),
        axes=nothing,
        reliability=nothing,
        scales=nothing,
        is_adult=np.empty(0, dtype=bool),
    )


def _kept_respondents(
    seed: SeedImport | None,
) -> tuple[NDArray[np.int8], NDArray[np.bool_], dict[str, int]]:
    """Return the answers of respondents to learn from, who of them is an adult, and how many were left out and why."""
    if seed is None:
        return np.empty((0, N_ITEMS), dtype=np.int8), np.empty(0, dtype=bool), {}
    _, answers, facts = _read_respondents(seed)
    kept, left_out = _rows_to_learn_from(answers, facts)
    return answers[kept], responses.is_adult(facts["age"])[kept], left_out


def _rows_to_learn_from(
    answers: NDArray[np.int8], facts: dict[str, NDArray[np.int64]]
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Return which rows pass the cleaning rules, and how many each rule leaves out."""
    return responses.training_mask(answers, **facts, include_minors=settings.TRAIN_ON_MINORS)


def _read_respondents(
    seed: SeedImport,
) -> tuple[NDArray[np.int64], NDArray[np.int8], dict[str, NDArray[np.int64]]]:
    """Return ids, answers, and age, accuracy and elapsed seconds, without ever holding the rows as objects."""
    rows = seed.respondents.order_by("row").values_list("pk", "age", "accuracy", "elapsed", "answers")
    numbers = array("q")
    answers = bytearray()
    for *facts, sheet in rows.iterator(chunk_size=BATCH_SIZE):
        numbers.extend(facts)
        answers += sheet
    ids, age, accuracy, elapsed = np.frombuffer(numbers, dtype=np.int64).reshape(-1, 4).T
    return ids.copy(), _matrix(answers), {"age": age, "accuracy": accuracy, "elapsed": elapsed}


def sheets_to_learn_from() -> QuerySet[AnswerSheet]:
    """Return the sheets of members who agree to it, before any is left out for what it looks like."""
    agreed = Consent.objects.in_force()
    people = User.objects.real()
    for kind in (Consent.Kind.MATCHING, Consent.Kind.TRAINING):
        people = people.filter(pk__in=agreed.filter(kind=kind).values("user"))
    return AnswerSheet.objects.filter(is_current=True, n_answered__gt=0, user__in=people)


def _kept_members() -> tuple[NDArray[np.int8], dict[str, int]]:
    """Return the answers of members to learn from, and how many sheets were left out and why."""
    rows = sheets_to_learn_from().order_by("pk").values_list("seconds", "answers")
    return _kept_sheets(rows.iterator(chunk_size=BATCH_SIZE))


def _kept_sheets(rows: Iterable[tuple[int, bytes | memoryview]]) -> tuple[NDArray[np.int8], dict[str, int]]:
    """Return the sheets that pass the cleaning rules; an unknown time is not held against anyone."""
    seconds = array("q")
    answers = bytearray()
    for spent, sheet in rows:
        seconds.append(spent or responses.FEWEST_SECONDS)
        answers += sheet
    matrix = _matrix(answers)
    kept, left_out = responses.training_mask(matrix, elapsed=np.frombuffer(seconds, dtype=np.int64))
    return matrix[kept], left_out


def _matrix(answers: bytearray) -> NDArray[np.int8]:
    """Return joined sheets as rows."""
    return np.frombuffer(answers, dtype=np.int8).reshape(-1, N_ITEMS)
