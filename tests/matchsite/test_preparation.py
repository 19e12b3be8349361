"""Preparing a checkout: an administrator with a private password, and respondents whatever the network does."""

import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from matchsite import preparation
from surveys.models import MeasurementVersion, Respondent, SeedImport

UNREACHABLE = "http://nowhere.invalid/16PF.zip"


@pytest.fixture(autouse=True)
def _own_data_directory(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.mark.django_db
def test_the_administrator_can_log_in_with_the_password_that_is_printed_and_kept(said: list[str]) -> None:
    preparation.create_administrator(said.append)
    password = preparation.administrator_file().read_text().strip()
    administrator = User.objects.get(email=preparation.ADMINISTRATOR)
    assert administrator.check_password(password)
    assert administrator.is_staff
    assert len(said) == 1
    assert password in said[0]


@pytest.mark.django_db
def test_the_password_file_is_readable_by_nobody_else(said: list[str]) -> None:
    preparation.administrator_file().write_text("left by an older database, readable by all")
    preparation.create_administrator(said.append)
    assert stat.S_IMODE(preparation.administrator_file().stat().st_mode) == 0o600
    assert "older" not in preparation.administrator_file().read_text()


@pytest.mark.django_db
def test_an_administrator_who_is_there_is_left_alone(said: list[str]) -> None:
    User.objects.create_superuser("somebody@example.org", "a password of their own")
    preparation.create_administrator(said.append)
    assert said == []
    assert User.objects.filter(is_superuser=True).count() == 1
    assert not preparation.administrator_file().exists()


@pytest.mark.django_db
def test_an_unreachable_host_is_named_and_replaced_by_synthetic_respondents(said: list[str], settings: Any) -> None:
    settings.SEED_DATASET = UNREACHABLE
    preparation.import_seed(said.append)
    assert "synthetic" in said[0]
    assert SeedImport.objects.get().kind == SeedImport.Kind.SYNTHETIC
    assert Respondent.objects.count() == 5_000


@pytest.mark.django_db
def test_a_second_start_imports_nothing(said: list[str], settings: Any) -> None:
    SeedImport.objects.create(
        kind=SeedImport.Kind.PUBLISHED, source="16PF.zip", sha256="0" * 64, n_respondents=49_159, counts={}
    )
    settings.SEED_DATASET = UNREACHABLE
    preparation.import_seed(said.append)
    assert SeedImport.objects.count() == 1
    assert "49159" in said[0]


@pytest.mark.django_db
def test_a_file_that_is_missing_is_an_error_and_not_replaced(said: list[str], settings: Any, tmp_path: Path) -> None:
    settings.SEED_DATASET = str(tmp_path / "missing.zip")
    with pytest.raises(CommandError):
        preparation.import_seed(said.append)
    assert not Respondent.objects.exists()


@pytest.mark.django_db
def test_prepare_leaves_a_checkout_that_can_serve_and_finds_nothing_to_do_again(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SEED_DATASET = UNREACHABLE
    call_command("prepare")
    assert MeasurementVersion.objects.get(is_active=True).is_reference
    assert "Placed 0 answer sheets and 5,000 respondents." in capsys.readouterr().out
    call_command("prepare")
    assert "Placed 0 answer sheets and 0 respondents." in capsys.readouterr().out
    assert SeedImport.objects.count() == MeasurementVersion.objects.count() == User.objects.count() == 1
