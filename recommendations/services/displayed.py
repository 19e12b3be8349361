"""What a person is shown of others before a match: computed once from blurred answers, then unchanged for 30 days.

Only lists call this, for people whom they chose themselves: nobody can ask for somebody else.
"""

import datetime
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db.models import Exists, Max, Q
from django.utils.crypto import salted_hmac
from numpy.typing import NDArray

from accounts.models import User
from ml import displayed
from ml.items import N_ITEMS, SCALES
from ml.measurement import MeasurementModel
from ml.placement import Placements
from recommendations.models import Impression, Interest, Surface
from surveys.models import AnswerSheet, MeasurementVersion
from surveys.services import models

LASTS = datetime.timedelta(days=30)
# A sheet begun sooner after the last one that brought new noise keeps that noise: else it could be averaged away.
NOISE_LASTS = datetime.timedelta(days=30)
INTERESTS = {displayed.OPEN: Interest.OPEN, displayed.FAIR: Interest.FAIR, displayed.STRONG: Interest.STRONG}

Agreements = list[dict[str, str | int]]


@dataclass(frozen=True)
class Outlook:
    """How likely others are to like the viewer, as logits without what they already said of the viewer."""

    logits: NDArray[np.float64]
    """Of the people shown, in their order."""
    among: NDArray[np.float64]
    """Of everybody whom the viewer could be shown."""
    deviations: NDArray[np.float64]
    """Standard deviations of the logits of the people shown."""


@dataclass(frozen=True)
class Displayed:
    """What one person is shown of another; a row of impressions keeps it."""

    label: int
    agreements: Agreements
    interest: str
    displayed_at: datetime.datetime


def displayed_of(
    *,
    viewer: User,
    shown_ids: Sequence[int],
    purpose: str,
    version: MeasurementVersion,
    outlook: Outlook | None,
    now: datetime.datetime,
) -> list[Displayed]:
    """Return what a list says of the people on it, in their order: what it said within 30 days, else computed now.

    Label and agreements are the pair's, whatever the purpose. The interest belongs to a purpose, is worked out once in
    the same 30 days, and stays open without an outlook. One query when everything stands already, two otherwise.
    """
    standing = _standing(viewer, shown_ids, now)
    fresh = _computed(viewer, [pk for pk in shown_ids if pk not in standing], version)
    words = _interests(outlook, len(shown_ids))
    result = []
    for shown_id, word in zip(shown_ids, words, strict=True):
        rows = standing.get(shown_id)
        if rows is None:
            label, agreements = fresh[shown_id]
            result.append(Displayed(label, agreements, word, now))
            continue
        last = max(rows.values(), key=lambda row: row.displayed_at)
        interest = rows[purpose].interest if purpose in rows else word
        result.append(Displayed(last.label, last.agreements, interest, last.displayed_at))
    return result


def put_on(
    *, impressions: Sequence[Impression], version: MeasurementVersion, outlook: Outlook | None, now: datetime.datetime
) -> None:
    """Fill in what the impressions of one new list display; they know viewer, people and purpose, and are not saved."""
    if not impressions:
        return
    values = displayed_of(
        viewer=impressions[0].viewer,
        shown_ids=[impression.shown_id for impression in impressions],
        purpose=impressions[0].purpose,
        version=version,
        outlook=outlook,
        now=now,
    )
    for impression, value in zip(impressions, values, strict=True):
        impression.label, impression.agreements = value.label, value.agreements
        impression.interest, impression.displayed_at = value.interest, value.displayed_at


def resemblance(*, to_id: int, user_ids: Sequence[int], version: MeasurementVersion) -> NDArray[np.float64]:
    """Return how like somebody each of several people is, by what is displayed of them all: their blurred places.

    One query. The numbers order people, and are shown to nobody.
    """
    if not user_ids:
        return np.empty(0)
    everybody = [to_id, *user_ids]
    sheets, model = _sheets(everybody), models.model_of(version)
    placed = _placed(everybody, sheets, model)
    blurred = displayed.perturbed(placed.scales, [_noise_key(sheets.get(pk, ()), pk) for pk in everybody])
    unknown = _unknown(placed, model)
    # What is blurred spreads wider than what is compared with it.
    anchor = np.zeros(len(SCALES))
    anchor[list(displayed.SAYABLE)] = blurred[0] / np.sqrt(1 + displayed.NOISE_SD**2)
    contributed = displayed.contributions(
        anchor, blurred[1:], displayed.reliability_of(model), unknown=(unknown[0], unknown[1:])
    )
    return np.asarray(contributed.sum(axis=1))


def of_respondents(
    *,
    viewer: NDArray[np.floating],
    respondent_ids: Sequence[int],
    scales: NDArray[np.floating],
    model: MeasurementModel,
) -> list[tuple[int, Agreements]]:
    """Return label and agreements for respondents of the seed dataset, blurred as members are.

    Their answers are public, and just therefore nobody shall find the row, with its age and country, by what is shown.
    """
    keys = [_key("respondent", respondent_id) for respondent_id in respondent_ids]
    shown = displayed.displayed(viewer, displayed.perturbed(scales, keys), model, cuts_of(model))
    return _in_words(shown)


@functools.lru_cache(maxsize=4)
def cuts_of(model: MeasurementModel) -> NDArray[np.float64]:
    """Return the cuts between the labels, worked out once for each model in each process."""
    return displayed.label_cuts(model)


