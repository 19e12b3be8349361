"""Champion and challenger: who gets which lists, what is kept for both, and what ends an experiment."""

import datetime
import itertools
import uuid
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Purpose, User
from recommendations import datasets
from recommendations.models import Arm, Experiment, Impression, PreferenceVersion, Taste, Verdict
from recommendations.services import arms, experiments, learning, lists, population, publishing, tastes, training
from recommendations.services import verdicts as judging
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import due
from tests.recommendations.builders import make_people, show_each_other
from tests.recommendations.test_publishing import make_version

FRIEND = Purpose.FRIEND
Outcome = Experiment.Outcome
A_DAY = datetime.timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator@example.org", "secret")


@pytest.fixture
def likeness(version: MeasurementVersion) -> PreferenceVersion:
    """The version in use, which has learned nothing."""
    return PreferenceVersion.objects.get(is_active=True)


@pytest.fixture
def crowd(version: MeasurementVersion) -> list[User]:
    """Return people who judged some of each other at random."""
    people = make_people(version, 24)
    rng = np.random.default_rng(0)
    Verdict.objects.bulk_create(
        Verdict(actor=people[a], target=people[b], purpose=FRIEND, value=str(rng.choice(["like", "pass"])))
        for a, b in itertools.permutations(range(len(people)), 2)
        if rng.random() < 0.1
    )
    return people


@pytest.fixture
def learned(likeness: PreferenceVersion, crowd: list[User]) -> PreferenceVersion:
    """Return a version in use that has learned of the crowd."""
    return publishing.publish(preference_version=make_learned(likeness, crowd, seed=1))


@pytest.fixture
def rival(likeness: PreferenceVersion, crowd: list[User]) -> PreferenceVersion:
    """Return another one, which is not in use."""
    return make_learned(likeness, crowd, seed=2)


def make_learned(likeness: PreferenceVersion, crowd: list[User], *, seed: int) -> PreferenceVersion:
    rng = np.random.default_rng(seed)
    weights: dict[str, Any] = {
        name: (0.4 * rng.standard_normal(16)).tolist() for name in ("level_out", "level_in", "product", "difference")
    }
    weights |= {"intercept": 0.2, "likeness": 0.0, "covariance": [[1.0, 0.0], [0.0, 1.0]], "taste_variance": 0.05}
    version = PreferenceVersion.objects.create(
        measurement_version=likeness.measurement_version,
        kind=PreferenceVersion.Kind.LEARNED,
        weights={FRIEND: weights},
        thresholds={FRIEND: 0.4},
    )
    # An appeal stays as a fit left it, so it tells the versions apart.
    spread = {"generosity_variance": 0.5, "appeal_variance": 0.5, "taste_variance": 0.05, "taste": bytes(64)}
    Taste.objects.bulk_create(
        Taste(version=version, user=user, purpose=FRIEND, appeal=float(rng.standard_normal()), **spread)
        for user in crowd
    )
    return version


def start(operator: User, challenger: PreferenceVersion, **fields: Any) -> Experiment:
    values: dict[str, Any] = {"share": 50, "n_days": 14, "note": "Is it any better?"} | fields
    return experiments.start(started_by=operator, challenger=challenger, **values)


def viewers_of(experiment: Experiment, crowd: list[User]) -> tuple[User, User]:
    """Return somebody of the champion's arm and somebody of the challenger's."""
    arm = {experiment.arm_of(user.public_id): user for user in crowd}
    return arm[Arm.CHAMPION], arm[Arm.CHALLENGER]


def shown(viewer: User, **fields: Any) -> list[Impression]:
    return list(lists.list_for(viewer=viewer, purpose=FRIEND, rng=np.random.default_rng(0), **fields).impressions)


def scores(version: PreferenceVersion, viewer: User, others: list[int]) -> dict[int, tuple[float, float]]:
    """Return both probabilities of a viewer and others under a version, as it is served."""
    places = datasets.places_of(version=version.measurement_version)
    outgoing, incoming = tastes.vectors_of(version, FRIEND, places)
    row = {user_id: place for place, user_id in enumerate(places.user_ids.tolist())}
    me = row[viewer.pk]
    logits = {
        other: (float(outgoing[me] @ incoming[row[other]]), float(outgoing[row[other]] @ incoming[me]))
        for other in others
    }
    return {other: (1 / (1 + np.exp(-out)), 1 / (1 + np.exp(-back))) for other, (out, back) in logits.items()}


