"""The demo population is marked, consistent, and made once."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Consent, User, Visit
from recommendations.models import Impression, Match, Verdict, VerdictValue
from recommendations.services import demo
from surveys.models import Placement
from tests.population import make_active_versions

pytestmark = pytest.mark.django_db

N_MEMBERS = 40


def assert_everything_is_marked() -> None:
    assert User.objects.filter(is_demo=True).count() == User.objects.count() == N_MEMBERS
    for model in (Impression, Verdict, Match, Visit):
        assert model.objects.exists(), model
        assert not model.objects.filter(is_demo=False).exists(), model
    assert Placement.objects.count() == N_MEMBERS
    assert not Consent.objects.filter(kind=Consent.Kind.TRAINING).exists()


def assert_verdicts_point_to_when_the_person_was_shown() -> None:
    for verdict in Verdict.objects.select_related("impression"):
        shown = verdict.impression
        assert shown is not None
        assert (shown.viewer_id, shown.shown_id, shown.purpose) == (
            verdict.actor_id,
            verdict.target_id,
            verdict.purpose,
        )
        assert shown.shown_at < verdict.given_at


def assert_matches_are_the_mutual_likes() -> None:
    likes = set(
        Verdict.objects.filter(is_current=True, value=VerdictValue.LIKE).values_list("actor", "target", "purpose")
    )
    mutual = {(min(a, b), max(a, b), purpose) for a, b, purpose in likes if (b, a, purpose) in likes}
    assert set(Match.objects.values_list("low", "high", "purpose")) == mutual


def test_the_population_is_marked_consistent_and_made_once(settings) -> None:
    settings.DEMO = True
    make_active_versions()
    assert demo.create(n_members=N_MEMBERS) is not None
    assert_everything_is_marked()
    assert_verdicts_point_to_when_the_person_was_shown()
    assert_matches_are_the_mutual_likes()
    earliest = timezone.now() - datetime.timedelta(days=61)
    assert not Impression.objects.filter(shown_at__lt=earliest).exists()
    assert demo.create(n_members=N_MEMBERS) is None
    assert User.objects.count() == N_MEMBERS


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


def test_without_demo_there_is_none(settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("create_demo")


def test_without_a_model_there_is_none(settings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="load_reference"):
        call_command("create_demo")