def _standing(viewer: User, shown_ids: Sequence[int], now: datetime.datetime) -> dict[int, dict[str, Impression]]:
    """Return for each pair, by purpose, the last impression whose displayed values still hold; one query.

    What a sketch said holds as long as its viewer has answered no more than a sketch takes.
    """
    more = AnswerSheet.objects.filter(user=viewer, n_answered__gte=settings.SHOWN_FROM_ANSWERS)
    in_force = Impression.objects.filter(
        ~Q(surface=Surface.SKETCH) | ~Exists(more),
        # Nothing is displayed after it was shown, so that the index over pairs serves the second condition.
        viewer=viewer,
        shown__in=shown_ids,
        shown_at__gt=now - LASTS,
        displayed_at__gt=now - LASTS,
    )
    last = in_force.order_by().values("shown", "purpose").annotate(last=Max("pk")).values("last")
    found: dict[int, dict[str, Impression]] = {}
    rows = Impression.objects.filter(pk__in=last)
    for row in rows.only("shown_id", "purpose", "label", "agreements", "interest", "displayed_at"):
        found.setdefault(row.shown_id, {})[row.purpose] = row
    return found


def _computed(viewer: User, shown_ids: Sequence[int], version: MeasurementVersion) -> dict[int, tuple[int, Agreements]]:
    """Return label and agreements for people of whom nothing stands; one query."""
    if not shown_ids:
        return {}
    sheets = _sheets([viewer.pk, *shown_ids])
    model = models.model_of(version)
    placed = _placed((viewer.pk, *shown_ids), sheets, model)
    unknown = _unknown(placed, model)
    keys = [_noise_key(sheets.get(pk, ()), pk) for pk in shown_ids]
    shown = displayed.displayed(
        placed.scales[0],
        displayed.perturbed(placed.scales[1:], keys),
        model,
        cuts_of(model),
        n_answered=np.minimum(placed.n_answered[0], placed.n_answered[1:]),
        unknown=(unknown[0], unknown[1:]),
    )
    return dict(zip(shown_ids, _in_words(shown), strict=True))


def _sheets(user_ids: Iterable[int]) -> Mapping[int, list[AnswerSheet]]:
    """Return everybody's sheets, oldest first; one query."""
    found: dict[int, list[AnswerSheet]] = {}
    rows = AnswerSheet.objects.filter(user__in=user_ids).order_by("started_at", "pk")
    for sheet in rows.only("user_id", "is_current", "answers", "n_answered", "started_at"):
        found.setdefault(sheet.user_id, []).append(sheet)
    return found


def _placed(user_ids: Iterable[int], sheets: Mapping[int, list[AnswerSheet]], model: MeasurementModel) -> Placements:
    """Return where people's sheets lie, in the order of the people."""
    answers = b"".join(bytes(_answered(sheets.get(pk, ())).answers) for pk in user_ids)
    return model.place(np.frombuffer(answers, dtype=np.int8).reshape(-1, N_ITEMS))


def _answered(sheets: Sequence[AnswerSheet]) -> AnswerSheet:
    """Return the sheet that speaks for a person: who has just begun anew is still spoken for by the last one."""
    for least in (settings.SHOWN_FROM_ANSWERS, settings.SKETCH_FROM_ANSWERS):
        if enough := [sheet for sheet in sheets if sheet.n_answered >= least]:
            return max(enough, key=lambda sheet: (sheet.is_current, sheet.started_at))
    return AnswerSheet()


def _noise_key(sheets: Sequence[AnswerSheet], user_id: int) -> bytes:
    """Return the secret from which a person's noise is drawn: new with a sheet begun 30 days after the last new one.

    Changing an answer keeps it, and so does answering the survey again and again.
    """
    bringing: AnswerSheet | None = None
    for sheet in sheets:
        if bringing is None or sheet.started_at - bringing.started_at >= NOISE_LASTS:
            bringing = sheet
    return _key("sheet", bringing.pk) if bringing else _key("user", user_id)


def _key(kind: str, pk: int) -> bytes:
    """Return a secret that belongs to one row; who knows neither it nor SECRET_KEY cannot take the noise away."""
    return salted_hmac(f"recommendations.displayed.{kind}", str(pk), algorithm="sha256").digest()


def _unknown(placed: Placements, model: MeasurementModel) -> NDArray[np.float64]:
    """Return the variance of what is not answered; what is left of the uncertainty is the survey's own."""
    return np.asarray(np.maximum(placed.scale_sd**2 - np.maximum(1 - model.scale_alphas, 0), 0))


def _in_words(shown: displayed.Shown) -> list[tuple[int, Agreements]]:
    """Return label and agreements as an impression keeps them."""
    return [
        (int(label), [{"scale": SCALES[scale].letter, "side": side} for scale, side in reasons])
        for label, reasons in zip(shown.labels, shown.reasons, strict=True)
    ]


def _interests(outlook: Outlook | None, n: int) -> list[str]:
    """Return the word for how likely each is to like the viewer; open where nothing is known."""
    if outlook is None:
        return [Interest.OPEN] * n
    steps = displayed.interest(outlook.logits, outlook.among, outlook.deviations)
    return [INTERESTS[int(step)] for step in steps]
