"""The wheel draws what it is told: points where the percentiles are, kin beside kin, and every number in words too."""

import math
import re
import uuid

import pytest
from django.template import Context, Template
from django.utils import translation

from accounts.templatetags import avatars
from ml.items import SCALES
from surveys import wheel
from surveys.templatetags import pictures
from surveys.wheel import Reading

NAMES = [scale.name for scale in SCALES]
PERCENTILES = [5.0 * number + 10 for number in range(len(NAMES))]
BANDED = [Reading(name, value, value - 8, value + 8) for name, value in zip(NAMES, PERCENTILES, strict=True)]
CERTAIN = [{"name": name, "percentile": value} for name, value in zip(NAMES, PERCENTILES, strict=True)]


def drawn(source: str, **context: object) -> str:
    return Template("{% load pictures avatars %}" + source).render(Context(context))


def from_centre(where: tuple[float, float]) -> float:
    return math.hypot(where[0] - wheel.CENTRE_X, where[1] - wheel.CENTRE_Y)


def test_the_first_axis_points_up_and_the_fifth_to_the_right() -> None:
    assert wheel.point(0, 100, 16) == pytest.approx((wheel.CENTRE_X, wheel.CENTRE_Y - wheel.RADIUS))
    assert wheel.point(4, 100, 16) == pytest.approx((wheel.CENTRE_X + wheel.RADIUS, wheel.CENTRE_Y))


@pytest.mark.parametrize("percentile", [0, 25, 50, 100])
def test_a_percentile_lies_on_its_ring(percentile: float) -> None:
    for index in range(16):
        assert from_centre(wheel.point(index, percentile, 16)) == pytest.approx(wheel.ring(percentile))


def test_the_curve_passes_through_every_point_and_closes() -> None:
    path = wheel.curve(PERCENTILES)
    ends = re.findall(r"(?:M|C[\d.]+ [\d.]+ [\d.]+ [\d.]+ )([\d.]+) ([\d.]+)", path)
    assert len(ends) == len(PERCENTILES) + 1
    for end, (index, value) in zip(ends, [*enumerate(PERCENTILES), (0, PERCENTILES[0])], strict=True):
        assert [float(number) for number in end] == pytest.approx(wheel.point(index, value, 16), abs=0.06)
    assert path.endswith("Z")


def test_equal_percentiles_make_almost_a_circle() -> None:
    numbers = [float(number) for number in re.findall(r"[\d.]+", wheel.curve([50.0] * 16))]
    distances = [from_centre(where) for where in zip(numbers[::2], numbers[1::2], strict=True)]
    assert min(distances) > wheel.ring(50) - 1
    assert max(distances) < wheel.ring(50) + 1


def test_the_order_names_each_factor_once() -> None:
    assert sorted(wheel.ORDER) == sorted(NAMES)


def test_arranging_keeps_each_reading_with_its_name_and_changes_nothing() -> None:
    before = list(BANDED)
    arranged = wheel.arranged(BANDED)
    assert [reading.name for reading in arranged] == list(wheel.ORDER)
    assert set(arranged) == set(BANDED)
    assert before == BANDED


def test_names_stay_inside_the_picture() -> None:
    for axis in wheel.axes(wheel.ORDER):
        # Half an em a letter is what sans-serif type takes on average; the drawing's letters are 12 units high.
        length = 6 * len(axis.name)
        left = {"start": 0, "middle": length / 2, "end": length}[axis.anchor]
        assert axis.label_x - left >= 0
        assert axis.label_x - left + length <= wheel.WIDTH
        assert 0 < axis.label_y < wheel.HEIGHT


def test_names_do_not_stand_on_each_other() -> None:
    axes = wheel.axes(wheel.ORDER)
    for one, other in zip(axes, [*axes[1:], axes[0]], strict=True):
        is_same_side = one.anchor == other.anchor != "middle"
        assert not is_same_side or abs(one.label_y - other.label_y) > 12


def test_the_picture_says_every_number_in_words() -> None:
    page = drawn("{% wheel factors 'Your wheel' %}", factors=BANDED)
    label = re.search(r'role="img" aria-label="([^"]+)"', page)
    assert label is not None
    assert label[1].startswith("Your wheel, in percentiles: Warmth 10, ")
    assert all(f"{reading.name} {reading.percentile:.0f}" in label[1] for reading in BANDED)


def test_a_band_is_drawn_only_where_answers_leave_room() -> None:
    assert 'class="band"' in drawn("{% wheel factors %}", factors=BANDED)
    assert 'class="band"' not in drawn("{% wheel factors %}", factors=CERTAIN)


def test_two_people_share_a_wheel_and_a_legend_without_bands() -> None:
    source = "{% wheel one 'Two' other=two name='You' other_name=stranger %}"
    page = drawn(source, one=BANDED, two=CERTAIN, stranger="<Ana>")
    assert page.count('class="shape') == 2
    assert 'class="band"' not in page
    assert "Warmth 10 / 10" in page
    assert "<Ana>" not in page
    assert '<span class="other">&lt;Ana&gt;</span>' in page


def test_two_people_of_different_factors_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        pictures.wheel(BANDED, other=CERTAIN[:3])


def test_an_emblem_has_no_names() -> None:
    page = drawn("{% emblem factors 'pine' %}", factors=CERTAIN)
    assert 'class="emblem pine"' in page
    assert "<text" not in page


def test_an_interval_reaches_from_low_to_high() -> None:
    page = drawn("{% interval factor %}", factor={"name": "Calm", "percentile": 40, "low": 30, "high": 55})
    assert 'x="30.0%" y="7" width="25.0%"' in page
    assert 'x="40.0%"' in page


@pytest.mark.parametrize("label", [1, 3, 5])
def test_a_meter_fills_as_many_segments_as_the_label_says(label: int) -> None:
    page = drawn("{% meter label %}", label=label)
    assert page.count("meter-value") == label
    assert page.count("meter-track") == 5 - label


def test_numbers_are_written_as_svg_reads_them_in_every_language() -> None:
    with translation.override("de"):
        assert not re.search(r'="\d+,\d+"', drawn("{% wheel factors %}{% emblem factors %}", factors=BANDED))


def test_an_avatar_follows_from_the_public_id_alone() -> None:
    one, other = uuid.UUID(int=2**100 + 1), uuid.UUID(int=2**120 + 2)
    assert avatars.avatar(one, "Ana") == avatars.avatar(one, "Ana")
    assert avatars.avatar(one, "Ana")["body"] == avatars.avatar(one, "Tom")["body"]
    assert avatars.avatar(one, "Ana")["body"] != avatars.avatar(other, "Ana")["body"]
    assert avatars.avatar(one, "ana")["initial"] == "A"


def test_an_avatar_stays_inside_its_square() -> None:
    for number in range(50):
        path = avatars.blob(uuid.uuid5(uuid.NAMESPACE_OID, str(number)).bytes[:4], avatars.HALO_RADIUS)
        assert all(0 <= float(value) <= 2 * avatars.CENTRE for value in re.findall(r"[\d.]+", path))
