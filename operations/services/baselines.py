"""What the model is compared with where chance chose who was seen: appeal x generosity, and likeness."""

import numpy as np
from numpy.typing import NDArray

from ml import metric_histograms as histograms
from ml.decision_baselines import SHRINKAGE
from operations.datasets import Reputation, Shown
from recommendations import datasets as places
from recommendations.services import publishing, tastes
from surveys.services import models

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]


def appeal_generosity(shown: Shown, which: Masks, known: Reputation) -> Floats:
    """Return, for some impressions, how often the viewer likes times how often the shown person is liked; else 0.

    Both rates are those of the morning of the day, drawn to the mean as if by six more answers.
    """
    scores = np.zeros(len(shown))
    purposes = shown.purposes[which]
    n_all, n_liked = known.n_given.sum(axis=1), known.n_liked.sum(axis=1)
    means = np.divide(n_liked, n_all, out=np.full(len(n_all), 0.5), where=n_all > 0)[purposes]
    given, received = (
        (liked[purposes, ids] + SHRINKAGE * means) / (n[purposes, ids] + SHRINKAGE)
        for n, liked, ids in (
            (known.n_given, known.n_liked, shown.viewer_ids[which]),
            (known.n_received, known.n_liked_by, shown.shown_ids[which]),
        )
    )
    scores[which] = given * received
    return scores


def likeness(shown: Shown, which: Masks) -> tuple[Floats, Masks]:
    """Return the likeness of some impressions' pairs as a score from 0 to 1, and for which it is known.

    It comes from the places that the measurement model in use gives people now.
    """
    scores, is_known = np.zeros(len(shown)), np.zeros(len(shown), dtype=bool)
    in_use = publishing.active_preference_version()
    rows = np.flatnonzero(which)
    if in_use is None or not rows.size:
        return scores, is_known
    concerned = np.unique(np.concatenate([shown.viewer_ids[rows], shown.shown_ids[rows]]))
    version = in_use.measurement_version
    some = concerned.tolist() if len(concerned) <= tastes.MANY else range(int(concerned[0]), int(concerned[-1]) + 1)
    found = places.places_of(version=version, user_ids=some)
    has_place = np.isin(shown.viewer_ids[rows], found.user_ids) & np.isin(shown.shown_ids[rows], found.user_ids)
    rows = rows[has_place]
    if rows.size:
        people = tastes.people_of(found, models.model_of(version).full_reliability)
        actors, targets = (np.searchsorted(found.user_ids, ids[rows]) for ids in (shown.viewer_ids, shown.shown_ids))
        scores[rows], is_known[rows] = histograms.stretched(people.likeness(actors, targets)), True
    return scores, is_known