def test_the_arm_of_a_viewer_is_stable_and_as_large_as_was_said() -> None:
    rng = np.random.default_rng(5)
    ids = [uuid.UUID(bytes=rng.bytes(16)) for _ in range(20_000)]
    one, other = Experiment(share=20, salt="one"), Experiment(share=20, salt="other")
    arm = np.array([one.arm_of(public_id) == Arm.CHALLENGER for public_id in ids])
    again = Experiment(share=20, salt=one.salt)
    assert [again.arm_of(public_id) for public_id in ids[:500]] == [one.arm_of(public_id) for public_id in ids[:500]]
    deviation = np.sqrt(0.2 * 0.8 / len(ids))
    assert abs(arm.mean() - 0.2) < 4 * deviation
    # Another experiment divides each arm of this one just as it divides everybody.
    elsewhere = np.array([other.arm_of(public_id) == Arm.CHALLENGER for public_id in ids])
    assert abs(elsewhere[arm].mean() - 0.2) < 4 * deviation / np.sqrt(0.2)
    # A larger share keeps who was in the smaller one.
    larger = Experiment(share=50, salt=one.salt)
    assert all(larger.arm_of(public_id) == Arm.CHALLENGER for public_id in np.array(ids)[arm])


def test_each_arm_is_ranked_by_its_own_version_in_both_directions(
    operator: User, learned: PreferenceVersion, rival: PreferenceVersion, crowd: list[User]
) -> None:
    assert shown(crowd[0])[0].experiment_arm == Arm.ALL
    Impression.objects.all().delete()
    experiment = start(operator, rival)
    # Until the challenger knows what everybody said, everybody gets the champion.
    assert {row.preference_version for row in shown(crowd[1])} == {learned}
    Impression.objects.all().delete()
    experiments.prepare()
    experiment.refresh_from_db()
    for viewer, version, arm in zip(
        viewers_of(experiment, crowd), (learned, rival), (Arm.CHAMPION, Arm.CHALLENGER), strict=True
    ):
        rows = shown(viewer)
        judges = set(Verdict.objects.filter(target=viewer).values_list("actor", flat=True))
        assert {(row.preference_version, row.experiment_arm) for row in rows} == {(version, arm)}
        expected = scores(version, viewer, [row.shown_id for row in rows])
        for row in rows:
            out, back = expected[row.shown_id]
            assert row.score_out == pytest.approx(out, abs=1e-4)
            # What judges of the viewer revealed by it is taken out of the way back.
            assert row.shown_id in judges or row.score_in == pytest.approx(back, abs=1e-4)
        ranked = [row for row in rows if row.slot_policy == "ranked"]
        of_all = scores(version, viewer, [row.shown_id for row in ranked])
        harmonic = [2 / (1 / of_all[row.shown_id][0] + 1 / row.score_in) for row in ranked]
        assert harmonic == sorted(harmonic, reverse=True)
    assert {key[1] for key in population._populations if key[0] == FRIEND} == {learned.pk, rival.pk}


def test_an_experiment_costs_a_list_no_query(operator: User, likeness: PreferenceVersion, crowd: list[User]) -> None:
    challenger = PreferenceVersion.objects.create(measurement_version=likeness.measurement_version)
    counts = []
    for _ in range(2):
        shown(crowd[0])
        Impression.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            shown(crowd[0])
            shown(crowd[0])
        counts.append(len(queries))
        Impression.objects.all().delete()
        if not Experiment.objects.exists():
            start(operator, challenger)
    assert counts[0] == counts[1]


def test_when_the_time_is_over_everybody_gets_the_champion_at_once(
    operator: User, learned: PreferenceVersion, likeness: PreferenceVersion, crowd: list[User]
) -> None:
    experiment = start(operator, likeness, n_days=1)
    _, viewer = viewers_of(experiment, crowd)
    began = timezone.now()
    first = shown(viewer, now=began)
    assert {row.preference_version for row in first} == {likeness}
    assert {row.pk for row in shown(viewer, now=began)} == {row.pk for row in first}
    over = began + A_DAY - datetime.timedelta(minutes=5)
    last = shown(viewer, now=over)
    assert {row.experiment_arm for row in last} == {Arm.CHALLENGER}
    after = shown(viewer, now=over + datetime.timedelta(minutes=10))
    assert {(row.preference_version, row.experiment_arm) for row in after} == {(learned, Arm.ALL)}
    assert {key[1] for key in population._populations if key[0] == FRIEND} == {learned.pk}
    # It waits for somebody to decide.
    assert arms.undecided(began + 2 * A_DAY).get() == experiment
    assert not arms.undecided(began).exists()


