"""The demo population is marked, consistent with what the services would have written, and made once."""

import datetime
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from accounts.models import Circle, Consent, Notification, Preference, User, Visit
from accounts.models.visit import PAUSE_THAT_ENDS_A_VISIT
from recommendations.models import Impression, Match, SlotPolicy, Verdict
from recommendations.services import demo, lists, verdicts
from surveys.models import AnswerSheet, Placement
from tests.population import make_active_versions

pytestmark = pytest.mark.django_db

N_MEMBERS = 60


def assert_everything_is_marked() -> None:
    assert User.objects.filter(is_demo=True).count() == User.objects.count() == N_MEMBERS
    for model in (Impression, Verdict, Match, Visit):
        assert model.objects.exists(), model
        assert not model.objects.filter(is_demo=False).exists(), model
    assert Placement.objects.count() == N_MEMBERS
    assert not Consent.objects.filter(kind=Consent.Kind.TRAINING).exists()


def assert_nobody_is_shown_before_they_joined(now: datetime.datetime) -> None:
    for viewer_joined, shown_joined, shown_at in Impression.objects.values_list(
        "viewer__joined_on", "shown__joined_on", "shown_at"
    ):
        assert max(viewer_joined, shown_joined) <= timezone.localdate(shown_at)
        assert now - datetime.timedelta(days=demo.N_DAYS + 1) < shown_at < now
    assert not Preference.objects.filter(is_active=False).exists()


def assert_who_was_drawn_had_a_known_chance() -> None:
    drawn = Impression.objects.filter(slot_policy=SlotPolicy.EXPLORED)
    assert drawn.exists()
    for propensity, n_eligible in drawn.values_list("propensity", "n_eligible"):
        assert propensity == pytest.approx(1 / (n_eligible - 11))
    assert not Impression.objects.filter(slot_policy=SlotPolicy.RANKED).exclude(propensity=1).exists()


def assert_visits_are_apart_and_hold_what_was_done() -> None:
    ended: dict[int, datetime.datetime] = {}
    for visit in Visit.objects.order_by("user", "started_at"):
        assert visit.started_at < visit.last_seen_at
        if visit.user_id in ended:
            assert visit.started_at - ended[visit.user_id] > PAUSE_THAT_ENDS_A_VISIT
        ended[visit.user_id] = visit.last_seen_at
    for actor, given_at in Verdict.objects.values_list("actor", "given_at"):
        assert Visit.objects.filter(user=actor, started_at__lte=given_at, last_seen_at__gte=given_at).exists()


def written() -> dict[str, list[tuple[Any, ...]]]:
    """Return what people said and what came of it, without keys."""
    said = Verdict.objects.order_by("given_at", "actor").values_list(
        "actor", "target", "purpose", "value", "impression", "is_current", "is_demo", "given_at"
    )
    matches = Match.objects.order_by("low", "high", "purpose").values_list(
        "low", "high", "purpose", "is_demo", "matched_at", "ended_at"
    )
    told = Notification.objects.order_by("user").values_list("user", "kind")
    return {"verdicts": list(said), "matches": list(matches), "notifications": list(told)}


def assert_services_would_have_written_the_same() -> None:
    assert not Verdict.objects.filter(given_at__lte=F("impression__shown_at")).exists()
    in_bulk = written()
    said = list(Verdict.objects.order_by("given_at").select_related("actor", "target"))
    for model in (Notification, Match, Verdict):
        model.objects.all().delete()
    for verdict in said:
        verdicts.record(
            actor=verdict.actor,
            target=verdict.target,
            purpose=verdict.purpose,
            value=verdict.value,
            now=verdict.given_at,
        )
    assert written() == in_bulk


def assert_the_login_finds_something() -> None:
    login = User.objects.get(email=demo.LOGIN)
    assert AnswerSheet.objects.get(user=login).is_complete
    assert Match.objects.of(login.pk).exists()
    assert Circle.objects.filter(memberships__user=login).count() == Circle.objects.count() == 2
    purposes = Preference.objects.filter(user=login).values_list("purpose", flat=True)
    assert any(lists.list_for(viewer=login, purpose=purpose).impressions for purpose in purposes)


def test_the_population_is_marked_consistent_and_made_once(settings) -> None:
    settings.DEMO = True
    make_active_versions()
    now = timezone.now()
    assert demo.create(now=now, n_members=N_MEMBERS) is not None
    assert_everything_is_marked()
    assert_nobody_is_shown_before_they_joined(now)
    assert_who_was_drawn_had_a_known_chance()
    assert_visits_are_apart_and_hold_what_was_done()
    assert_services_would_have_written_the_same()
    assert_the_login_finds_something()
    assert demo.create(n_members=N_MEMBERS) is None
    assert User.objects.count() == N_MEMBERS


def test_likes_follow_likeness_in_the_hidden_factors_generosity_and_appeal() -> None:
    hidden = np.array([[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]])
    taste = demo.Taste(
        ids=np.array([10, 20, 30]),
        generosity=np.array([0.0, 1.0, 0.0]),
        appeal=np.array([0.0, 0.0, 0.5]),
        hidden=hidden,
    )
    assert taste.probability(10, 20) == pytest.approx(1 / (1 + np.exp(1.1 - 0.9)))
    assert taste.probability(20, 10) == pytest.approx(1 / (1 + np.exp(1.1 - 0.9 - 1.0)))
    assert taste.probability(10, 30) == pytest.approx(1 / (1 + np.exp(1.1 - 0.5 - 0.9 * (1 - 4))))


def test_the_command_keeps_the_login_to_itself(settings, tmp_path, monkeypatch, capsys) -> None:
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    make_active_versions()
    monkeypatch.setattr(demo.create, "__kwdefaults__", {"now": None, "n_members": 6})
    call_command("create_demo")
    login = tmp_path / "demo-login"
    assert login.stat().st_mode & 0o777 == 0o600
    email, password = login.read_text().split()
    assert User.objects.get(email=email).check_password(password)
    assert password not in capsys.readouterr().out
    call_command("create_demo")
    assert "is there" in capsys.readouterr().out


def test_there_is_no_population_whose_login_could_not_be_kept(settings, tmp_path, monkeypatch) -> None:
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    make_active_versions()
    monkeypatch.setattr(demo.create, "__kwdefaults__", {"now": None, "n_members": 6})
    (tmp_path / "demo-login").mkdir()
    with pytest.raises(OSError, match="demo-login"):
        call_command("create_demo")
    assert not User.objects.exists()


def test_without_demo_there_is_none(settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("create_demo")
    assert not User.objects.exists()


def test_without_a_model_there_is_none(settings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="load_reference"):
        call_command("create_demo")
