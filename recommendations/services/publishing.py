"""Publishing models: the measurement model and the preference model change hands together, in one transaction."""

import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from recommendations.models import PreferenceVersion
from recommendations.services import arms
from surveys.models import MeasurementVersion
from surveys.services import placing, training


class MismatchError(ValueError):
    """The two versions were not made for one another."""


def active_preference_version() -> PreferenceVersion | None:
    """Return the version that ranks people now, with its measurement version."""
    return PreferenceVersion.objects.filter(is_active=True).select_related("measurement_version").first()


@transaction.atomic
def publish(
    *, measurement_version: MeasurementVersion | None = None, preference_version: PreferenceVersion | None = None
) -> PreferenceVersion:
    """Make a pair of versions the one that everybody sees.

    A measurement version alone comes with the preference version it last served with, at first likeness only; a
    preference version alone keeps the measurement version in use. An experiment with other versions ends with it.

    Raises
    ------
    MismatchError
        When neither is named, or the preference version was made for another measurement version.
    """
    lock_versions()
    if measurement_version is None:
        measurement_version = MeasurementVersion.objects.filter(is_active=True).first()
        if measurement_version is None or preference_version is None:
            raise MismatchError("Name a measurement version to publish.")
    if preference_version is None:
        preference_version = _preference_version_for(measurement_version)
    if preference_version.measurement_version_id != measurement_version.pk:
        raise MismatchError("This preference version was made for another measurement version.")
    now = timezone.now()
    _make_only_active(MeasurementVersion, measurement_version.pk, now)
    _make_only_active(PreferenceVersion, preference_version.pk, now)
    preference_version.refresh_from_db()
    arms.follow_publication(version=preference_version, now=now)
    return preference_version


def roll_back(*, measurement_version: MeasurementVersion) -> PreferenceVersion:
    """Return to an earlier measurement version and the preference version that was last made for it.

    Everyone who joined or changed an answer since is placed under it first.
    """
    placing.place_everyone(version=measurement_version)
    training.place_respondents(version=measurement_version)
    return publish(measurement_version=measurement_version)


def lock_versions() -> None:
    """Lock all versions, in one order, so that two who publish at the same moment queue up."""
    for model in (MeasurementVersion, PreferenceVersion):
        list(model._default_manager.select_for_update().order_by("pk").values_list("pk"))


def _preference_version_for(measurement_version: MeasurementVersion) -> PreferenceVersion:
    """Return the preference version that a measurement version last served with; the first is likeness only."""
    newest = measurement_version.preference_versions.order_by(F("published_at").desc(nulls_last=True), "-pk").first()
    return newest or PreferenceVersion.objects.create(measurement_version=measurement_version)


def likeness_version_for(measurement_version: MeasurementVersion) -> PreferenceVersion:
    """Return the version that goes by likeness for every purpose: under it lists without anything learned are kept."""
    versions = measurement_version.preference_versions.filter(kind=PreferenceVersion.Kind.LIKENESS)
    return versions.order_by("pk").first() or PreferenceVersion.objects.create(measurement_version=measurement_version)


def _make_only_active(
    model: type[MeasurementVersion] | type[PreferenceVersion], chosen: int, now: datetime.datetime
) -> None:
    """Switch every other version off before the chosen one on: two are never active, not even for a moment."""
    model._default_manager.filter(is_active=True).exclude(pk=chosen).update(is_active=False)
    model._default_manager.filter(pk=chosen, is_active=False).update(is_active=True, published_at=now)
