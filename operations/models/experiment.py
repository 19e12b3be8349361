"""What is kept of an experiment, day by day: counts by groups of viewers, no row of a person."""

import zlib
from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np
from django.db import models
from numpy.typing import NDArray

from accounts.models import Purpose
from ml.metric_histograms import N_BINS
from recommendations.models import Arm, Experiment

# Viewers are thrown into so many groups by chance, which are resampled as a viewer would be.
N_GROUPS = 400
COUNTED = ("impressions", "mutual", "lists", "list_likes")
SHAPES: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(COUNTED, (N_GROUPS,)),
    **dict.fromkeys(("likes", "passes"), (N_GROUPS, N_BINS)),
}


class ExperimentDay(models.Model):
    """What became of one arm's impressions of one day and purpose, for each group of viewers."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    purpose = models.CharField(max_length=8, choices=Purpose)
    arm = models.CharField(max_length=10, choices=Arm)
    n_impressions = models.PositiveIntegerField()
    stored = models.BinaryField(help_text="Counts by group, and of scores by group and bin, packed.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment", "day", "purpose", "arm"], name="operations_experimentday_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_arm_display()} on {self.day}, {self.get_purpose_display()}"

    @staticmethod
    def packed(counts: Mapping[str, NDArray[np.int64]]) -> bytes:
        """Return counts of all `SHAPES` as they are stored: where each stands that is not 0, and how large it is."""
        flat = np.concatenate([counts[name].ravel() for name in SHAPES])
        places = np.flatnonzero(flat)
        return zlib.compress(np.stack([places, flat[places]]).astype("<u4").tobytes())

    @staticmethod
    def summed(rows: Iterable[bytes | memoryview]) -> dict[str, NDArray[np.int64]]:
        """Return the stored counts of several rows added up, as arrays of `SHAPES`."""
        sizes = [int(np.prod(shape)) for shape in SHAPES.values()]
        flat = np.zeros(sum(sizes), dtype=np.int64)
        for stored in rows:
            places, values = np.frombuffer(zlib.decompress(bytes(stored)), dtype="<u4").reshape(2, -1)
            flat[places] += values
        parts = np.split(flat, np.cumsum(sizes)[:-1])
        return {name: part.reshape(shape) for (name, shape), part in zip(SHAPES.items(), parts, strict=True)}
