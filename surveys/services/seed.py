"""Importing the seed dataset: everything or nothing, and nothing twice."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from ml import artifacts, responses, synthetic
from ml.responses import Responses
from surveys.models import Respondent, SeedImport
from surveys.services import seed_source

BATCH_SIZE = 2000
N_SYNTHETIC = 5000
SYNTHETIC_SEED = 16
SYNTHETIC_AGE = 30
SYNTHETIC_SECONDS = 900

Progress = Callable[[int], None]


class SeedError(Exception):
    """The dataset cannot be imported; the message says why in one sentence."""


@dataclass(frozen=True)
class Outcome:
    """What an import came to."""

    seed_import: SeedImport
    is_new: bool


def read(source: str) -> tuple[Responses, str, str]:
    """Fetch and read a dataset; return its rows, its checksum and where it came from.

    Raises
    ------
    SeedError
        When it cannot be fetched or is something else.
    """
    try:
        fetched = seed_source.fetch(source)
        rows = responses.read_published(io.BytesIO(fetched.content))
    except (seed_source.SourceError, ValueError) as error:
        raise SeedError(" ".join(str(error).split())) from None
    if not len(rows):
        raise SeedError("The dataset has a header but no rows.")
    return rows, hashlib.sha256(fetched.content).hexdigest(), fetched.description


def synthetic_rows() -> tuple[Responses, str, str]:
    """Draw respondents from the reference model, for an installation that cannot fetch the published ones."""
    rng = np.random.default_rng(SYNTHETIC_SEED)
    answers = synthetic.sample_answers(artifacts.load_reference(), N_SYNTHETIC, rng)
    zeros = np.zeros(N_SYNTHETIC, dtype=np.int64)
    rows = Responses(
        answers=answers,
        age=zeros + SYNTHETIC_AGE,
        gender=zeros,
        accuracy=zeros + 100,
        source=zeros,
        elapsed=zeros + SYNTHETIC_SECONDS,
        country=[""] * N_SYNTHETIC,
    )
    return rows, hashlib.sha256(answers.tobytes()).hexdigest(), "drawn from the reference model"


def store(
    *,
    rows: Responses,
    sha256: str,
    source: str,
    kind: str = SeedImport.Kind.PUBLISHED,
    progress: Progress | None = None,
) -> Outcome:
    """Replace the respondents by those of a dataset, in one transaction; the same dataset again changes nothing."""
    with transaction.atomic():
        newest = SeedImport.objects.order_by("-pk").first()
        if newest is not None and newest.sha256 == sha256:
            return Outcome(newest, is_new=False)
        SeedImport.objects.all().delete()
        seed_import = SeedImport.objects.create(
            kind=kind, source=source[:500], sha256=sha256, n_respondents=len(rows), counts=counts_of(rows)
        )
        for batch in _batches(rows, seed_import):
            Respondent.objects.bulk_create(batch)
            if progress:
                progress(len(batch))
    return Outcome(seed_import, is_new=True)


def counts_of(rows: Responses) -> dict[str, int]:
    """Return what was found in a dataset, and how many rows each cleaning rule leaves out of training."""
    missed = rows.answers == 0
    ages, accuracies = np.asarray(rows.age), np.asarray(rows.accuracy)
    mask, left_out = responses.training_mask(rows.answers, age=ages, accuracy=accuracies, elapsed=rows.elapsed)
    return {
        "respondents": len(rows),
        "missed answers": int(missed.sum()),
        "rows without a missed answer": int((~missed.any(axis=1)).sum()),
        "rows from Namibia (NA)": rows.country.count("NA"),
        "rows with a blank country": rows.country.count(""),
        "impossible ages": int(np.isnan(responses.known_age(ages)).sum()),
        "impossible accuracies": int(((accuracies < 0) | (accuracies > 100)).sum()),
        **{f"left out of training: {reason}": number for reason, number in left_out.items()},
        "left for training": int(mask.sum()),
    }


def _batches(rows: Responses, seed_import: SeedImport) -> Iterator[list[Respondent]]:
    """Return the rows of the database, a batch at a time."""
    answers = np.ascontiguousarray(rows.answers)
    columns = zip(
        rows.age.tolist(),
        rows.gender.tolist(),
        rows.accuracy.tolist(),
        rows.country,
        rows.source.tolist(),
        rows.elapsed.tolist(),
        strict=True,
    )
    batch: list[Respondent] = []
    for index, (age, gender, accuracy, country, source, elapsed) in enumerate(columns):
        batch.append(
            Respondent(
                seed_import=seed_import,
                row=index + 1,
                answers=answers[index].tobytes(),
                age=age,
                gender=gender,
                accuracy=accuracy,
                country=country,
                source=source,
                elapsed=elapsed,
            )
        )
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch
