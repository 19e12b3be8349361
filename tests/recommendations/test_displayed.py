"""What is shown of others before a match: for whom it is computed, for how long it stands, and what moves it."""

import datetime
import hashlib
import importlib
import io
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Profile, Purpose, User
from ml import artifacts, synthetic
from ml import displayed as words
from ml.displayed import SAYABLE
from recommendations.models import Impression, Interest, Label, PreferenceVersion
from recommendations.services import displayed, lists, publishing
from recommendations.services.displayed import Displayed, Outlook
from surveys.models import AnswerSheet, MeasurementVersion, TrainingRun
from surveys.services import answers, models, placing
from tests.recommendations.builders import answer_like, make_impression, make_people

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
KNOWN = Outlook(logits=np.array([3.0]), among=np.linspace(-3, 3, 20), deviations=np.array([0.2]))
FRIEND = Purpose.FRIEND


def look(
    viewer: User,
    shown: Sequence[User],
    version: MeasurementVersion,
    *,
    purpose: str = FRIEND,
    outlook: Outlook | None = None,
    now: datetime.datetime = NOW,
) -> list[Displayed]:
    """Return what is displayed, and keep it as a list would."""
    values = displayed.displayed_of(
        viewer=viewer, shown_ids=[one.pk for one in shown], purpose=purpose, version=version, outlook=outlook, now=now
    )
    for one, value in zip(shown, values, strict=True):
        make_impression(
            viewer,
            one,
            purpose=purpose,
            shown_at=now,
            label=value.label,
            agreements=value.agreements,
            interest=value.interest,
            displayed_at=value.displayed_at,
        )
    return values


def answer_anew(user: User, *, seed: int, at: datetime.datetime) -> None:
    """Let a person fill in the whole survey again, quite differently."""
    sheet = answers.retake(user=user)
    drawn = synthetic.sample_answers(artifacts.load_reference(), 1, np.random.default_rng(seed))[0]
    AnswerSheet.objects.filter(pk=sheet.pk).update(
        answers=drawn.tobytes(), n_answered=163, revision=163, started_at=at, changed_at=at
    )
    placing.place_stale()


def begun(user: User, at: datetime.datetime) -> None:
    AnswerSheet.objects.filter(user=user).update(started_at=at)


def noise_of(user: User) -> bytes:
    return displayed._noise_key(list(AnswerSheet.objects.filter(user=user).order_by("started_at", "pk")), user.pk)


# ---------------------------------------------------------------- what is computed


def test_a_list_shows_what_the_blurred_scales_say(version: MeasurementVersion) -> None:
    viewer, *others = make_people(version, 8)
    values = look(viewer, others, version)
    model = models.model_of(version)
    sheets = [AnswerSheet.objects.get(user=user) for user in (viewer, *others)]
    scales = model.place(np.stack([np.frombuffer(bytes(sheet.answers), dtype=np.int8) for sheet in sheets])).scales
    blurred = words.perturbed(scales[1:], [noise_of(other) for other in others])
    expected = words.displayed(scales[0], blurred, model, words.label_cuts(model))
    assert [value.label for value in values] == expected.labels.tolist()
    assert [len(value.agreements) for value in values] == [len(reasons) for reasons in expected.reasons]
    assert {value.interest for value in values} == {Interest.OPEN}
    assert {value.displayed_at for value in values} == {NOW}


def test_the_likest_seem_close_all_the_same(version: MeasurementVersion) -> None:
    viewer, *twins = make_people(version, 5)
    for twin in twins:
        answer_like(version, twin, viewer)
    # The noise follows the installation's secret key; of 3,000 twins none seemed less alike than this.
    assert min(value.label for value in look(viewer, twins, version)) >= Label.FAIR


def test_no_reason_speaks_of_what_people_mind(version: MeasurementVersion) -> None:
    people = make_people(version, 40)
    named = {
        one["scale"] for viewer in people[:8] for value in look(viewer, people[8:], version) for one in value.agreements
    }
    assert len(named) > 6
    assert not named & {"C", "I", "L", "P"}


def test_few_answers_never_reach_the_top_label(version: MeasurementVersion) -> None:
    viewer, *others = make_people(version, 60, n_answered=40)
    for other in others[:20]:
        answer_like(version, other, viewer)
    assert max(value.label for value in look(viewer, others, version)) <= 4


def test_two_queries_are_enough_and_one_where_all_stands(version: MeasurementVersion) -> None:
    viewer, *others = make_people(version, 6)
    look(viewer, others, version)
    for now, n_queries in ((NOW + DAY, 1), (NOW + 40 * DAY, 2)):
        with CaptureQueriesContext(connection) as queries:
            displayed.displayed_of(
                viewer=viewer,
                shown_ids=[one.pk for one in others],
                purpose=FRIEND,
                version=version,
                outlook=None,
                now=now,
            )
        assert len(queries) == n_queries


