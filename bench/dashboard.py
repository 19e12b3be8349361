"""Time and memory of a snapshot of a million impressions, and time of the pages that operators open.

Run by `python -m bench.dashboard`. The site is made anew in a temporary directory, on SQLite: 1,000,000 impressions of
5,000 members over 28 days, three in ten of them answered.
"""

import datetime
import functools
import multiprocessing
import os
import resource
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from bench import results

N_IMPRESSIONS, N_PEOPLE, N_DAYS, LENGTH = 1_000_000, 5_000, 28, 12
ANSWERED, BATCH = 0.3, 20_000
MEGABYTE = 1024


def build() -> None:
    """Fill an empty database."""
    from django.core.management import call_command

    from accounts.models import Consent, Preference, Profile, User
    from accounts.models.user import adult_on
    from ml import artifacts, synthetic
    from recommendations.services import publishing
    from surveys.models import AnswerSheet
    from surveys.services import placing, training

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    version = training.install_reference()
    publishing.publish(measurement_version=version)
    rng, birth = np.random.default_rng(0), datetime.date(1990, 5, 17)
    people = User.objects.bulk_create(
        User(email=f"{row}@example.org", birth_date=birth, adult_on=adult_on(birth)) for row in range(N_PEOPLE)
    )
    Profile.objects.bulk_create(Profile(user=user, display_name="Robin") for user in people)
    Consent.objects.bulk_create(Consent(user=user, kind="matching", is_given=True) for user in people)
    Preference.objects.bulk_create(Preference(user=user, purpose="friend") for user in people)
    answers = synthetic.sample_answers(artifacts.load_reference(), N_PEOPLE, rng)
    AnswerSheet.objects.bulk_create(
        AnswerSheet(user=user, answers=row.tobytes(), n_answered=163, revision=1)
        for user, row in zip(people, answers, strict=True)
    )
    placing.place_everyone(version=version)
    _show_people(rng, [user.pk for user in people])


def _show_people(rng: np.random.Generator, ids: list[int]) -> None:
    """Write the impressions and what was said at them, in pieces."""
    from recommendations.models import Impression, PreferenceVersion, Verdict

    version, now = PreferenceVersion.objects.get(is_active=True), datetime.datetime.now(datetime.UTC)
    fields = {"purpose": "friend", "propensity": 1.0, "n_eligible": N_PEOPLE, "label": 3, "preference_version": version}
    fields |= {"measurement_version": version.measurement_version, "n_viewer_verdicts": 1}

    def impressions() -> Iterator[Impression]:
        for _ in range(N_IMPRESSIONS // LENGTH + 1):
            chosen, list_id = rng.choice(N_PEOPLE, LENGTH + 1, replace=False), uuid.UUID(bytes=rng.bytes(16))
            at = now - datetime.timedelta(days=float(rng.random() * N_DAYS))
            for position, (person, score) in enumerate(zip(chosen[1:], rng.beta(2, 3, LENGTH), strict=True)):
                policy = "explored" if position == LENGTH - 1 else "ranked"
                yield Impression(
                    list_id=list_id,
                    viewer_id=ids[chosen[0]],
                    shown_id=ids[person],
                    position=position,
                    slot_policy=policy,
                    score_out=float(score),
                    score_in=float(rng.random()),
                    shown_at=at,
                    **fields,
                )

    rows, n_left = impressions(), N_IMPRESSIONS
    said: set[tuple[int, int]] = set()
    while piece := list(islice(rows, min(BATCH, n_left))):
        n_left -= len(piece)
        Impression.objects.bulk_create(piece, batch_size=1000)
        Verdict.objects.bulk_create(
            (
                Verdict(
                    actor_id=one.viewer_id,
                    target_id=one.shown_id,
                    purpose="friend",
                    value="like" if rng.random() < one.score_out else "pass",
                    impression=one,
                    given_at=one.shown_at + datetime.timedelta(hours=1),
                )
                for one in piece
                if rng.random() < ANSWERED and not _was_said(said, one)
            ),
            batch_size=1000,
        )


def _was_said(said: set[tuple[int, int]], one: Any) -> bool:
    pair = (one.viewer_id, one.shown_id)
    is_in = pair in said
    said.add(pair)
    return is_in


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """Return seconds by the clock on the wall and on the processor, rounded."""
    wall, processor = time.perf_counter(), time.process_time()
    what()
    return round(time.perf_counter() - wall, 2), round(time.process_time() - processor, 2)


def measure() -> dict[str, Any]:
    """Return seconds and megabytes of snapshots, and seconds of the pages."""
    from django.test import Client, override_settings
    from django.urls import reverse

    from accounts.models import User
    from operations.services import snapshots
    from recommendations.models import Impression

    before = _memory()
    first, hourly = timed(snapshots.take), timed(snapshots.take)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_superuser("administrator@example.org", "secret"))
    pages = {"recommender": "admin:operations_recommender", "business": "admin:operations_business"}
    pages |= {"how_good": "operations:how-good"}

    def open_page(name: str) -> None:
        response = client.get(reverse(name), secure=True)
        if response.status_code != 200:
            raise RuntimeError(f"{name} answered {response.status_code}.")

    # Signing in is not what is measured.
    with override_settings(STAFF_SECOND_FACTOR=False):
        seconds = {
            page: max(timed(functools.partial(open_page, name)) for _ in range(2)) for page, name in pages.items()
        }
    return {
        "impressions": Impression.objects.count(),
        "seconds_are": "by the clock on the wall, on the processor",
        "all_days": first,
        "hourly": hourly,
        **seconds,
        "megabytes": round(_memory()),
        "megabytes_before": round(before),
    }


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def _in_django(function: Callable[[], Any]) -> Any:
    import django

    django.setup()
    return function()


def main() -> None:
    """Build in one process and measure in another, whose memory is then that of the site alone."""
    with tempfile.TemporaryDirectory(prefix="kindred-bench-") as directory:
        os.environ |= {"DATA_DIR": directory, "DEBUG": "0", "DEMO": "0", "SECRET_KEY": "of a measurement " * 4}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "matchsite.settings", "LOG_LEVEL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        context = multiprocessing.get_context("spawn")
        for function in (build, measure):
            with context.Pool(1) as pool:
                figures = pool.apply(_in_django, (function,))
        results.record("dashboard", figures)


if __name__ == "__main__":
    main()
