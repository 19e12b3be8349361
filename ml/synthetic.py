"""Populations with known structure: answer sheets drawn from a model."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ml.correlations import Floats
from ml.measurement import MeasurementModel

MOST_COMMON = 0.97


def sample_answers(model: MeasurementModel, n: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """Draw complete answer sheets whose answers are as frequent, and correlate, as the model's people's do.

    Latent normal answers are cut at thresholds that give each item its shares of the five answers. Cutting weakens
    correlations by a known factor for each item, so the latent loadings are stronger by its inverse.

    Parameters
    ----------
    model : MeasurementModel
        Where loadings and shares come from.
    n : int
        Sheets wanted.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of int8, shape (n, 163)
        1 to 5, nothing missed.

    Raises
    ------
    ValueError
        When n is negative.

    Examples
    --------
    >>> from ml.artifacts import load_reference
    >>> sample_answers(load_reference(), 2, np.random.default_rng(0)).shape
    (2, 163)
    """
    if n < 0:
        raise ValueError(f"{n} sheets cannot be drawn.")
    thresholds = answer_thresholds(model.item_shares)
    loadings, uniquenesses = latent_factors(model, thresholds)
    factors = rng.standard_normal((n, loadings.shape[1]))
    latent = factors @ loadings.T + rng.standard_normal((n, len(loadings))) * np.sqrt(uniquenesses)
    answers = np.ones(latent.shape, dtype=np.int8)
    for cut in thresholds.T:
        answers += latent > cut
    return answers


def answer_thresholds(shares: Floats) -> Floats:
    """Return where a standard normal must be cut so that its parts have given shares.

    Parameters
    ----------
    shares : ndarray of float64, shape (p, 5)
        Rows add up to 1.

    Returns
    -------
    ndarray of float64, shape (p, 4)
        Never falling; infinite where an answer is never given.

    Examples
    --------
    >>> answer_thresholds(np.array([[0.5, 0.5, 0, 0, 0]])).round(2).tolist()
    [[0.0, inf, inf, inf]]
    """
    cumulated = np.clip(np.cumsum(shares, axis=1)[:, :-1], 0, 1)
    return np.asarray(ndtri(np.where(cumulated > 1 - 1e-12, 1.0, cumulated)))


def latent_factors(model: MeasurementModel, thresholds: Floats) -> tuple[Floats, Floats]:
    """Return loadings and uniquenesses of the normal answers behind the cut ones.

    Parameters
    ----------
    model : MeasurementModel
        Its loadings are those of the cut answers.
    thresholds : ndarray of float64, shape (163, 4)
        Where the latent answers are cut.

    Returns
    -------
    loadings : ndarray of float64, shape (163, q)
        No communality above 0.97.
    uniquenesses : ndarray of float64, shape (163,)
        What is left of variance 1.
    """
    density = np.exp(-(thresholds**2) / 2) / np.sqrt(2 * np.pi)
    # Correlation of a normal variable with itself after cutting: sum of densities over the cut variable's spread.
    kept = density.sum(axis=1) / model.item_sds
    loadings = model.loadings / kept[:, np.newaxis]
    communalities = (loadings**2).sum(axis=1)
    loadings = loadings * np.sqrt(np.minimum(1, MOST_COMMON / communalities))[:, np.newaxis]
    return loadings, 1 - (loadings**2).sum(axis=1)
