"""Reading the published file, and the rules of cleaning."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ml import responses
from ml.items import N_ITEMS
from ml.responses import ITEM_COLUMNS

FACTS = ["age", "gender", "accuracy", "country", "source", "elapsed"]


def file_of(*rows: list[str], columns: list[str] | None = None) -> io.BytesIO:
    header = columns or [*ITEM_COLUMNS, *FACTS]
    lines = ["\t".join(f'"{name}"' for name in header), *("\t".join(row) for row in rows)]
    return io.BytesIO(("\r\n".join(lines) + "\r\n").encode())


def row_of(answer: str = "3", **facts: str) -> list[str]:
    usual = {"age": "30", "gender": "2", "accuracy": "90", "country": "DE", "source": "1", "elapsed": "900"}
    return [answer] * N_ITEMS + list((usual | facts).values())


def varied_answers(n: int, seed: int = 0) -> NDArray[np.int8]:
    return np.random.default_rng(seed).integers(1, 6, size=(n, N_ITEMS)).astype(np.int8)


class TestReading:
    def test_keeps_every_row_as_published(self) -> None:
        read = responses.read_published(file_of(row_of("5", country="NA"), row_of("0", country="", age="2147483647")))
        assert read.answers.shape == (2, N_ITEMS)
        assert read.answers.dtype == np.int8
        assert read.country == ["NA", ""]
        assert read.age.tolist() == [30, 2147483647]
        assert read.elapsed.dtype == np.int64

    def test_opens_the_archive_too(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("16PF/data.csv", file_of(row_of()).getvalue())
        assert len(responses.read_published(tmp_path / "a.zip")) == 1

    def test_refuses_an_archive_without_the_file(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("readme.txt", "nothing")
        with pytest.raises(ValueError, match=r"no single data\.csv"):
            responses.read_published(tmp_path / "a.zip")

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (file_of(row_of("7")), "whole numbers from 0"),
            (file_of(row_of("-1")), "whole numbers from 0"),
            (file_of(row_of("x")), "something other than whole numbers"),
            (file_of(row_of("2.5")), "something other than whole numbers"),
            (file_of(row_of(age="")), "age holds something other"),
            (file_of(["3", "3"], columns=["A1", "A2"]), "columns are not those"),
            (file_of([*row_of(), "1", "2"], row_of()), "cannot be read|columns are not those|something other"),
            (io.BytesIO(b""), "cannot be read"),
            (io.BytesIO(b"\xff\xfe\x00\x01"), "cannot be read|columns"),
        ],
    )
    def test_says_in_one_sentence_what_is_wrong(self, content: io.BytesIO, reason: str) -> None:
        with pytest.raises(ValueError, match=reason) as refused:
            responses.read_published(content)
        assert "\n" not in str(refused.value)


class TestChecking:
    @pytest.mark.parametrize(
        ("answers", "reason"),
        [
            (np.zeros((2, 162)), "163 columns"),
            (np.zeros(N_ITEMS), "163 columns"),
            (np.full((1, N_ITEMS), 6), "from 0"),
            (np.full((1, N_ITEMS), -1), "from 0"),
            (np.full((1, N_ITEMS), 2.5), "whole"),
            (np.full((1, N_ITEMS), np.nan), "NaN"),
            (np.full((1, N_ITEMS), np.inf), "from 0"),
            (np.full((1, N_ITEMS), "a"), "numbers"),
        ],
    )
    def test_refuses_what_is_no_answer(self, answers: NDArray[np.generic], reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            responses.check_answers(answers)

    def test_takes_any_whole_numbers(self) -> None:
        checked = responses.check_answers(np.full((1, N_ITEMS), 4.0))
        assert checked.dtype == np.int8
        assert (checked == 4).all()


class TestCleaning:
    def test_an_ordinary_row_stays(self) -> None:
        mask, counts = responses.training_mask(varied_answers(5), age=[30] * 5, accuracy=[90] * 5, elapsed=[900] * 5)
        assert mask.all()
        assert set(counts.values()) == {0}

    def test_each_rule_takes_its_row(self) -> None:
        answers = varied_answers(9)
        answers[0, :17] = 0
        answers[2] = answers[1]
        answers[4, 40:55] = 4
        answers[5] = np.tile([3, 3, 3, 3, 2], 33)[:N_ITEMS]
        elapsed, accuracy, age = np.full(9, 900), np.full(9, 90), np.full(9, 30)
        elapsed[3], accuracy[6], accuracy[7], age[8] = 244, 49, 101, 17
        mask, counts = responses.training_mask(answers, age=age, accuracy=accuracy, elapsed=elapsed)
        assert mask.tolist() == [False, True] + [False] * 7
        assert list(counts.values()) == [1, 1, 1, 1, 1, 2, 1]

    def test_bounds_themselves_stay(self) -> None:
        answers = varied_answers(3)
        answers[0, :16] = 0
        answers[1, :14] = 5
        answers[1, 14] = 1
        facts = {"age": [18, 100, 18], "accuracy": [50, 100, 50], "elapsed": [245, 245, 245]}
        assert responses.training_mask(answers, **facts)[0].all()  # type: ignore[arg-type]

    def test_a_row_counts_under_its_first_reason(self) -> None:
        answers = np.zeros((1, N_ITEMS), dtype=np.int8)
        _, counts = responses.training_mask(answers, elapsed=[1])
        assert counts[responses.MISSING] == 1
        assert sum(counts.values()) == 1

    def test_a_repeat_of_a_row_that_is_left_out_stays(self) -> None:
        answers = varied_answers(1).repeat(3, axis=0)
        mask, counts = responses.training_mask(answers)
        assert mask.tolist() == [True, False, False]
        assert counts[responses.REPEATED] == 2

    def test_unknown_ages_stay_and_minors_can_be_kept(self) -> None:
        answers, age = varied_answers(3), [2147483647, 15, 40]
        assert responses.training_mask(answers, age=age)[0].tolist() == [True, False, True]
        assert responses.training_mask(answers, age=age, include_minors=True)[0].all()
        assert responses.is_adult(age).tolist() == [False, False, True]

    def test_refuses_a_column_of_another_length(self) -> None:
        with pytest.raises(ValueError, match="elapsed must have one value a row"):
            responses.training_mask(varied_answers(2), elapsed=[900])

    def test_does_not_change_its_input(self) -> None:
        answers = varied_answers(4)
        before = answers.copy()
        responses.training_mask(answers, elapsed=[1, 2, 3, 4])
        np.testing.assert_array_equal(answers, before)

    def test_no_rows_are_no_error(self) -> None:
        mask, counts = responses.training_mask(np.zeros((0, N_ITEMS)), age=[], accuracy=[], elapsed=[])
        assert mask.shape == (0,)
        assert set(counts.values()) == {0}

    @pytest.mark.dataset
    def test_published_rows_are_counted(self, seed_dataset: Path) -> None:
        published = responses.read_published(seed_dataset)
        assert len(published) == 49_159
        assert int((published.answers == 0).sum()) == 98_919
        assert published.country.count("NA") == 7
        assert published.country.count("") == 10
        facts = {"age": published.age, "accuracy": published.accuracy, "elapsed": published.elapsed}
        mask, counts = responses.training_mask(published.answers, include_minors=True, **facts)  # type: ignore[arg-type]
        assert list(counts.values()) == [646, 113, 301, 172, 8, 391]
        assert int(mask.sum()) == 47_528
        assert int((published.answers[mask] > 0).all(axis=1).sum()) == 34_722
        without_minors, counts = responses.training_mask(published.answers, **facts)  # type: ignore[arg-type]
        assert counts[responses.MINOR] == 11_590
        assert int(without_minors.sum()) == 35_938


class TestQualityFlags:
    def test_an_ordinary_sheet_has_none(self) -> None:
        assert responses.quality_flags(varied_answers(1)[0], seconds=900) == ()

    def test_names_what_is_unusual(self) -> None:
        answers = varied_answers(1)[0]
        answers[3:18] = 2
        assert responses.quality_flags(answers) == ("straight-lining",)
        assert responses.quality_flags(np.tile([3, 3, 3, 4], 41)[:N_ITEMS]) == ("flat",)
        assert responses.quality_flags(varied_answers(1)[0], seconds=244) == ("fast",)

    def test_pace_is_judged_by_what_was_answered(self) -> None:
        answers = varied_answers(1)[0]
        answers[20:] = 0
        assert responses.quality_flags(answers, seconds=31) == ()
        assert responses.quality_flags(answers, seconds=29) == ("fast",)

    def test_too_little_is_not_judged(self) -> None:
        answers = np.zeros(N_ITEMS, dtype=np.int8)
        answers[:3] = 3
        assert responses.quality_flags(answers, seconds=1) == ()
