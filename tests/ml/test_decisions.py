"""Reading people and decisions: what is understood, and what is refused with a sentence."""

from pathlib import Path

import numpy as np
import pytest

from ml import decisions
from ml.decisions import DecisionsError

PEOPLE = "id,group,height,cat:field\na,1,170,law\nb,1,,art\nc,2,190,law\n"
SAID = "actor_id,target_id,liked,split\na,b,1,train\nb,a,0,test\n"


def write(directory: Path, people: str | bytes = PEOPLE, said: str | bytes = SAID) -> tuple[Path, Path]:
    """Write both files and return where they are."""
    paths = directory / "people.csv", directory / "decisions.csv"
    for path, content in zip(paths, (people, said), strict=True):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return paths


def test_both_files_are_understood(tmp_path: Path) -> None:
    read = decisions.read(*write(tmp_path))
    assert (len(read.people), len(read), read.has_groups) == (3, 2, True)
    assert read.groups[0] == read.groups[1] != read.groups[2]
    assert read.liked.tolist() == [True, False]
    assert read.is_test.tolist() == [False, True]
    assert not read.notes


def test_numbers_are_standardised_gaps_and_categories_get_indicators(tmp_path: Path) -> None:
    factors = decisions.read(*write(tmp_path)).people.factors
    # Height, whether it is missing, and one indicator for two fields.
    assert factors.shape == (3, 3)
    assert factors[:, 0].tolist() == [-1.0, 0.0, 1.0]
    assert factors[:, 1] == pytest.approx(2 * np.array([-1 / 3, 2 / 3, -1 / 3]))
    assert np.abs(factors.mean(axis=0)).max() < 1e-6


def test_columns_missing_for_the_same_people_share_one_indicator() -> None:
    gap = np.array([1.0, np.nan, 3.0, 5.0])
    factors, _ = decisions.factors_of({"a": gap, "b": gap**2}, {})
    assert factors.shape == (4, 3)


def test_likeness_is_minus_half_the_squared_distance_by_factor() -> None:
    factors = np.random.default_rng(0).standard_normal((5, 4))
    people = decisions.people_of(factors)
    distance = ((factors[0] - factors[3]) ** 2).sum()
    assert people.likeness(np.array([0]), np.array([3]))[0] == pytest.approx(-distance / 2 / 4, abs=1e-5)


def test_constant_columns_are_named_and_left_out() -> None:
    factors, notes = decisions.factors_of({"same": np.ones(3), "gone": np.full(3, np.nan)}, {"cat:one": ["x"] * 3})
    assert factors.tolist() == [[0.0]] * 3
    assert "'same', 'gone', 'cat:one'" in notes[0]


def test_a_byte_order_mark_and_spaces_do_no_harm(tmp_path: Path) -> None:
    said = "\ufeffactor_id, target_id ,liked,split\r\na,b,1.0,train\r\n"
    assert len(decisions.read(*write(tmp_path, "\ufeff" + PEOPLE, said))) == 1


def test_the_last_decision_counts_by_row_or_by_time(tmp_path: Path) -> None:
    said = "actor_id,target_id,liked,split\na,b,1,train\na,b,0,train\na,b,0,train\n"
    read = decisions.read(*write(tmp_path, said=said))
    assert read.liked.tolist() == [False]
    assert "2 decisions were followed by another on the same person, 1 of them by the opposite" in read.notes[0]
    timed = "actor_id,target_id,liked,split,time\na,b,1,train,2026-05-02\na,b,0,train,2026-05-01\n"
    assert decisions.read(*write(tmp_path, said=timed)).liked.tolist() == [True]


def test_somebody_without_a_group_is_a_group_of_their_own(tmp_path: Path) -> None:
    read = decisions.read(*write(tmp_path, "id,group,x\na,,1\nb,,2\nc,g,3\n"))
    assert len(np.unique(read.groups)) == 3


@pytest.mark.parametrize(
    ("people", "said", "sentence"),
    [
        ("", SAID, "people.csv is empty"),
        ("id,x\n", SAID, "holds no row"),
        ("x\n1\n", SAID, "has no column 'id'"),
        ("id,x\na,1\na,2\n", SAID, "occurs a second time"),
        ("id,x\n,1\n", SAID, "the id is empty"),
        ("id,x,x\na,1,2\n", SAID, "names a column twice"),
        ("id,x\na,1,2\n", SAID, "3 cells, where 2 are expected"),
        ("id,x\na,tall\nb,1\n", SAID, "no finite number"),
        ("id,x\na,NaN\nb,1\n", SAID, "no finite number"),
        ("id,x\na,inf\nb,1\n", SAID, "no finite number"),
        ("id,x\na,1\nb,\xff\n".encode("latin-1"), SAID, "not UTF-8"),
        ('id,x\na,"1\nb,2\n', SAID, "no table"),
        (PEOPLE, "", "decisions.csv is empty"),
        (PEOPLE, "actor_id,target_id,liked\na,b,1\n", "has no column 'split'"),
        (PEOPLE, "actor_id,target_id,liked,split\nz,b,1,train\n", "nobody has this actor_id"),
        (PEOPLE, "actor_id,target_id,liked,split\na,z,1,train\n", "nobody has this target_id"),
        (PEOPLE, "actor_id,target_id,liked,split\na,a,1,train\n", "judges themselves"),
        (PEOPLE, "actor_id,target_id,liked,split\na,b,2,train\n", "liked must be 0 or 1"),
        (PEOPLE, "actor_id,target_id,liked,split\na,b,,train\n", "liked must be 0 or 1"),
        (PEOPLE, "actor_id,target_id,liked,split\na,b,1,later\n", "split must be train or test"),
        (PEOPLE, "actor_id,target_id,liked,split,time\na,b,1,test,soon\n", "time must be a number or a date"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, people: str | bytes, said: str, sentence: str
) -> None:
    with pytest.raises(DecisionsError, match=sentence):
        decisions.read(*write(tmp_path, people, said))


def test_a_missing_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DecisionsError, match=r"absent.csv cannot be read"):
        decisions.read(tmp_path / "absent.csv", tmp_path / "absent.csv")