def test_a_decision_changes_lists_at_once_and_is_taken_once(
    operator: User, learned: PreferenceVersion, likeness: PreferenceVersion, crowd: list[User]
) -> None:
    first = start(operator, likeness)
    viewer, challenged = viewers_of(first, crowd)
    assert shown(challenged)[0].preference_version == likeness
    ended = experiments.decide(experiment=first, outcome=Outcome.STOPPED, decided_by=operator, reason="Enough.")
    assert (ended.outcome, ended.reason, ended.decided_by) == (Outcome.STOPPED, "Enough.", operator)
    assert shown(challenged)[0].preference_version == learned
    with pytest.raises(experiments.RefusedError, match="ended already"):
        experiments.decide(experiment=first, outcome=Outcome.KEPT, decided_by=operator, reason="No.")
    second = start(operator, likeness)
    assert second.salt != first.salt
    ended = experiments.decide(experiment=second, outcome=Outcome.PUBLISHED, decided_by=operator, reason="Better.")
    assert (ended.outcome, ended.reason, ended.decided_by) == (Outcome.PUBLISHED, "Better.", operator)
    assert publishing.active_preference_version() == likeness
    Impression.objects.all().delete()
    assert {row.preference_version for row in shown(viewer)} == {likeness}


def test_what_cannot_be_compared_is_refused(
    operator: User, learned: PreferenceVersion, rival: PreferenceVersion, likeness: PreferenceVersion, crowd: list[User]
) -> None:
    other = PreferenceVersion.objects.create(measurement_version=make_version())
    forgotten = make_learned(likeness, [], seed=3)
    for challenger, fields, why in (
        (other, {}, "another measurement version"),
        (learned, {}, "nothing to compare"),
        (forgotten, {}, "forgotten"),
        (rival, {"share": 51}, "At most 50 %"),
        (rival, {"n_days": 61}, "60 days"),
    ):
        with pytest.raises(experiments.RefusedError, match=why):
            start(operator, challenger, **fields)
    running = start(operator, rival)
    with pytest.raises(experiments.RefusedError, match="not decided yet"):
        start(operator, likeness)
    with pytest.raises(experiments.RefusedError, match="not begun yet"):
        experiments.decide(experiment=running, outcome=Outcome.KEPT, decided_by=operator, reason="Too soon.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.create(
            champion=learned, challenger=rival, share=5, n_days=5, note="A second one.", started_by=operator
        )
    # Even a row that no service wrote ranks nobody by places of other axes.
    now = timezone.now()
    Experiment.objects.update(challenger=other, started_at=now, ends_at=now + A_DAY)
    assert {row.preference_version for user in crowd[:4] for row in shown(user)} == {learned}


def test_whatever_is_published_meanwhile_ends_it(
    operator: User, learned: PreferenceVersion, rival: PreferenceVersion, likeness: PreferenceVersion
) -> None:
    start(operator, likeness)
    publishing.publish(preference_version=learned)
    assert arms.open_experiment() is not None
    publishing.publish(preference_version=rival)
    first = Experiment.objects.get()
    assert (first.outcome, first.decided_by) == (Outcome.OVERTAKEN, None)
    assert "Another preference version" in first.reason
    second = start(operator, likeness)
    publishing.publish(measurement_version=make_version())
    second.refresh_from_db()
    assert (second.outcome, arms.open_experiment()) == (Outcome.OVERTAKEN, None)
    assert "Another measurement version" in second.reason
    # The way back leads to what served last, and ends an experiment as well.
    other = MeasurementVersion.objects.get(is_active=True)
    assert publishing.roll_back(measurement_version=likeness.measurement_version) == rival
    third = start(operator, likeness)
    publishing.publish(preference_version=likeness)
    third.refresh_from_db()
    assert (third.outcome, third.reason) == (Outcome.PUBLISHED, "The challenger was published.")
    fourth = start(operator, rival)
    publishing.roll_back(measurement_version=other)
    fourth.refresh_from_db()
    assert fourth.outcome == Outcome.OVERTAKEN
    assert publishing.roll_back(measurement_version=likeness.measurement_version) == likeness


