"""Learning from verdicts: what is published, what follows a verdict at once, and what must never be learned."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from numpy.typing import NDArray

from accounts.models import Consent, Purpose, User
from ml import placement, preferences
from ml.preference_problem import probabilities
from recommendations import datasets, feedback, tasks
from recommendations.management.commands.learn import findings
from recommendations.models import PreferenceVersion, Taste, Verdict, VerdictValue
from recommendations.services import learning, publishing, samples, tastes, training, verdicts
from surveys.models import MeasurementVersion, TrainingRun
from surveys.services import models
from surveys.services.training import request
from tests.recommendations.builders import make_people, show_each_other
from tests.surveys.respondents import make_respondents

FRIEND = Purpose.FRIEND
PREFERENCE = TrainingRun.Kind.PREFERENCE

pytestmark = pytest.mark.django_db


def say(people: list[User], *, seed: int = 0, share: float = 0.5, spread: float = 1.5, is_demo: bool = False) -> int:
    """Let people judge each other, some of them readily and some of them liked by all; return how many verdicts."""
    rng = np.random.default_rng(seed)
    generosity, appeal = spread * rng.standard_normal((2, len(people)))
    rows = [
        Verdict(
            actor=people[a],
            target=people[b],
            purpose=FRIEND,
            value=VerdictValue.LIKE if rng.random() < probabilities(generosity[a] + appeal[b]) else VerdictValue.PASS,
            is_demo=is_demo,
        )
        for a, b in itertools.permutations(range(len(people)), 2)
        if rng.random() < share
    ]
    Verdict.objects.bulk_create(rows)
    return len(rows)


@pytest.fixture
def crowd(version: MeasurementVersion) -> list[User]:
    """Return people with places, who have not judged each other yet."""
    return make_people(version, 30)


@pytest.fixture
def learned(crowd: list[User]) -> PreferenceVersion:
    """Return a version that was learned from what the crowd said."""
    say(crowd)
    training.retrain(kind=PREFERENCE)
    version = publishing.active_preference_version()
    assert version is not None
    return version


def scales_of(version: PreferenceVersion, user: User) -> NDArray[np.float32]:
    scales: NDArray[np.float32] = datasets.places_of(version=version.measurement_version, user_ids=[user.pk]).scales[0]
    return scales


def logit(version: PreferenceVersion, one: User, other: User) -> float:
    """Return the logit of one person liking another, as it is served."""
    places = datasets.places_of(version=version.measurement_version, user_ids=[one.pk, other.pk])
    outgoing, incoming = tastes.vectors_of(version, FRIEND, places)
    rows = {user_id: row for row, user_id in enumerate(places.user_ids.tolist())}
    return float(outgoing[rows[one.pk]] @ incoming[rows[other.pk]])


def test_what_was_learned_is_published_with_its_report(learned: PreferenceVersion, crowd: list[User]) -> None:
    run = TrainingRun.objects.get(kind=PREFERENCE)
    assert (run.status, learned.training_run, learned.kind) == ("succeeded", run, PreferenceVersion.Kind.LEARNED)
    assert learned.is_active
    assert set(learned.weights) == {FRIEND}
    assert Taste.objects.filter(version=learned, purpose=FRIEND).count() == len(crowd)
    found = run.report["purposes"][FRIEND]
    assert found["is_learned"]
    assert found["held_out"]["auc"] > found["held_out"]["auc_of_likeness"]
    # The threshold is kept in whole thousandths, rounded down.
    assert 0 <= found["held_out"]["threshold"] - learned.thresholds[FRIEND] < 0.001
    assert (1000 * learned.thresholds[FRIEND]) == pytest.approx(round(1000 * learned.thresholds[FRIEND]))
    assert "on pairs held out" in findings(run.report)[1]


def test_too_few_verdicts_are_refused_and_likeness_goes_on(crowd: list[User]) -> None:
    say(crowd, share=0.1)
    run = training.retrain(kind=PREFERENCE)
    assert run.status == TrainingRun.Status.REFUSED
    assert "verdicts enough" in run.error
    in_use = publishing.active_preference_version()
    assert in_use is not None
    assert in_use.kind == PreferenceVersion.Kind.LIKENESS
    assert not Taste.objects.exists()


def test_verdicts_at_random_are_refused(crowd: list[User]) -> None:
    say(crowd, spread=0.0)
    run = training.retrain(kind=PREFERENCE)
    assert run.status == TrainingRun.Status.REFUSED
    assert "do not predict better" in run.report["purposes"][FRIEND]["reason"]


def test_nothing_is_learned_from_the_demo_nor_from_who_withdrew(
    version: MeasurementVersion, crowd: list[User], settings: Any
) -> None:
    settings.DEMO = False
    say(crowd)
    User.objects.filter(pk=crowd[0].pk).update(is_demo=True)
    Consent.objects.filter(user=crowd[1]).update(is_given=False)
    said = feedback.feedback(purpose=FRIEND)
    seen = set(said.actor_ids.tolist()) | set(said.target_ids.tolist())
    assert seen == {user.pk for user in crowd[2:]}


def test_without_anything_learned_the_logit_is_the_likeness(version: MeasurementVersion, crowd: list[User]) -> None:
    in_use = publishing.active_preference_version()
    assert in_use is not None
    places = datasets.places_of(version=version)
    outgoing, incoming = tastes.vectors_of(in_use, FRIEND, places)
    likeness = placement.expected_likeness(places, places, models.model_of(version).full_reliability)
    assert np.abs(outgoing @ incoming.T - likeness).max() < 1e-3


def test_what_a_population_shares_survives_the_database(learned: PreferenceVersion) -> None:
    learned.refresh_from_db()
    population = tastes.population_of(learned, FRIEND)
    assert population is not None
    assert tastes.stored(population) == learned.weights[FRIEND]
    assert tastes.population_of(learned, Purpose.DATE) is None


def test_a_verdict_changes_the_taste_of_who_gave_it_at_once_and_the_appeal_of_nobody(
    learned: PreferenceVersion, crowd: list[User]
) -> None:
    actor = crowd[0]
    Verdict.objects.filter(actor=actor).delete()
    tastes.follow_sample(actor_id=actor.pk, purpose=FRIEND)
    before = Taste.objects.get(version=learned, user=actor)
    others = dict(Taste.objects.exclude(user=actor).values_list("user", "appeal"))
    for target in crowd[1:6]:
        show_each_other(actor, target)
        verdicts.record(actor=actor, target=target, purpose=FRIEND, value="like")
    after = Taste.objects.get(version=learned, user=actor)
    assert after.generosity > before.generosity
    assert after.generosity_variance < before.generosity_variance
    assert after.appeal == before.appeal
    assert dict(Taste.objects.exclude(user=actor).values_list("user", "appeal")) == others


def test_a_verdict_taken_back_leaves_no_trace(learned: PreferenceVersion, crowd: list[User]) -> None:
    actor, target = crowd[0], crowd[1]
    Verdict.objects.filter(actor=actor, target=target).delete()
    show_each_other(actor, target)
    tastes.follow_sample(actor_id=actor.pk, purpose=FRIEND)
    before = Taste.objects.get(version=learned, user=actor).generosity
    verdicts.record(actor=actor, target=target, purpose=FRIEND, value="like")
    assert Taste.objects.get(version=learned, user=actor).generosity != before
    verdicts.record(actor=actor, target=target, purpose=FRIEND, value="undone")
    assert Taste.objects.get(version=learned, user=actor).generosity == pytest.approx(before, abs=1e-6)


def test_what_somebody_said_of_a_person_cannot_be_read_from_that_persons_list(
    learned: PreferenceVersion, crowd: list[User]
) -> None:
    judge, viewer = crowd[0], crowd[1]
    Verdict.objects.filter(actor=judge, target=viewer).delete()
    show_each_other(judge, viewer)
    corrected = {}
    for value in ("like", "pass"):
        verdicts.record(actor=judge, target=viewer, purpose=FRIEND, value=value)
        corrections = tastes.without_their_verdicts(
            version=learned, purpose=FRIEND, viewer_id=viewer.pk, scales=scales_of(learned, viewer)
        )
        corrected[value] = (logit(learned, judge, viewer), corrections[judge.pk])
    (liked, down), (passed, up) = corrected["like"], corrected["pass"]
    assert liked > passed + 0.01
    assert liked + down == pytest.approx(passed + up, abs=1e-4)


def test_the_fit_keeps_with_each_verdict_what_its_actor_would_be_without_it(
    learned: PreferenceVersion, crowd: list[User]
) -> None:
    pairs = set(Verdict.objects.values_list("actor", "target"))
    for verdict in Verdict.objects.all()[:200]:
        is_answered = (verdict.target_id, verdict.actor_id) in pairs
        assert (verdict.without is None) == is_answered


def test_a_sample_person_teaches_ones_own_taste(learned: PreferenceVersion, crowd: list[User]) -> None:
    make_respondents(40)
    tasks.continue_training()
    learned.measurement_version.refresh_from_db()
    actor = crowd[0]
    before = Taste.objects.get(version=learned, user=actor).generosity
    for person in samples.list_for(viewer=actor, purpose=FRIEND)[:1]:
        samples.record(actor=actor, token=person.token, purpose=FRIEND, value="like")
    assert Taste.objects.get(version=learned, user=actor).generosity > before


def test_several_purposes_are_learned_apart(crowd: list[User]) -> None:
    say(crowd)
    rows = list(Verdict.objects.all())
    for row in rows:
        row.pk, row.purpose = None, Purpose.PROJECT
        row.value = VerdictValue.PASS if row.value == VerdictValue.LIKE else VerdictValue.LIKE
    Verdict.objects.bulk_create(rows)
    training.retrain(kind=PREFERENCE)
    in_use = publishing.active_preference_version()
    assert in_use is not None
    assert set(in_use.weights) == {FRIEND, Purpose.PROJECT}
    appeal = {
        purpose: dict(Taste.objects.filter(version=in_use, purpose=purpose).values_list("user", "appeal"))
        for purpose in in_use.weights
    }
    users = sorted(appeal[FRIEND])
    one, other = (np.array([appeal[purpose][user] for user in users]) for purpose in (FRIEND, Purpose.PROJECT))
    assert np.corrcoef(one, other)[0, 1] < -0.8


def test_a_new_measurement_model_asks_for_learning_anew(learned: PreferenceVersion) -> None:
    assert learning.is_worthwhile()
    assert training.request_learning() is not None
    run = training.continue_training()
    assert run is not None
    assert (run.kind, run.status) == (PREFERENCE, "succeeded")
    newest = publishing.active_preference_version()
    assert newest is not None
    assert newest.pk > learned.pk


def test_the_nightly_task_asks_for_nothing_while_there_is_little_to_learn(crowd: list[User]) -> None:
    tasks.request_learning()
    assert not TrainingRun.objects.filter(kind=PREFERENCE).exists()


def test_a_measurement_version_published_meanwhile_wins(learned: PreferenceVersion) -> None:
    request(kind=PREFERENCE)
    run = TrainingRun.objects.get(kind=PREFERENCE, status="waiting")
    candidate = learning.learn(run=run)
    other = MeasurementVersion.objects.get(pk=learned.measurement_version_id)
    other.pk, other.is_active, other.training_run = None, False, TrainingRun.objects.create(kind="measurement")
    other.save()
    publishing.publish(measurement_version=other)
    with pytest.raises(publishing.MismatchError):
        publishing.publish(preference_version=learning.store(candidate=candidate))


def test_tastes_of_versions_that_nobody_returns_to_are_forgotten(learned: PreferenceVersion) -> None:
    for _ in range(2):
        training.retrain(kind=PREFERENCE)
    kept = set(Taste.objects.values_list("version", flat=True))
    assert len(kept) == learning.KEPT_VERSIONS
    assert learned.pk not in kept


def test_the_command_says_what_was_learned(crowd: list[User], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("learn")
    assert "verdicts enough" in capsys.readouterr().err
    say(crowd)
    call_command("learn")
    out = capsys.readouterr().out
    assert "Published." in out
    assert f"{Purpose.FRIEND.label}: " in out


def test_somebody_who_never_said_anything_stands_at_the_mean(
    learned: PreferenceVersion, version: MeasurementVersion, crowd: list[User]
) -> None:
    (newcomer,) = make_people(version, 1, seed=9)
    places = datasets.places_of(version=version, user_ids=[newcomer.pk, crowd[0].pk])
    people = tastes.people_of(places, models.model_of(version).full_reliability)
    model = tastes.preferences_of(learned, FRIEND, people, places.user_ids)
    row = int(np.flatnonzero(places.user_ids == newcomer.pk)[0])
    assert model.personal.generosity[row] == model.personal.appeal[row] == 0
    assert model.personal.appeal_variance[row] == pytest.approx(model.population.covariance[1, 1])


def test_a_candidate_worse_than_the_model_in_use_is_refused_and_says_why(
    learned: PreferenceVersion, crowd: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = preferences.fit

    def spoiled(*args: Any, **kwargs: Any) -> preferences.Preferences:
        """Take everybody's taste for the opposite of what it is, and hold on to it."""
        model = honest(*args, **kwargs)
        covariance = 1e-6 * np.eye(2)
        return preferences.Preferences(
            replace(model.population, covariance=covariance, taste_variance=1e-6, level_in=-model.population.level_in),
            model.personal,
        )

    monkeypatch.setattr(preferences, "fit", spoiled)
    run = training.retrain(kind=PREFERENCE)
    assert run.status == TrainingRun.Status.REFUSED
    assert "the model in use asks for" in run.error
    gates = run.report["purposes"][FRIEND]["gates"]
    assert not all(gate["is_passed"] for gate in gates)
    assert publishing.active_preference_version() == learned
    assert PreferenceVersion.objects.filter(kind=PreferenceVersion.Kind.LEARNED).count() == 1
    monkeypatch.undo()
    assert training.retrain(kind=PREFERENCE).status == TrainingRun.Status.SUCCEEDED
