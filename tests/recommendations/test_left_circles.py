"""When somebody leaves a circle, lists forget that it was there where two met."""

import pytest

from accounts.services import circles
from recommendations import tasks
from recommendations.models import Impression
from tests.builders import make_circle
from tests.population import make_active_versions, make_placed_member
from tests.recommendations.builders import make_impression

pytestmark = pytest.mark.django_db


def test_traces_of_who_left_are_forgotten_and_others_kept() -> None:
    make_active_versions()
    ada, ben, cleo = (make_placed_member(seed=seed) for seed in range(3))
    circle = make_circle(ada, ben, cleo)
    pairs = [(ada, ben), (ben, ada), (ada, cleo)]
    rows = [make_impression(*pair, circle=circle, filters=f"in={circle.pk}") for pair in pairs]
    circles.leave(user=ben, circle=circle)
    tasks.forget_left_circles()
    kept = {row.pk: (row.circle, row.filters) for row in Impression.objects.select_related("circle")}
    assert [kept[row.pk] for row in rows] == [(None, ""), (None, ""), (circle, f"in={circle.pk}")]