def test_nothing_is_learned_and_published_over_an_undecided_experiment(
    operator: User, learned: PreferenceVersion, likeness: PreferenceVersion, settings: Any
) -> None:
    settings.LEARN_FROM_VERDICTS = 10
    start(operator, likeness, n_days=1)
    assert training.request_learning() is None
    # The model of the places is due, and waits too; whoever asks for a training by hand gets it.
    later = timezone.now() + 8 * A_DAY
    assert due.is_due(now=later)
    assert training.request_when_due(now=later) is None
    run = training.retrain(kind=TrainingRun.Kind.PREFERENCE)
    assert run.status == TrainingRun.Status.REFUSED
    assert "is not decided yet" in run.error
    assert publishing.active_preference_version() == learned
    # Somebody has two weeks to decide; then learning goes on, and its publication ends the experiment.
    Experiment.objects.update(ends_at=timezone.now() - 13 * A_DAY)
    assert arms.why_learning_waits(timezone.now())
    Experiment.objects.update(ends_at=timezone.now() - 14 * A_DAY)
    assert training.request_learning() is not None
    assert training.request_when_due(now=later) is not None


def test_the_challenger_knows_what_everybody_said_before_and_since(
    operator: User, learned: PreferenceVersion, rival: PreferenceVersion, crowd: list[User]
) -> None:
    assert not Taste.objects.filter(version=rival).exclude(generosity=0).exists()
    start(operator, rival)
    experiments.prepare()
    said = Verdict.objects.filter(is_current=True)
    assert Taste.objects.filter(version=rival).exclude(generosity=0).count() == said.values("actor").distinct().count()
    assert not said.filter(without_challenger=None).exists()
    actor, target = crowd[0], crowd[1]
    Verdict.objects.filter(actor=actor, target=target).delete()
    show_each_other(actor, target)
    corrected = {}
    for value in ("like", "pass"):
        judging.record(actor=actor, target=target, purpose=FRIEND, value=value)
        for version in (learned, rival):
            generosity = Taste.objects.get(version=version, user=actor).generosity
            logit = scores(version, actor, [target.pk])[target.pk][0]
            down = tastes.corrections_for(version=version, purpose=FRIEND, viewer_id=target.pk)[actor.pk]
            corrected[version.pk, value] = (generosity, np.log(logit / (1 - logit)), down)
    for version in (learned, rival):
        (liked, high, down), (passed, low, up) = (corrected[version.pk, value] for value in ("like", "pass"))
        assert liked > passed
        assert high > low
        # Neither arm's list tells the target what was said of them.
        assert high + down == pytest.approx(low + up, abs=1e-4)
    learning.forget_old_tastes()
    assert set(Taste.objects.values_list("version", flat=True)) == {learned.pk, rival.pk}
    tastes.be_learned_from(user=actor, is_learned_from=False)
    assert not Verdict.objects.filter(actor=actor, without_challenger__isnull=False).exists()
    assert not Taste.objects.filter(user=actor).exists()


@pytest.mark.parametrize("outcome", [Outcome.PUBLISHED, Outcome.KEPT])
def test_what_was_kept_for_the_challenger_moves_or_goes(
    operator: User, learned: PreferenceVersion, rival: PreferenceVersion, outcome: Experiment.Outcome
) -> None:
    Verdict.objects.update(without=b"champion")
    experiment = start(operator, rival)
    experiments.prepare()
    kept = dict(Verdict.objects.values_list("pk", "without_challenger"))
    assert all(kept.values())
    experiments.decide(experiment=experiment, outcome=outcome, decided_by=operator, reason="So it is.")
    after = {pk: bytes(without or b"") for pk, without in Verdict.objects.values_list("pk", "without")}
    if outcome == Outcome.PUBLISHED:
        assert after == {pk: bytes(without or b"") for pk, without in kept.items()}
        assert publishing.active_preference_version() == rival
    else:
        assert set(after.values()) == {b"champion"}
        assert publishing.active_preference_version() == learned
    assert not Verdict.objects.filter(without_challenger__isnull=False).exists()
