"""Importing the seed dataset: everything or nothing, and nothing twice."""

import hashlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from django.apps import apps
from django.db import connection, transaction

from ml import artifacts, responses, synthetic
from ml.responses import Responses
from surveys.models import Respondent, SeedImport
from surveys.services import seed_source

BATCH_SIZE = 2000
N_SYNTHETIC = 5000
SYNTHETIC_SEED = 16
SYNTHETIC_AGE = 30
SYNTHETIC_SECONDS = 900

# What the codebook and the columns of the database have room for; ages and accuracies may be as impossible as they are.
HIGHEST_GENDER = 3
HIGHEST_SOURCE = 32_767
LONGEST_COUNTRY = 8

Progress = Callable[[int, int], None]
"""Told how many rows were just written, and how many there are."""


class SeedError(Exception):
    """The dataset cannot be imported; the message says why in one sentence."""


@dataclass(frozen=True)
class Outcome:
    """What an import came to."""

    seed_import: SeedImport
    is_new: bool
    has_replaced: bool = False
    fallen: Mapping[str, int] = field(default_factory=dict)
    """Rows of other tables that spoke of the former respondents and went with them, by their name."""


def ingest(*, source: str, progress: Progress | None = None) -> Outcome:
    """Fetch a dataset and import it; one that is there already is not even read.

    Raises
    ------
    SeedError
        When it cannot be fetched or is something else.
    """
    try:
        fetched = seed_source.fetch(source)
    except seed_source.SourceError as error:
        raise SeedError(_one_sentence(error)) from None
    sha256 = hashlib.sha256(fetched.content).hexdigest()
    if same := _in_use(sha256):
        return Outcome(same, is_new=False)
    return store(rows=read(fetched.content), sha256=sha256, source=fetched.description, progress=progress)


def ingest_synthetic(*, progress: Progress | None = None) -> Outcome:
    """Import respondents drawn from the reference model, for an installation that cannot fetch the published ones."""
    rows = synthetic_rows()
    return store(
        rows=rows,
        sha256=hashlib.sha256(rows.answers.tobytes()).hexdigest(),
        source="drawn from the reference model",
        kind=SeedImport.Kind.SYNTHETIC,
        progress=progress,
    )


def read(content: bytes) -> Responses:
    """Return the rows of a table in the published layout.

    Raises
    ------
    SeedError
        When it is something else, or holds facts that the codebook does not know.
    """
    # Here, as only an import of a dataset needs it, and it loads for a second.
    import pandas as pd

    try:
        with warnings.catch_warnings():
            # What pandas warns of here is refused a moment later, in one sentence of our own.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            rows = responses.read_published(io.BytesIO(content))
    except ValueError as error:
        raise SeedError(_one_sentence(error)) from None
    if not len(rows):
        raise SeedError("The dataset has a header but no rows.")
    _refuse_strange_facts(rows)
    return rows


def synthetic_rows() -> Responses:
    """Draw respondents from the reference model; the same ones each time."""
    rng = np.random.default_rng(SYNTHETIC_SEED)
    zeros = np.zeros(N_SYNTHETIC, dtype=np.int64)
    return Responses(
        answers=synthetic.sample_answers(artifacts.load_reference(), N_SYNTHETIC, rng),
        age=zeros + SYNTHETIC_AGE,
        gender=zeros,
        accuracy=zeros + 100,
        source=zeros,
        elapsed=zeros + SYNTHETIC_SECONDS,
        country=[""] * N_SYNTHETIC,
    )


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
        _take_turns()
        if same := _in_use(sha256):
            return Outcome(same, is_new=False)
        has_replaced = SeedImport.objects.exists()
        fallen = _remove_former()
        seed_import = SeedImport.objects.create(
            kind=kind, source=source[:500], sha256=sha256, n_respondents=len(rows), counts=counts_of(rows)
        )
        for batch in _batches(rows, seed_import):
            Respondent.objects.bulk_create(batch)
            if progress:
                progress(len(batch), len(rows))
    return Outcome(seed_import, is_new=True, has_replaced=has_replaced, fallen=fallen)


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


def _take_turns() -> None:
    """Let one import wait for another; SQLite's transactions do so by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE surveys_seedimport IN SHARE ROW EXCLUSIVE MODE")


def _in_use(sha256: str) -> SeedImport | None:
    """Return the import in use, if it is of this very dataset."""
    newest = SeedImport.objects.order_by("-pk").first()
    return newest if newest is not None and newest.sha256 == sha256 else None


def _remove_former() -> dict[str, int]:
    """Remove the former respondents, and return what else fell with them, by its name in words."""
    removed = SeedImport.objects.all().delete()[1]
    own = {Respondent._meta.label, SeedImport._meta.label}
    return {
        str(apps.get_model(label)._meta.verbose_name_plural): number
        for label, number in removed.items()
        if label not in own and number
    }


def _refuse_strange_facts(rows: Responses) -> None:
    """Stop facts that no published file holds, before the database stumbles over them halfway through."""
    for name, values, highest in (("gender", rows.gender, HIGHEST_GENDER), ("source", rows.source, HIGHEST_SOURCE)):
        if values.min() < 0 or values.max() > highest:
            raise SeedError(f"Column {name} holds something other than 0 to {highest}.")
    if not all(country == "" or (country.isalnum() and len(country) <= LONGEST_COUNTRY) for country in rows.country):
        raise SeedError("Column country holds something other than country codes.")


def _one_sentence(error: Exception) -> str:
    """Return what went wrong on one line."""
    return " ".join(str(error).split())
