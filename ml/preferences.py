"""Who likes whom: the preference model and everything that fits it, under one name."""

from ml.preference_fit import fit_with
from ml.preference_model import (
    People,
    Personal,
    Population,
    Preferences,
    Update,
    Verdicts,
    likeness_only,
    moderated,
    newcomers,
    with_update,
)
from ml.preference_penalties import choose_penalties
from ml.preference_problem import Penalties
from ml.preference_updates import left_out, update

__all__ = [
    "Penalties",
    "People",
    "Personal",
    "Population",
    "Preferences",
    "Update",
    "Verdicts",
    "choose_penalties",
    "fit",
    "left_out",
    "likeness_only",
    "moderated",
    "newcomers",
    "update",
    "with_update",
]


def fit(
    people: People, verdicts: Verdicts, *, penalties: Penalties | None = None, around: Population | None = None
) -> Preferences:
    """Fit the preference model to verdicts.

    Parameters
    ----------
    people : People
        n people; who gave and received no verdict stays at the prior.
    verdicts : Verdicts
        m verdicts of one purpose; of a pair judged twice only the verdict that stands.
    penalties : Penalties, optional
        Prior variances; by default `choose_penalties` takes them from the verdicts themselves.
    around : Population, optional
        Weights towards which those of the terms are shrunk, such as those of all purposes together; 0 by default, and
        a mild liking of likeness.

    Returns
    -------
    Preferences
        Without any verdict the model of likeness alone.

    Raises
    ------
    ValueError
        When the fit does not converge.

    Notes
    -----
    A generalised linear mixed model with crossed random effects, estimated at the mode of its posterior (N. E. Breslow
    and D. G. Clayton, Approximate Inference in Generalized Linear Mixed Models, JASA 88, 1993). Each Newton step is
    solved by preconditioned conjugate gradients in O((m + n) k) an iteration, memory O(m + n k). Deterministic.
    """
    if not len(verdicts):
        return likeness_only(people)
    return fit_with(people, verdicts, penalties or choose_penalties(people, verdicts), around)
