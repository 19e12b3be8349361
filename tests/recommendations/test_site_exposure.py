"""Attention on the site: counted with each list, priced once a day, and whoever waits is lifted in time."""

import datetime
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import Preference, Purpose, User
from ml.exposure import PRESSING_AFTER, SHARE, STEP
from recommendations import tasks
from recommendations.models import Exposure, Impression, Match, SlotPolicy
from recommendations.services import exposure, lists
from recommendations.services.population import of as population_of
from recommendations.services.publishing import active_preference_version
from surveys.models import MeasurementVersion
from tests.recommendations.builders import make_people

FRIEND = Purpose.FRIEND
DAY = datetime.timedelta(days=1)

pytestmark = pytest.mark.django_db


def shown(viewer: User, *, now: datetime.datetime | None = None) -> list[Impression]:
    rng = np.random.default_rng(0)
    return list(lists.list_for(viewer=viewer, purpose=FRIEND, rng=rng, now=now).impressions)


def of(user: User) -> Exposure:
    return Exposure.objects.get(user=user, purpose=FRIEND)


def wait(user: User, days: float) -> None:
    """Let somebody have waited so long, known by sight."""
    values = {"waits_since": timezone.now() - days * DAY, "updated_at": timezone.now(), "n_shown": 50}
    Exposure.objects.update_or_create(user=user, purpose=FRIEND, defaults=values)


def test_who_is_shown_is_counted_and_begins_to_wait_anew(version: MeasurementVersion) -> None:
    people = make_people(version, 20)
    now = timezone.now()
    impressions = shown(people[0], now=now)
    assert {row.user_id for row in Exposure.objects.all()} == {one.shown_id for one in impressions}
    assert {(row.n_shown, row.n_since_priced, row.waits_since) for row in Exposure.objects.all()} == {(1, 1, now)}
    shown(people[0], now=now)
    assert {row.n_shown for row in Exposure.objects.all()} == {1}


def test_who_waits_long_is_lifted_into_the_next_list_that_may_hold_them(version: MeasurementVersion) -> None:
    people = make_people(version, 40)
    for user in people:
        wait(user, 0.1)
    viewer = people[0]
    without = {one.shown_id: one.slot_policy for one in shown(viewer)}
    last = next(user for user in people[1:] if user.pk not in without)
    Impression.objects.all().delete()
    wait(last, PRESSING_AFTER + 0.5)
    with_them = {one.shown_id: one.slot_policy for one in shown(viewer)}
    assert with_them[last.pk] == SlotPolicy.BOOSTED
    assert len(with_them) == len(without) == 12


def test_nothing_is_promised_to_who_was_not_here_lately(version: MeasurementVersion) -> None:
    people = make_people(version, 40)
    for user in people:
        wait(user, 0.1)
    away = people[39]
    User.objects.filter(pk=away.pk).update(joined_on=timezone.localdate() - 60 * DAY)
    wait(away, 30)
    now = timezone.now()
    exposure.tend(now=now)
    assert not of(away).is_waiting
    assert away.pk not in {one.shown_id for one in shown(people[0]) if one.slot_policy == SlotPolicy.BOOSTED}
    away.visits.create(last_seen_at=now)
    exposure.tend(now=now)
    assert (of(away).is_waiting, of(away).waits_since) == (True, now)


def test_everybody_who_is_open_for_a_purpose_begins_to_wait(version: MeasurementVersion) -> None:
    people = make_people(version, 3)
    tasks.tend_exposure()
    assert {row.user_id for row in Exposure.objects.filter(purpose=FRIEND)} == {user.pk for user in people}
    assert not Exposure.objects.filter(purpose=Purpose.DATE).exists()


def test_prices_rise_once_a_day_for_who_is_shown_more_than_their_share(version: MeasurementVersion) -> None:
    people = make_people(version, 4)
    now = timezone.now()
    exposure.tend(now=now)
    Exposure.objects.filter(user=people[0]).update(n_since_priced=40)
    exposure.tend(now=now + DAY / 2)
    assert of(people[0]).price == 0
    exposure.tend(now=now + DAY)
    assert of(people[0]).price == pytest.approx(STEP * (4 - SHARE))
    assert of(people[1]).price == 0
    assert of(people[0]).n_since_priced == 0
    exposure.tend(now=now + 2 * DAY)
    assert of(people[0]).price < STEP * (4 - SHARE) or of(people[0]).n_since_priced == 0


def test_a_price_moves_somebody_down(version: MeasurementVersion) -> None:
    people = make_people(version, 40)
    for user in people:
        wait(user, 0.1)
    first = shown(people[0])
    ranked = [one for one in first if one.slot_policy == SlotPolicy.RANKED]
    dear = ranked[0].shown_id
    Impression.objects.all().delete()
    Exposure.objects.filter(user=dear).update(price=4.0, updated_at=timezone.now())
    again = [one.shown_id for one in shown(people[0]) if one.slot_policy == SlotPolicy.RANKED]
    assert dear not in again


def test_what_a_process_knows_of_attention_follows_the_database(version: MeasurementVersion) -> None:
    people = make_people(version, 5)
    preference = active_preference_version()
    assert preference is not None
    population = population_of(version=preference, purpose=FRIEND)

    def known(user: User) -> tuple[float, int, float]:
        with population.hold(now=timezone.now()) as everybody:
            row = everybody.facts.position_of(user.pk)
            return everybody.price[row].item(), everybody.n_shown[row].item(), everybody.waited[row].item()

    assert known(people[0]) == (0.0, 0, 0.0)
    wait(people[0], 3.0)
    Exposure.objects.update(price=1.5)
    price, n_shown, waited = known(people[0])
    assert (price, n_shown) == (1.5, 50)
    assert waited == pytest.approx(3.0, abs=0.01)


def test_a_wait_is_no_part_of_what_others_see(version: MeasurementVersion, client: Any) -> None:
    people = make_people(version, 15)
    wait(people[1], 6.0)
    client.force_login(people[0])
    page = client.get("/people/").content.decode()
    assert "waited" not in page.lower()


def test_who_has_no_room_left_is_told_so(version: MeasurementVersion, client: Any) -> None:
    people = make_people(version, 6)
    Preference.objects.filter(user=people[0]).update(room=1)
    low, high = sorted(user.pk for user in people[:2])
    Match.objects.create(low_id=low, high_id=high, purpose=FRIEND, last_message_at=timezone.now())
    client.force_login(people[0])
    assert "Your conversations take all your room" in client.get("/people/").content.decode()
    assert people[0].pk not in {one.shown_id for one in shown(people[2])}