# ---------------------------------------------------------------- how long it stands


@pytest.mark.parametrize("change", ["others", "viewer", "edits", "model", "noise"])
def test_for_30_days_nothing_moves_what_is_displayed(
    version: MeasurementVersion, settings: LazySettings, change: str
) -> None:
    viewer, *others = make_people(version, 13)
    for one in (viewer, *others):
        begun(one, NOW - 90 * DAY)
    first = look(viewer, others, version)
    later = NOW + 29 * DAY
    if change == "others":
        for index, one in enumerate(others):
            answer_anew(one, seed=50 + index, at=later)
    elif change == "viewer":
        answer_anew(viewer, seed=78, at=later)
    elif change == "edits":
        for one in others:
            AnswerSheet.objects.filter(user=one).update(answers=bytes([1, 5, 3] * 54 + [1]), revision=9)
    elif change == "model":
        version = retrained()
    else:
        settings.SECRET_KEY = "another secret key that is long enough to be one"
    assert look(viewer, others, version, now=later) == first
    month = look(viewer, others, version, now=NOW + 30 * DAY)
    assert {one.displayed_at for one in month} == {NOW + 30 * DAY}
    assert [(one.label, one.agreements) for one in month] != [(one.label, one.agreements) for one in first]


def retrained() -> MeasurementVersion:
    """Publish a model by which everybody stands elsewhere."""
    reference = artifacts.load_reference()
    content = io.BytesIO()
    artifacts.save(replace(reference, scale_means=reference.scale_means - 0.5), content)
    name = default_storage.save("models/retrained.npz", ContentFile(content.getvalue()))
    run = TrainingRun.objects.create(kind=TrainingRun.Kind.MEASUREMENT, status=TrainingRun.Status.SUCCEEDED)
    newer = MeasurementVersion.objects.create(
        training_run=run, artifact=name, sha256=hashlib.sha256(content.getvalue()).hexdigest()
    )
    publishing.publish(measurement_version=newer)
    return newer


def test_after_30_days_new_answers_show(version: MeasurementVersion) -> None:
    viewer, *others = make_people(version, 25)
    for one in others:
        begun(one, NOW - 90 * DAY)
    first = look(viewer, others, version)
    for index, one in enumerate(others):
        answer_anew(one, seed=100 + index, at=NOW + DAY)
    after = look(viewer, others, version, now=NOW + 31 * DAY)
    assert (
        sum(one.label != two.label or one.agreements != two.agreements for one, two in zip(first, after, strict=True))
        > 10
    )


def test_a_pair_has_one_label_whatever_the_purpose(version: MeasurementVersion) -> None:
    viewer, other = make_people(version, 2)
    begun(other, NOW - 90 * DAY)
    first = look(viewer, [other], version)[0]
    answer_anew(other, seed=5, at=NOW + DAY)
    second = look(viewer, [other], version, purpose=Purpose.PROJECT, now=NOW + 20 * DAY)[0]
    assert (second.label, second.agreements, second.displayed_at) == (first.label, first.agreements, NOW)
    assert look(viewer, [other], version, purpose=Purpose.PROJECT, now=NOW + 30 * DAY)[0].displayed_at == NOW + 30 * DAY


def test_what_one_is_shown_is_not_what_another_is_shown(version: MeasurementVersion) -> None:
    viewer, third, other = make_people(version, 3)
    first = look(viewer, [other], version)[0]
    begun(other, NOW - 90 * DAY)
    answer_anew(other, seed=6, at=NOW + DAY)
    assert look(third, [other], version, now=NOW + 2 * DAY)[0].displayed_at == NOW + 2 * DAY
    assert look(viewer, [other], version, now=NOW + 2 * DAY)[0] == first


def test_the_interest_belongs_to_a_purpose_and_stands_as_long(version: MeasurementVersion) -> None:
    viewer, other = make_people(version, 2)
    assert look(viewer, [other], version, outlook=KNOWN)[0].interest == Interest.STRONG
    assert look(viewer, [other], version, now=NOW + 10 * DAY)[0].interest == Interest.STRONG
    assert look(viewer, [other], version, purpose=Purpose.DATE, now=NOW + 10 * DAY)[0].interest == Interest.OPEN
    unknown = Outlook(KNOWN.logits, KNOWN.among, np.array([np.inf]))
    assert look(viewer, [other], version, outlook=unknown, now=NOW + 31 * DAY)[0].interest == Interest.OPEN


