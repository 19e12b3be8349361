"""The item bank."""

import html
import re
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ml.items import GLOBAL_FACTORS, GLOBALS, ITEMS, KEYED, N_ITEMS, SCALE_OF, SCALES, scoring_weights

POSITIVE = dict(zip("ABCDEFGHIJKLMNOP", (7, 8, 5, 6, 6, 5, 5, 6, 6, 7, 5, 7, 5, 7, 5, 7), strict=True))


def test_bank_has_163_items_in_file_order() -> None:
    sizes = Counter(item.scale for item in ITEMS)
    assert N_ITEMS == len(ITEMS) == 163
    assert sizes == {letter: 13 if letter == "B" else 10 for letter in POSITIVE}
    assert [item.code for item in ITEMS] == [f"{s}{i + 1}" for s in POSITIVE for i in range(sizes[s])]


def test_positively_keyed_items_come_first_in_each_scale() -> None:
    for letter, n_positive in POSITIVE.items():
        keyed = [item.keyed for item in ITEMS if item.scale == letter]
        assert keyed == [1] * n_positive + [-1] * (len(keyed) - n_positive)


def test_texts_are_plain_english_statements() -> None:
    assert ITEMS[0].text == "I know how to comfort others"
    assert len({item.text for item in ITEMS}) == N_ITEMS
    for item in ITEMS:
        assert re.fullmatch(r"I [a-zA-Z,'\- ]+[a-z']", item.text), item.text


def test_scales_stand_for_cattells_factors() -> None:
    assert "".join(scale.letter for scale in SCALES) == "ABCDEFGHIJKLMNOP"
    assert " ".join(scale.cattell for scale in SCALES) == "A B C E F G H I L M N O Q1 Q2 Q3 Q4"
    assert len({scale.name for scale in SCALES}) == 16


def test_global_factors_name_known_scales() -> None:
    assert GLOBALS == ("Extraversion", "Anxiety", "Tough-mindedness", "Independence", "Self-control")
    letters = {scale.letter for scale in SCALES}
    for factor in GLOBAL_FACTORS:
        assert {letter for letter, _ in factor.pattern} <= letters


def test_scoring_averages_each_scale_in_its_keyed_direction() -> None:
    answers = np.full(N_ITEMS, 3.0)
    answers[SCALE_OF == 2] += KEYED[SCALE_OF == 2]
    middle = scoring_weights() @ np.full(N_ITEMS, 3.0)
    moved = scoring_weights() @ answers - middle
    np.testing.assert_allclose(moved, np.eye(16)[2], atol=1e-12)


def test_shared_arrays_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        KEYED[0] = 0


@pytest.mark.dataset
def test_texts_are_those_of_the_published_codebook(seed_dataset: Path) -> None:
    with zipfile.ZipFile(seed_dataset) as archive:
        codebook = archive.read("16PF/codebook.html").decode()
    published = dict(re.findall(r'<td>([A-P]\d+)</td>\s*<td>INTEGER</td>\s*<td>"(.*?)" rated', codebook))
    # The codebook forgets the last item; its text is that of the item pool's scale.
    assert set(published) == {item.code for item in ITEMS} - {"P10"}
    for item in ITEMS[:-1]:
        assert html.unescape(published[item.code]) == item.text