# ---------------------------------------------------------------- when the noise is new


def test_the_noise_of_a_person_is_the_same_for_everybody_and_every_time(version: MeasurementVersion) -> None:
    one, other = make_people(version, 2)
    assert noise_of(one) == noise_of(one)
    assert noise_of(one) != noise_of(other)


def test_changing_answers_keeps_the_noise(version: MeasurementVersion) -> None:
    one = make_people(version, 1)[0]
    before = noise_of(one)
    answers.save_answer(user=one, item=0, value=0)
    answers.save_answer(user=one, item=1, value=5)
    assert noise_of(one) == before


def test_only_answering_anew_after_30_days_brings_new_noise(version: MeasurementVersion) -> None:
    one = make_people(version, 1)[0]
    begun(one, NOW)
    found = [noise_of(one)]
    for day in (1, 10, 29, 30, 31, 59, 60, 61):
        answer_anew(one, seed=day, at=NOW + day * DAY)
        found.append(noise_of(one))
    assert len(set(found[:4])) == 1
    assert len(set(found[4:7])) == 1
    assert len(set(found[7:])) == 1
    assert len(set(found)) == 3


def test_the_noise_of_many_people_has_the_stated_size(version: MeasurementVersion) -> None:
    drawn = words.noise([displayed._key("sheet", pk) for pk in range(3_000)])
    assert drawn.std() == pytest.approx(1, abs=5 / np.sqrt(2 * drawn.size))
    assert drawn.shape == (3_000, len(SAYABLE))


def test_who_has_just_begun_anew_is_spoken_for_by_the_last_sheet(version: MeasurementVersion) -> None:
    viewer, *others = make_people(version, 10)
    expected = look(viewer, others, version)
    Impression.objects.all().delete()
    for other in others:
        answers.retake(user=other)
    assert look(viewer, others, version) == expected


# ---------------------------------------------------------------- where it is seen


def test_lists_write_it_with_the_impression_and_keep_it(version: MeasurementVersion) -> None:
    viewer, *_ = make_people(version, 20)
    lists.list_for(viewer=viewer, purpose=FRIEND, rng=np.random.default_rng(1), now=NOW)
    lists.list_for(viewer=viewer, purpose=FRIEND, rng=np.random.default_rng(2), now=NOW + DAY)
    by_pair: dict[int, set[tuple[object, ...]]] = {}
    for row in Impression.objects.filter(viewer=viewer):
        by_pair.setdefault(row.shown_id, set()).add((row.label, str(row.agreements), row.interest, row.displayed_at))
    assert Impression.objects.count() == 24
    assert all(len(seen) == 1 for seen in by_pair.values())
    assert {row.displayed_at for row in Impression.objects.filter(shown_at=NOW)} == {NOW}


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        (Interest.STRONG, "Ben may well be interested in meeting you."),
        (Interest.FAIR, "Ben could be interested in meeting you."),
        (Interest.OPEN, "Whether Ben would be interested is open."),
    ],
)
def test_pages_say_it_in_words(client: Client, version: MeasurementVersion, word: str, sentence: str) -> None:
    ada, ben = make_people(version, 2)
    Profile.objects.filter(user=ben).update(display_name="Ben")
    client.force_login(ada)
    client.get(reverse("recommendations:people"))
    Impression.objects.update(interest=word)
    for page in (reverse("recommendations:people"), reverse("recommendations:person", args=[ben.public_id])):
        text = client.get(page).text
        assert sentence in text
        assert "What these words mean" in text


def test_nobody_can_ask_for_whom_they_chose(client: Client, version: MeasurementVersion) -> None:
    ada, ben = make_people(version, 2)
    client.force_login(ada)
    assert client.get(reverse("recommendations:person", args=[ben.public_id])).status_code == 404
    make_impression(ada, ben, label=2, displayed_at=timezone.now() - 90 * DAY, shown_at=timezone.now() - 90 * DAY)
    page = client.get(reverse("recommendations:person", args=[ben.public_id])).text
    assert "Some common ground" in page
    assert Impression.objects.count() == 1
    assert PreferenceVersion.objects.count() == 1


def test_what_was_shown_before_is_dated_by_when_it_was_shown(version: MeasurementVersion) -> None:
    viewer, other = make_people(version, 2)
    make_impression(viewer, other, shown_at=NOW)
    migration = importlib.import_module("recommendations.migrations.0003_displayed_score")
    migration.displayed_when_shown(apps, SimpleNamespace(connection=connection))
    assert Impression.objects.get().displayed_at == NOW
